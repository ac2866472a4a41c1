/** A launch at one market, as it looked from its own place before it was made. */
export interface Forecast {
  /** What was believed of it then, 0 to 1. */
  readonly own: number;
  readonly ran: boolean;
  /** In launches. */
  readonly weight: number;
}

/** From what is believed at a place to what such beliefs come to at this market. */
export type Correction = (own: number) => number;

/** Beliefs are compared with outcomes in this many steps from 0 to 1. */
const STEPS = 10;
/** How many launches' worth it is, at each step, that a belief comes true as it stands. */
const STRENGTH = 8;
/** Nothing is certain. */
const LEAST = 0.005;
const MOST = 0.99;

/**
 * Learns how far beliefs come true here. Priors are of other campaigns, and how much one launch says of the next differs from
 * market to market: what is shown with 0.8 is to succeed eight times in ten all the same. At each of eleven points the share
 * that ran is mixed with the point itself; a higher belief is never turned into a lower chance than a lower one (isotonic
 * regression); in between it is interpolated. Without experience it changes nothing.
 */
export function correctionFrom(forecasts: readonly Forecast[]): Correction {
  if (forecasts.length === 0) return bounded;
  const points = inOrder(pointsOf(forecasts)).map(({ ran, weight }) => ran / weight);
  return (own) => {
    const place = Math.min(1, Math.max(0, own)) * STEPS;
    const below = Math.min(STEPS - 1, Math.floor(place));
    const share = place - below;
    return bounded((1 - share) * (points[below] ?? 0) + share * (points[below + 1] ?? 0));
  };
}

function bounded(chance: number): number {
  return Math.min(MOST, Math.max(LEAST, chance));
}

interface Point {
  /** Launches that ran, and all launches, by weight. */
  readonly ran: number;
  readonly weight: number;
}

/** Each forecast counts at the two points that it lies between, the more the nearer. */
function pointsOf(forecasts: readonly Forecast[]): readonly Point[] {
  const ran = Array.from({ length: STEPS + 1 }, (_, step) => (STRENGTH * step) / STEPS);
  const weights = Array.from({ length: STEPS + 1 }, () => STRENGTH);
  const add = (step: number, { ran: hasRun, weight }: Forecast, share: number): void => {
    ran[step] = (ran[step] ?? 0) + (hasRun ? weight * share : 0);
    weights[step] = (weights[step] ?? 0) + weight * share;
  };
  for (const forecast of forecasts) {
    const place = forecast.own * STEPS;
    const below = Math.min(STEPS - 1, Math.floor(place));
    add(below, forecast, 1 - (place - below));
    add(below + 1, forecast, place - below);
  }
  return ran.map((share, step) => ({ ran: share, weight: weights[step] ?? STRENGTH }));
}

/** Neighbours that are in the wrong order are taken together until none is (pool adjacent violators). */
function inOrder(points: readonly Point[]): readonly Point[] {
  const pools: (Point & { readonly size: number })[] = [];
  for (const point of points) {
    let pool = { ...point, size: 1 };
    for (let last = pools.at(-1); last && isAbove(last, pool); last = pools.at(-1)) {
      pools.pop();
      pool = {
        ran: last.ran + pool.ran,
        weight: last.weight + pool.weight,
        size: last.size + pool.size,
      };
    }
    pools.push(pool);
  }
  return pools.flatMap((pool) => Array.from({ length: pool.size }, () => pool));
}

function isAbove(left: Point, right: Point): boolean {
  return left.ran * right.weight > right.ran * left.weight;
}
