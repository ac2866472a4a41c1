import { strict as assert } from 'node:assert';
import type { Clock } from '../../src/ports/clock.ts';

interface Timer {
  readonly delayMs: number;
  readonly callback: () => void;
}

/** A clock on which nothing fires by itself: a test waits until a timer is set and then has it fire. */
export class SteppedClock implements Clock {
  readonly #pending = new Set<Timer>();
  #onSet: () => void = () => undefined;
  #setSoFar = 0;
  #elapsedMs = 0;

  now(): number {
    return 0;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Time goes by, and nothing fires for it. */
  pass(spanMs: number): void {
    this.#elapsedMs += spanMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { delayMs, callback };
    this.#pending.add(timer);
    this.#setSoFar += 1;
    this.#onSet();
    return () => void this.#pending.delete(timer);
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Resolves when this many timers have been set in all. */
  async timersSet(count: number): Promise<void> {
    while (this.#setSoFar < count) {
      await new Promise<void>((resolve) => {
        this.#onSet = resolve;
      });
    }
  }

  /** Fires the only timer that is pending, and says what delay it had. */
  fire(): number {
    const [timer, ...others] = this.#pending;
    assert(timer && others.length === 0, 'exactly one timer is pending');
    this.#pending.delete(timer);
    timer.callback();
    return timer.delayMs;
  }
}
