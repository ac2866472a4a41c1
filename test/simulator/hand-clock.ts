import type { SimClock } from '../../src/simulator/model.ts';

export interface HandClock extends SimClock {
  /** Turns the clock on, running what falls due at its own time. */
  advance(durationMs: number): void;
}

/** 2026-10-01T00:00:00Z */
export const START = 1_790_812_800_000;

export function handClock(): HandClock {
  let now = START;
  const timers: { readonly at: number; readonly callback: () => void }[] = [];
  const takeDue = (until: number) => {
    timers.sort((left, right) => left.at - right.at);
    return timers[0] && timers[0].at <= until ? timers.shift() : undefined;
  };
  return {
    now: () => now,
    after(delayMs, callback) {
      const timer = { at: now + delayMs, callback };
      timers.push(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index !== -1) timers.splice(index, 1);
      };
    },
    advance(durationMs) {
      const until = now + durationMs;
      for (let due = takeDue(until); due; due = takeDue(until)) {
        now = Math.max(now, due.at);
        due.callback();
      }
      now = until;
    },
  };
}
