import type { EpochMs } from '../domain/time.ts';
import { paceOf, type StepParts, setPace, type Target } from './step-parts.ts';

/** What came of one try to prove an instance, and when. */
export interface Try<Outcome> {
  readonly outcome: Outcome;
  /** Since when it was known where to try. */
  readonly since: EpochMs;
  readonly endedAt: EpochMs;
  readonly durationMs: number;
}

/** A try that took longer than the interval has been pause enough. */
const RESPITE_MS = 500;

/**
 * Tries once. The next try is not before an interval has passed since the beginning of one that proved nothing, nor at once after
 * its end: a host that keeps a connection waiting may have come up meanwhile.
 */
export async function tryOnce<Outcome>(
  parts: StepParts,
  { session }: Pick<Target, 'session'>,
  way: { attempt(): Promise<Outcome>; isProof(outcome: Outcome): boolean },
): Promise<Try<Outcome>> {
  const { clock, policy } = parts;
  const since = paceOf(parts, session.id).addressAt ?? clock.now();
  setPace(parts, session.id, {
    addressAt: since,
    proveNotBefore: clock.now() + policy.proofIntervalMs,
  });
  const startedMs = clock.monotonicMs();
  const outcome = await attempted(parts, session, way);
  const durationMs = clock.monotonicMs() - startedMs;
  const endedAt = clock.now();
  if (!way.isProof(outcome)) {
    const pauseMs = Math.max(RESPITE_MS, policy.proofIntervalMs - durationMs);
    setPace(parts, session.id, { proveNotBefore: endedAt + pauseMs });
  }
  return { outcome, since, endedAt, durationMs };
}

/** However it breaks off: what stays among those that are tried keeps others from being. */
async function attempted<Outcome>(
  { proving }: StepParts,
  { id }: Target['session'],
  way: { attempt(): Promise<Outcome> },
): Promise<Outcome> {
  proving.add(id);
  try {
    return await way.attempt();
  } finally {
    proving.delete(id);
  }
}
