import { performance } from 'node:perf_hooks';
import type { Cancel, Clock } from '../ports/clock.ts';

/** The longest delay that the machine's timers take (2^31 - 1 ms, about 24.8 days); a longer one would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * The machine's own time. What is scheduled keeps the process alive on purpose: the process ends because
 * everything was closed, never because nothing happened to be waiting.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: schedule,
};

function schedule(delayMs: number, callback: () => void): Cancel {
  let timer: NodeJS.Timeout;
  const arm = (restMs: number): void => {
    const stepMs = Math.min(Math.max(restMs, 0), LONGEST_TIMER_MS);
    timer = setTimeout(() => (restMs > stepMs ? arm(restMs - stepMs) : callback()), stepMs);
  };
  arm(delayMs);
  return () => clearTimeout(timer);
}
