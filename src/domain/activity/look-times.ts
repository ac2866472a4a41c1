import type { Policy } from '../policy.ts';
import type { Session } from '../session.ts';
import { type EpochMs, MINUTE_MS } from '../time.ts';

/** Of a short threshold, looks are no further apart than one part in so many: one alone says nothing. */
const LOOKS_PER_THRESHOLD = 3;
/** Of the time between two looks, the part that varies: what comes every minute would else always fall between them. */
const VARYING_SHARE = 0.25;

/**
 * When a machine whose idleness ends its session is looked into after a look at `at`: an interval later at the latest, and at the
 * moment of the end if that comes before.
 */
export function nextLookAt(session: Session, at: EpochMs, policy: Policy): EpochMs {
  const thresholdMs = session.request.idleThresholdMinutes * MINUTE_MS;
  const intervalMs = Math.min(policy.idleCheckMs, thresholdMs / LOOKS_PER_THRESHOLD);
  const earlierMs = intervalMs * VARYING_SHARE * shareOf(`${session.id} ${at}`);
  const next = Math.round(at + intervalMs - earlierMs);
  const endsAt = session.idleEndsAt ?? (session.idleSince ?? next) + thresholdMs;
  return at < endsAt ? Math.min(next, endsAt) : next;
}

/** A number from 0 to 1 that a text always has, and that has nothing to do with the next one's. */
function shareOf(text: string): number {
  let mixed = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  }
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32;
}
