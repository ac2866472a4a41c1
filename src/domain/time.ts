/** Milliseconds since 1970-01-01T00:00:00Z. Every stored instant has this unit. */
export type EpochMs = number;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** RFC 3339 in UTC with whole seconds, e.g. `2026-01-29T12:00:00Z`: the wire form of every instant. */
export function toRfc3339(at: EpochMs): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Start of the UTC day that contains `at`. */
export function utcDayStart(at: EpochMs): EpochMs {
  return Math.floor(at / DAY_MS) * DAY_MS;
}

/** Start of the UTC month `monthsAhead` months after the one that contains `at` (0 is its own month). */
export function utcMonthStart(at: EpochMs, monthsAhead = 0): EpochMs {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsAhead, 1);
}
