import type { Clock } from '../../src/ports/clock.ts';
import type { EpochMs } from '../../src/domain/time.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/**
 * Time that only passes when the harness lets it. Between two timers everything that was started runs as far as it
 * can: one turn of the event loop is enough, because nothing in a simulated world waits on real I/O.
 */
export class VirtualClock implements Clock {
  readonly #timers: Timer[] = [];
  readonly #startedAt: EpochMs;
  #elapsedMs = 0;
  #wallOffsetMs = 0;
  #order = 0;

  constructor(startAt: EpochMs) {
    this.#startedAt = startAt;
  }

  now(): EpochMs {
    return this.#startedAt + this.#elapsedMs + this.#wallOffsetMs;
  }

  /** Time since the start of the world, which no jump touches. */
  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** The wall clock of the machine is set by this much. */
  jump(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const at = this.#elapsedMs + Math.max(0, Math.ceil(delayMs));
    const timer = { at, order: this.#order, callback, isCancelled: false };
    this.#order += 1;
    this.#insert(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Runs every timer that is due within `durationMs`, in order, and `onTurn` after each. */
  async advance(durationMs: number, onTurn: () => void): Promise<void> {
    const until = this.#elapsedMs + durationMs;
    await settle();
    for (let next = this.#timers[0]; next && next.at <= until; next = this.#timers[0]) {
      this.#timers.shift();
      if (next.isCancelled) continue;
      this.#elapsedMs = Math.max(this.#elapsedMs, next.at);
      next.callback();
      await settle();
      onTurn();
    }
    this.#elapsedMs = until;
  }

  #insert(timer: Timer): void {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#timers[middle];
      if (other && (other.at < timer.at || (other.at === timer.at && other.order < timer.order))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    this.#timers.splice(low, 0, timer);
  }
}

/** Lets every promise that can settle do so. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    // biome-ignore lint/style/noRestrictedGlobals: the harness is what drives the event loop.
    setImmediate(resolve);
  });
}
