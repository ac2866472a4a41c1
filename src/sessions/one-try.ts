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

/**
 * Tries once. The next try is not before an interval has passed since the end of one that proved nothing, and since the
 * beginning of one that broke off, such as on a key that cannot be opened: else the deadline would never pass.
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
  parts.proving.add(session.id);
  const outcome = await way.attempt().finally(() => parts.proving.delete(session.id));
  const durationMs = clock.monotonicMs() - startedMs;
  const endedAt = clock.now();
  if (!way.isProof(outcome)) {
    setPace(parts, session.id, { proveNotBefore: endedAt + policy.proofIntervalMs });
  }
  return { outcome, since, endedAt, durationMs };
}
