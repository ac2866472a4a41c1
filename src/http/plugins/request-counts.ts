import type { FastifyRateLimitStore } from '@fastify/rate-limit';
import { BoundedMap } from '../../runtime/bounded-map.ts';

/** More clients than this are not told apart at once; the one that was quiet for longest is forgotten first. */
export const MAX_COUNTED_CLIENTS = 10_000;

interface Window {
  readonly openedMs: number;
  readonly count: number;
}

/**
 * How often each client asked within its own window of time. The library's own store goes by the wall clock, where a
 * clock that is set back keeps a client out for as long; this one goes by a clock that never jumps.
 */
export class RequestCounts implements FastifyRateLimitStore {
  readonly #monotonicMs: () => number;
  /** In the order of the last request. */
  readonly #windows = new BoundedMap<string, Window>(MAX_COUNTED_CLIENTS);

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  get size(): number {
    return this.#windows.size;
  }

  incr: FastifyRateLimitStore['incr'] = (client, callback, windowMs) => {
    const nowMs = this.#monotonicMs();
    const last = this.#windows.get(client);
    const isOpen = last !== undefined && nowMs < last.openedMs + windowMs;
    const { openedMs, count } = isOpen ? last : { openedMs: nowMs, count: 0 };
    this.#windows.set(client, { openedMs, count: count + 1 });
    callback(null, { current: count + 1, ttl: openedMs + windowMs - nowMs });
  };

  /** Routes have no limits of their own: all of them count together. */
  child(): RequestCounts {
    return this;
  }
}
