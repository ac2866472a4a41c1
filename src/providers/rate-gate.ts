import PQueue from 'p-queue';
import type { Clock } from '../ports/clock.ts';

/** Who goes first when calls wait for the same gate. Ending a machine is never behind anything. */
export const PRIORITY = { terminate: 4, launch: 3, status: 2, list: 1, search: 0 } as const;
export type Priority = keyof typeof PRIORITY;

/** At most this many calls wait at one gate; more fail at once as rate limited. */
export const MAX_WAITING = 500;

/** Lets calls through at least `intervalMs` apart, the most urgent first, on the injected clock. */
export class RateGate {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #queue = new PQueue({ concurrency: 1 });
  #openAtMonotonicMs = 0;

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  get isFull(): boolean {
    return this.#queue.size >= MAX_WAITING;
  }

  /** Resolves when the caller may send. */
  async pass(priority: Priority): Promise<void> {
    await this.#queue.add(() => this.#turn(), { priority: PRIORITY[priority] });
  }

  /** Nobody passes for this long: the provider said that we are too fast. */
  hold(durationMs: number): void {
    const until = this.#clock.monotonicMs() + durationMs;
    this.#openAtMonotonicMs = Math.max(this.#openAtMonotonicMs, until);
  }

  async #turn(): Promise<void> {
    for (let waits = 0; waits < 10; waits += 1) {
      const waitMs = this.#openAtMonotonicMs - this.#clock.monotonicMs();
      if (waitMs <= 0) break;
      await new Promise<void>((resolve) => this.#clock.after(waitMs, resolve));
    }
    this.#openAtMonotonicMs = this.#clock.monotonicMs() + this.#intervalMs;
  }
}
