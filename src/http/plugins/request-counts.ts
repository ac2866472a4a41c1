import { BoundedMap } from '../../runtime/bounded-map.ts';

/** More clients than this are not told apart at once; the one that was quiet for longest is forgotten first. */
export const MAX_COUNTED_CLIENTS = 10_000;

interface Window {
  readonly openedMs: number;
  count: number;
}

export interface Counted {
  /** Of this client within its window, this one included. */
  readonly count: number;
  /** Until the window is over. */
  readonly leftMs: number;
}

/** How often each client asked within its own window of time, by a clock that never jumps. */
export class RequestCounts {
  readonly #windowMs: number;
  readonly #monotonicMs: () => number;
  /** In the order of the last request. */
  readonly #windows = new BoundedMap<string, Window>(MAX_COUNTED_CLIENTS);

  constructor(options: { readonly windowMs: number; readonly monotonicMs: () => number }) {
    this.#windowMs = options.windowMs;
    this.#monotonicMs = options.monotonicMs;
  }

  get size(): number {
    return this.#windows.size;
  }

  count(client: string): Counted {
    const nowMs = this.#monotonicMs();
    const last = this.#windows.get(client);
    const isOpen = last !== undefined && nowMs < last.openedMs + this.#windowMs;
    const window = isOpen ? last : { openedMs: nowMs, count: 0 };
    window.count += 1;
    this.#windows.set(client, window);
    return { count: window.count, leftMs: window.openedMs + this.#windowMs - nowMs };
  }
}
