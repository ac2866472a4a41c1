import type { Instance } from '../instance.ts';
import { type EpochMs, MINUTE_MS } from '../time.ts';
import type { Decision, View } from './decision.ts';

/** No wait that is stored or kept is longer than this; one that looks longer was set by another clock, and is over. */
const LONGEST_WAIT_MS = 2 * MINUTE_MS;

export function isAhead(notBefore: EpochMs, now: EpochMs): boolean {
  return now < notBefore && notBefore - now <= LONGEST_WAIT_MS;
}

/** Rest while the instance's own `notBefore` lies ahead. */
export function paced({ notBefore }: Instance, { now }: View): Decision | undefined {
  return notBefore !== undefined && isAhead(notBefore, now)
    ? { kind: 'rest', until: notBefore }
    : undefined;
}

/** Rest until then, or until the time to become usable is over. */
export function soonest(
  notBefore: EpochMs,
  instance: Instance,
  { now }: View,
): Decision | undefined {
  return isAhead(notBefore, now)
    ? { kind: 'rest', until: Math.min(notBefore, instance.readyBy) }
    : undefined;
}
