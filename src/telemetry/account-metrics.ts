import { Gauge, type Registry } from 'prom-client';
import type { Balance } from '../domain/budget.ts';
import type { ProviderName } from '../domain/ids.ts';
import { type MicroUsd, toUsd } from '../domain/money.ts';
import type { Clock } from '../ports/clock.ts';

/** How an account stands; what is unknown is not there. */
export interface AccountFigures {
  readonly provider: ProviderName;
  readonly balance?: Balance;
  readonly burnPerHour?: MicroUsd;
  readonly lastsForMs?: number;
}

const MS_PER_SECOND = 1_000;

/** Shows the accounts; a figure that is not known any more goes away. */
export function createAccountMetrics(
  registry: Registry,
  clock: Clock,
): (accounts: readonly AccountFigures[]) => void {
  const common = { labelNames: ['provider'] as const, registers: [registry] };
  const balances = new Gauge({
    name: 'gpu_account_balance_usd',
    help: 'US dollars on the account at a marketplace, as it last said.',
    ...common,
  });
  const ages = new Gauge({
    name: 'gpu_account_balance_age_seconds',
    help: 'Time since a marketplace last told the balance.',
    ...common,
  });
  const burns = new Gauge({
    name: 'gpu_account_burn_usd_per_hour',
    help: 'US dollars an hour that this broker runs up at a marketplace now.',
    ...common,
  });
  const lasting = new Gauge({
    name: 'gpu_account_left_seconds',
    help: 'How long the balance at a marketplace lasts at what is run up now.',
    ...common,
  });
  return (accounts) => {
    for (const gauge of [balances, ages, burns, lasting]) gauge.reset();
    for (const { provider, balance, burnPerHour, lastsForMs } of accounts) {
      if (balance) {
        balances.set({ provider }, toUsd(balance.amount));
        ages.set({ provider }, Math.max(0, clock.now() - balance.at) / MS_PER_SECOND);
      }
      if (burnPerHour !== undefined) burns.set({ provider }, toUsd(burnPerHour));
      if (lastsForMs !== undefined) lasting.set({ provider }, lastsForMs / MS_PER_SECOND);
    }
  };
}
