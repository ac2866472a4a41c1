import { MINUTE_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';

/** Wall-clock time that is off by more than this between two looks was set, or the machine slept. */
const SET_BY_MS = MINUTE_MS;

/**
 * Asked again and again, says whether wall-clock time has gone as evenly as the monotonic one since a while ago. Before the first time
 * that it is asked nothing is known, so that a process which starts with a wrong clock leaves as long to put it right.
 */
export function watchForSetClock(clock: Clock, evenForMs: number): () => boolean {
  let aheadMs = clock.now() - clock.monotonicMs();
  let evenSinceMs = clock.monotonicMs();
  return () => {
    const monotonicMs = clock.monotonicMs();
    const nowAheadMs = clock.now() - monotonicMs;
    if (Math.abs(nowAheadMs - aheadMs) > SET_BY_MS) evenSinceMs = monotonicMs;
    aheadMs = nowAheadMs;
    return monotonicMs - evenSinceMs >= evenForMs;
  };
}
