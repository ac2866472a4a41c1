/**
 * Between the beginnings of two key exchanges. One takes some milliseconds of the only thread there is: when many machines come
 * up at once, what else it has to do is done in between. A host that stalls in the middle keeps nobody else waiting.
 */
const SPACING_MS = 4;

/** Spreads the key exchanges of all logins. */
export class HandshakePace {
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /** How long to wait before the next one is begun, from `nowMs` of a clock that nobody sets; each call takes a turn. */
  reserve(nowMs: number): number {
    const startsAtMs = Math.max(nowMs, this.#freeAtMs);
    this.#freeAtMs = startsAtMs + SPACING_MS;
    return startsAtMs - nowMs;
  }
}
