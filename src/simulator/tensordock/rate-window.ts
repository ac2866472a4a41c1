import type { SimClock, SimMs } from '../model.ts';

export interface RateWindow {
  /** Counts a request in; false when the window is full, and then it is not counted. */
  admits(): boolean;
}

export function createRateWindow(
  clock: SimClock,
  limit: { readonly requests: number; readonly windowMs: number },
): RateWindow {
  let admitted: SimMs[] = [];
  return {
    admits() {
      const now = clock.now();
      admitted = admitted.filter((at) => at > now - limit.windowMs);
      if (admitted.length >= limit.requests) return false;
      admitted.push(now);
      return true;
    },
  };
}
