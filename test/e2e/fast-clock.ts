import type { Clock } from '../../src/ports/clock.ts';
import { systemClock } from '../../src/system/clock.ts';

/** The machine's time at another pace, so that minutes of waiting fit into a test of real processes. */
export function fastClock(speed: number, originMs: number): Clock {
  return {
    now: () => originMs + Math.floor((systemClock.now() - originMs) * speed),
    monotonicMs: () => systemClock.monotonicMs() * speed,
    after: (delayMs, callback) => systemClock.after(delayMs / speed, callback),
  };
}
