import { type FailureKind, ProviderFailure } from '../../../domain/errors.ts';
import type { Span } from '../../../domain/money.ts';
import { type EpochMs, HOUR_MS } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { AccountStatement, Charge } from '../../../ports/provider.ts';
import { chargesOver } from '../v0/charges.ts';
import type { V0Client } from '../v0/client.ts';

/** What the old API tells of the account, on which the machines of the new one stand as well. */
export interface AccountDesk {
  balance(): Promise<AccountStatement | undefined>;
  charges(window: Span): Promise<readonly Charge[]>;
}

/** An API that is not there, or not for these credentials, is not asked again sooner. */
const CLOSED_FOR_MS = 6 * HOUR_MS;
/** Answers that say that this account is not told of there. Anything else may be otherwise the next time. */
const CLOSED: readonly FailureKind[] = ['not_found', 'unauthorized', 'malformed', 'invalid'];

/**
 * Nobody has seen the old API's bills since the new one came: what it does not tell is not known, and no fault. It never fails
 * but for reasons that may pass.
 */
export function accountDesk(
  client: Pick<V0Client, 'balance' | 'expenses'>,
  clock: Clock,
): AccountDesk {
  let closedUntil: EpochMs = 0;
  const ask = async <Told>(question: () => Promise<Told>): Promise<Told | undefined> => {
    if (clock.now() < closedUntil) return undefined;
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof ProviderFailure) || !CLOSED.includes(error.kind)) throw error;
      closedUntil = clock.now() + CLOSED_FOR_MS;
      return undefined;
    }
  };
  return {
    balance: () => ask(() => client.balance()),
    charges: async (window) => (await ask(() => chargesOver(client, window))) ?? [],
  };
}
