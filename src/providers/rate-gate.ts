import { HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import type { Cancel, Clock } from '../ports/clock.ts';
import { type Priority, WaitingLine } from './waiting-line.ts';

export type { Priority } from './waiting-line.ts';

/** At most this many calls wait at one gate; more fail at once as rate limited. */
export const MAX_WAITING = 500;

/** At most `calls` in any window of `perMs`; one call a window is a minimum interval. */
export interface RateLimit {
  readonly calls: number;
  readonly perMs: number;
}

/** Calls that leave in time may arrive closer together: what is learnt is kept with this to spare. */
const MARGIN_MS = 300;
/** A wild number must not stall the broker: what is learnt is at most so many times what was published. */
const MAX_LEARNT_FACTOR = 4;
/** After that the published interval is tried again; where it still is too short, that costs one refusal. */
const LEARNT_FOR_MS = HOUR_MS;
/** Refusals in a row double the pause up to this. */
export const MAX_BACKOFF_MS = MINUTE_MS;

/**
 * Lets calls through within a rate, on the injected clock. Who goes next is chosen when the gate opens, not when it
 * begins to wait, so an urgent call never stands behind one that merely came earlier.
 */
export class RateGate {
  readonly #clock: Clock;
  readonly #limit: RateLimit;
  readonly #line = new WaitingLine();
  /** When the latest calls passed, oldest first; never more than the limit's `calls`. */
  readonly #passedMs: number[] = [];
  #heldUntilMs = 0;
  /** Until then only terminates pass: the provider has refused several calls in a row. */
  #backedOffUntilMs = 0;
  #refusalsInARow = 0;
  #refusedAtMs = Number.NEGATIVE_INFINITY;
  #learnt = { intervalMs: 0, untilMs: 0 };
  #timer: { readonly atMs: number; readonly cancel: Cancel } | undefined;

  /** A bare number is the least interval between two calls, in milliseconds. */
  constructor(clock: Clock, limit: RateLimit | number) {
    this.#clock = clock;
    this.#limit = typeof limit === 'number' ? { calls: 1, perMs: limit } : limit;
  }

  get isFull(): boolean {
    return this.#line.size >= MAX_WAITING;
  }

  /** Resolves when the caller may send. */
  pass(priority: Priority): Promise<void> {
    return new Promise((resolve) => {
      this.#line.join(priority, this.#clock.monotonicMs(), resolve);
      this.#letThrough();
    });
  }

  /**
   * A call that was sent then was refused for its rate. Nobody passes for as long as the provider asks; what ends no machine
   * waits longer with each refusal in a row. Refusals of calls that were under way together are one.
   */
  refuse({ sentMs, waitMs }: { readonly sentMs: number; readonly waitMs: number }): void {
    const nowMs = this.#clock.monotonicMs();
    if (sentMs >= this.#refusedAtMs) this.#refusalsInARow += 1;
    this.#refusedAtMs = nowMs;
    const firstMs = waitMs > 0 ? waitMs : this.#spacingMs;
    const backoffMs = Math.min(firstMs * 2 ** (this.#refusalsInARow - 1), MAX_BACKOFF_MS);
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + waitMs);
    this.#backedOffUntilMs = Math.max(this.#backedOffUntilMs, nowMs + Math.max(waitMs, backoffMs));
  }

  /** A call that was sent then was taken. */
  accept(sentMs: number): void {
    if (sentMs >= this.#refusedAtMs) this.#refusalsInARow = 0;
  }

  /**
   * The provider named the interval that it wants between two calls. Where we have kept it and were refused all the same,
   * calls arrive closer together than they leave: a little is added each time, up to as much again. Returns the new interval.
   */
  learn(namedMs: number): number | undefined {
    const kept = this.#intervalMs;
    const wanted = Math.max(namedMs + MARGIN_MS, Math.min(kept + MARGIN_MS, 2 * namedMs));
    const intervalMs = Math.min(wanted, MAX_LEARNT_FACTOR * this.#spacingMs);
    if (intervalMs < kept) return undefined;
    this.#learnt = { intervalMs, untilMs: this.#clock.monotonicMs() + LEARNT_FOR_MS };
    return intervalMs > kept ? intervalMs : undefined;
  }

  /** The least time between two calls, as published or as learnt. */
  get #intervalMs(): number {
    const { intervalMs, untilMs } = this.#learnt;
    const published = this.#limit.calls === 1 ? this.#limit.perMs : 0;
    return this.#clock.monotonicMs() < untilMs ? Math.max(published, intervalMs) : published;
  }

  /** On average, at the published rate. */
  get #spacingMs(): number {
    return this.#limit.perMs / this.#limit.calls;
  }

  #letThrough(): void {
    while (this.#line.size > 0) {
      const nowMs = this.#clock.monotonicMs();
      const opensMs = this.#opensMs();
      if (opensMs > nowMs) {
        this.#lookAgainAt(opensMs);
        return;
      }
      this.#passedMs.push(nowMs);
      if (this.#passedMs.length > this.#limit.calls) this.#passedMs.shift();
      const isBackedOff = nowMs < this.#backedOffUntilMs;
      const go = isBackedOff ? this.#line.nextOf('terminate', nowMs) : this.#line.next(nowMs);
      go?.();
    }
  }

  #lookAgainAt(atMs: number): void {
    if (this.#timer && this.#timer.atMs <= atMs) return;
    this.#timer?.cancel();
    const cancel = this.#clock.after(atMs - this.#clock.monotonicMs(), () => {
      this.#timer = undefined;
      this.#letThrough();
    });
    this.#timer = { atMs, cancel };
  }

  /** For the most urgent of those that wait. */
  #opensMs(): number {
    const [oldest] = this.#passedMs;
    const last = this.#passedMs.at(-1);
    const isSpent = this.#passedMs.length >= this.#limit.calls;
    const roomMs = isSpent && oldest !== undefined ? oldest + this.#limit.perMs : 0;
    const pausedMs = last === undefined ? 0 : last + this.#intervalMs;
    const opensMs = Math.max(roomMs, pausedMs, this.#heldUntilMs);
    return this.#line.has('terminate') ? opensMs : Math.max(opensMs, this.#backedOffUntilMs);
  }
}
