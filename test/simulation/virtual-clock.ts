import assert from 'node:assert/strict';
import type { EpochMs } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  isCancelled: boolean;
}

/** A step that asks to be run again at once, for ever, would otherwise hang the world. */
const MAX_TURNS_AT_ONCE = 5_000;

const MANY_CANCELLED = 1_000;

/**
 * Time that only passes when the harness lets it. Between two timers everything that was started runs as far as it
 * can: one turn of the event loop is enough, because nothing in a simulated world waits on real I/O.
 */
export class VirtualClock implements Clock {
  #timers: Timer[] = [];
  #cancelled = 0;
  readonly #startedAt: EpochMs;
  #elapsedMs = 0;
  #order = 0;

  constructor(startAt: EpochMs) {
    this.#startedAt = startAt;
  }

  now(): EpochMs {
    return this.#startedAt + this.#elapsedMs;
  }

  /** Time since the start of the world. */
  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const at = this.#elapsedMs + Math.max(0, Math.ceil(delayMs));
    const timer = { at, order: this.#order, callback, isCancelled: false };
    this.#order += 1;
    this.#insert(timer);
    return () => {
      if (!timer.isCancelled) this.#cancelled += 1;
      timer.isCancelled = true;
      this.#forgetCancelled();
    };
  }

  /** Runs every timer that is due within `durationMs`, in order. */
  async advance(durationMs: number): Promise<void> {
    const until = this.#elapsedMs + durationMs;
    await settle();
    let turnsNow = 0;
    for (let next = this.#timers[0]; next && next.at <= until; next = this.#timers[0]) {
      this.#timers.shift();
      if (next.isCancelled) {
        this.#cancelled -= 1;
        continue;
      }
      // It is over: to cancel it now is to do nothing.
      next.isCancelled = true;
      turnsNow = next.at > this.#elapsedMs ? 0 : turnsNow + 1;
      assert(turnsNow < MAX_TURNS_AT_ONCE, 'something runs round and round without time passing');
      this.#elapsedMs = Math.max(this.#elapsedMs, next.at);
      next.callback();
      await settle();
    }
    this.#elapsedMs = until;
  }

  /** What they hold on to is let go long before they would have been due: a world of days takes no more memory than one of minutes. */
  #forgetCancelled(): void {
    if (this.#cancelled < MANY_CANCELLED || this.#cancelled < this.#timers.length / 2) return;
    this.#timers = this.#timers.filter(({ isCancelled }) => !isCancelled);
    this.#cancelled = 0;
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
