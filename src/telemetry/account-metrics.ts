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
  readonly accountBurnPerHour?: MicroUsd;
  readonly lastsForMs?: number;
  readonly spending?: { readonly spent: MicroUsd; readonly expected: MicroUsd };
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
  const accountBurns = new Gauge({
    name: 'gpu_account_total_burn_usd_per_hour',
    help: 'US dollars an hour that all of the account at a marketplace runs up, where it tells.',
    ...common,
  });
  const spent = new Gauge({
    name: 'gpu_account_spent_usd',
    help: 'By how much the balance at a marketplace has fallen since this process began to read it.',
    ...common,
  });
  const expected = new Gauge({
    name: 'gpu_account_expected_usd',
    help: 'What the machines of this broker ran up in the same time: of the rest somebody else, or something unknown, is the cause.',
    ...common,
  });
  return (accounts) => {
    for (const gauge of [balances, ages, burns, accountBurns, lasting, spent, expected]) {
      gauge.reset();
    }
    for (const { provider, balance, burnPerHour, lastsForMs, ...more } of accounts) {
      const show = (gauge: Gauge<'provider'>, value: number | undefined): void => {
        if (value !== undefined) gauge.set({ provider }, value);
      };
      show(balances, usdOf(balance?.amount));
      show(ages, balance && Math.max(0, clock.now() - balance.at) / MS_PER_SECOND);
      show(burns, usdOf(burnPerHour));
      show(accountBurns, usdOf(more.accountBurnPerHour));
      show(spent, usdOf(more.spending?.spent));
      show(expected, usdOf(more.spending?.expected));
      show(lasting, lastsForMs === undefined ? undefined : lastsForMs / MS_PER_SECOND);
    }
  };
}

function usdOf(amount: MicroUsd | undefined): number | undefined {
  return amount === undefined ? undefined : toUsd(amount);
}
