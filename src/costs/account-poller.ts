import { ProviderFailure } from '../domain/errors.ts';
import type { Policy } from '../domain/policy.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { AccountStatement, Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { Recorder } from '../ports/recorder.ts';
import { startAskingLoop } from '../runtime/asking-loop.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import type { Accounts } from './accounts.ts';

export interface AccountPollerParts {
  readonly providers: readonly Provider[];
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly policy: Pick<Policy, 'balanceRefreshMs'>;
}

/** What runs up is read from our own rows, and costs no call. */
const STOCK_INTERVAL_MS = 30 * SECOND_MS;

/** Keeps what is known of the accounts fresh: one loop a marketplace for its balance, and one for what runs up at all. */
export function startAccountPollers(parts: AccountPollerParts): readonly Loop[] {
  const { providers, accounts, clock, recorder } = parts;
  const names = new Set(providers.map(({ name }) => name));
  return [
    startLoop({
      name: 'burn rate',
      clock,
      recorder,
      intervalMs: () => STOCK_INTERVAL_MS,
      body: () => accounts.takeStock(),
    }),
    ...[...names].map((name) => {
      const apis = providers.filter((provider) => provider.name === name);
      return startBalancePoller(parts, name, apis);
    }),
  ];
}

function startBalancePoller(
  parts: AccountPollerParts,
  name: string,
  apis: readonly Provider[],
): Loop {
  const { accounts, clock, policy } = parts;
  return startAskingLoop({
    ...parts,
    name: `balance ${name}`,
    intervalMs: policy.balanceRefreshMs,
    ask: async () => {
      const statement = await firstTold(apis);
      if (statement) accounts.note(name, statement, clock.now());
    },
  });
}

/** The balance by the first of a marketplace's APIs that tells one; fails when one of them failed and none told it. */
async function firstTold(apis: readonly Provider[]): Promise<AccountStatement | undefined> {
  let failure: ProviderFailure | undefined;
  for (const api of apis) {
    try {
      const statement = await api.balance();
      if (statement) return statement;
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      failure = error;
    }
  }
  if (failure) throw failure;
  return undefined;
}
