import { PriorityQueue } from 'p-queue';
import type { Clock } from '../ports/clock.ts';

/**
 * Who goes first when calls wait for the same gate. Ending a machine is never behind anything. A list goes before looks at
 * single machines: it is a few calls a minute for all sessions, and enough machines that are asked about one by one would
 * else keep it waiting for as long as they boot.
 */
export const PRIORITY = { terminate: 4, launch: 3, list: 2, status: 1, search: 0 } as const;
export type Priority = keyof typeof PRIORITY;

/** At most this many calls wait at one gate; more fail at once as rate limited. */
export const MAX_WAITING = 500;

/** At most `calls` in any window of `perMs`; one call a window is a minimum interval. */
export interface RateLimit {
  readonly calls: number;
  readonly perMs: number;
}

/**
 * Lets calls through within a rate, on the injected clock. Who goes next is chosen when the gate opens, not when it
 * begins to wait, so an urgent call never stands behind one that merely came earlier.
 */
export class RateGate {
  readonly #clock: Clock;
  readonly #limit: RateLimit;
  readonly #waiting = new PriorityQueue();
  /** When the latest calls passed, oldest first; never more than the limit's `calls`. */
  readonly #passedAtMonotonicMs: number[] = [];
  #heldUntilMonotonicMs = 0;
  #isTimerSet = false;

  /** A bare number is the least interval between two calls, in milliseconds. */
  constructor(clock: Clock, limit: RateLimit | number) {
    this.#clock = clock;
    this.#limit = typeof limit === 'number' ? { calls: 1, perMs: limit } : limit;
  }

  get isFull(): boolean {
    return this.#waiting.size >= MAX_WAITING;
  }

  /** Resolves when the caller may send. */
  pass(priority: Priority): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.enqueue(async () => resolve(), { priority: PRIORITY[priority] });
      this.#letThrough();
    });
  }

  /** Nobody passes for this long: the provider said that we are too fast. */
  hold(durationMs: number): void {
    const until = this.#clock.monotonicMs() + durationMs;
    this.#heldUntilMonotonicMs = Math.max(this.#heldUntilMonotonicMs, until);
  }

  #letThrough(): void {
    while (!this.#isTimerSet && this.#waiting.size > 0) {
      const nowMs = this.#clock.monotonicMs();
      const waitMs = this.#opensAtMonotonicMs() - nowMs;
      if (waitMs > 0) {
        this.#lookAgainIn(waitMs);
        return;
      }
      this.#passedAtMonotonicMs.push(nowMs);
      if (this.#passedAtMonotonicMs.length > this.#limit.calls) this.#passedAtMonotonicMs.shift();
      void this.#waiting.dequeue()?.();
    }
  }

  #lookAgainIn(waitMs: number): void {
    this.#isTimerSet = true;
    this.#clock.after(waitMs, () => {
      this.#isTimerSet = false;
      this.#letThrough();
    });
  }

  #opensAtMonotonicMs(): number {
    const [oldest] = this.#passedAtMonotonicMs;
    const isSpent = this.#passedAtMonotonicMs.length >= this.#limit.calls;
    const roomAt = isSpent && oldest !== undefined ? oldest + this.#limit.perMs : 0;
    return Math.max(roomAt, this.#heldUntilMonotonicMs);
  }
}
