/** The values that an axis shows, evenly apart, round, and around all that is drawn. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

const MOST_STEPS = 4;

export function axisFor(values: readonly number[], unit: string): Axis {
  const least = Math.min(...values, Number.POSITIVE_INFINITY);
  const most = Math.max(...values, Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(least) || !Number.isFinite(most)) return { low: 0, high: 1, ticks: [0, 1] };
  // Little movement far from nought would be a flat line on an axis that begins there.
  const from = least >= 0 && least < most * 0.8 ? 0 : least;
  const to = most === from ? from + (Math.abs(from) * 0.1 || 1) : most;
  const base = baseOf(unit, to);
  const step = roundStep((to - from) / MOST_STEPS / base) * base;
  const low = Math.floor(from / step);
  const high = Math.ceil(to / step);
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => (low + index) * step);
  return { low: low * step, high: high * step, ticks };
}

/** What round figures are counted in: whole minutes, hours and mebibytes are no round seconds and bytes. */
function baseOf(unit: string, most: number): number {
  if (unit === 'bytes') return 1_024 ** Math.max(0, Math.floor(Math.log2(Math.max(1, most)) / 10));
  if (unit !== 's') return 1;
  return [3_600, 60].find((seconds) => most >= 2 * seconds) ?? 1;
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const digit = [1, 2, 5].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return digit * power;
}
