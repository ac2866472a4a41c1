import type { Observation } from '../../domain/instance.ts';
import { type EpochMs, MINUTE_MS } from '../../domain/time.ts';
import type { VastaiClient } from './client.ts';

export interface CreditWatch {
  /** Dollars now; undefined when the account does not show them. */
  read(): Promise<number | undefined>;
  /** The observation with lack of credit as the cause of a stop that nothing else explains, where that is known. */
  readonly explain: (observation: Observation) => Observation;
}

/** How long what was read of the account explains stops, and how long an account that was asked is left in peace. */
const FRESH_MS = MINUTE_MS;

/**
 * Without credit the marketplace stops everything, and no row says so. So a stop without a cause has the account looked at,
 * beside the list and not before it: a list must not wait, and the next one has the answer.
 */
export function creditWatch(client: Pick<VastaiClient, 'credit'>, now: () => EpochMs): CreditWatch {
  let known: { readonly usd: number | undefined; readonly at: EpochMs } | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;

  async function read(): Promise<number | undefined> {
    askedAt = now();
    const usd = await client.credit();
    known = { usd, at: now() };
    return usd;
  }

  function lookBeside(): void {
    if (Math.abs(now() - askedAt) < FRESH_MS) return;
    // A failure is on record by the transport; without an answer the stop stays unexplained.
    read().catch(() => undefined);
  }

  function explain(observation: Observation): Observation {
    if (!isUnexplained(observation)) return observation;
    lookBeside();
    const isFresh = known !== undefined && now() - known.at <= 2 * FRESH_MS;
    const isSpent = isFresh && known?.usd !== undefined && known.usd <= 0;
    return isSpent ? { ...observation, stopCause: 'out_of_credit' } : observation;
  }

  return { read, explain };
}

function isUnexplained({ phase, stopCause, isStartPending }: Observation): boolean {
  return phase === 'stopped' && stopCause === undefined && isStartPending !== true;
}
