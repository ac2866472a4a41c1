import type { EpochMs } from './time.ts';
import { HOUR_MS } from './time.ts';

/** Integer millionths of a US dollar. Money is never a float inside the broker. */
export type MicroUsd = number;

export const MICRO_PER_USD = 1_000_000;

/** Reads a provider's decimal dollars (number or numeric text) into micro-dollars, rounded to the nearest. */
export function microUsd(usd: number): MicroUsd {
  return Math.round(usd * MICRO_PER_USD);
}

/**
 * The highest price in micro-dollars that a ceiling in dollars lets pass. Rounding to the nearest would let one pass that
 * is above a ceiling with more than six decimals.
 */
export function ceilingMicroUsd(usd: number): MicroUsd {
  const nearest = microUsd(usd);
  return toUsd(nearest) > usd ? nearest - 1 : nearest;
}

/** Dollars as a JSON number. Exact to six decimals, which is all that micro-dollars hold. */
export function toUsd(amount: MicroUsd): number {
  return amount / MICRO_PER_USD;
}

/**
 * What a rate in micro-dollars an hour comes to over a span, rounded to the nearest micro-dollar.
 * Spans that share a start add up: `cost(a,c) = cost(a,b) + (cost(a,c) - cost(a,b))`, which is how
 * {@link costWithin} splits one span over days without losing a micro-dollar.
 */
export function costOver(rateMicroUsdPerHour: MicroUsd, spanMs: number): MicroUsd {
  return Math.round((rateMicroUsdPerHour * Math.max(0, spanMs)) / HOUR_MS);
}

/** A half-open span of time, `[from, to)`. */
export interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** The part of `charged`'s cost that falls inside `window`. Adjacent windows sum to the whole exactly. */
export function costWithin(rateMicroUsdPerHour: MicroUsd, charged: Span, window: Span): MicroUsd {
  const from = Math.min(Math.max(charged.from, window.from), charged.to);
  const to = Math.max(Math.min(charged.to, window.to), from);
  return (
    costOver(rateMicroUsdPerHour, to - charged.from) -
    costOver(rateMicroUsdPerHour, from - charged.from)
  );
}
