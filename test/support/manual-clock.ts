import type { EpochMs } from '../../src/domain/time.ts';
import type { Cancel, Clock } from '../../src/ports/clock.ts';

/** Time that stands still until the test moves it. */
export interface ManualClock extends Clock {
  /** Fires everything that falls due on the way, in order, and lets what it wakes run before the next. */
  advance(spanMs: number): Promise<void>;
  /** Moves wall-clock time alone, as a clock that is set does. */
  jump(spanMs: number): void;
  /** Timers that are neither fired nor cancelled. */
  readonly pending: number;
}

export interface ManualClockOptions {
  readonly startAt: EpochMs;
  /**
   * Delays up to this long fire at once, and time moves with them: short pauses such as rate limits pass by
   * themselves while deadlines wait for {@link ManualClock.advance}. 0 = nothing fires by itself.
   */
  readonly leapUpToMs: number;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

const NOON = Date.UTC(2026, 0, 29, 12);

export function manualClock(options: Partial<ManualClockOptions> = {}): ManualClock {
  const { startAt = NOON, leapUpToMs = 0 } = options;
  const timers = new Set<Timer>();
  let elapsedMs = 0;
  let wallAheadMs = 0;

  function fire(timer: Timer): void {
    if (!timers.delete(timer)) return;
    elapsedMs = Math.max(elapsedMs, timer.dueMs);
    timer.callback();
  }

  function after(delayMs: number, callback: () => void): Cancel {
    const timer = { dueMs: elapsedMs + Math.max(0, delayMs), callback };
    timers.add(timer);
    if (leapUpToMs > 0 && delayMs <= leapUpToMs) queueMicrotask(() => fire(timer));
    return () => {
      timers.delete(timer);
    };
  }

  async function advance(spanMs: number): Promise<void> {
    const untilMs = elapsedMs + spanMs;
    await settled();
    for (let due = next(untilMs); due; due = next(untilMs)) {
      fire(due);
      await settled();
    }
    elapsedMs = Math.max(elapsedMs, untilMs);
  }

  function next(untilMs: number): Timer | undefined {
    return [...timers]
      .filter((timer) => timer.dueMs <= untilMs)
      .reduce<Timer | undefined>(
        (first, timer) => (first && first.dueMs <= timer.dueMs ? first : timer),
        undefined,
      );
  }

  return {
    now: () => startAt + elapsedMs + wallAheadMs,
    monotonicMs: () => elapsedMs,
    after,
    advance,
    jump: (spanMs) => {
      wallAheadMs += spanMs;
    },
    get pending() {
      return timers.size;
    },
  };
}

/** One turn of the event loop: every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
