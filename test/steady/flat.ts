/** One figure over the hours, and how much of it may come on top from the middle to the end. */
export interface Figure {
  readonly name: string;
  readonly values: readonly number[];
  readonly allowed: Allowance;
}

/** The more generous of the two counts. */
export interface Allowance {
  /** Of the mean. */
  readonly share: number;
  /** In the figure's own unit. */
  readonly amount: number;
}

export interface Verdict {
  readonly name: string;
  readonly mean: number;
  /** Over the whole second half, by the line that fits it best. */
  readonly growth: number;
  readonly allowed: number;
  readonly isFlat: boolean;
}

/**
 * By the second half alone: caches have filled and sessions have begun to be removed by then. The line of least squares is used because
 * a single hour may be high or low by what happens to go on in it; a figure that falls is flat.
 */
export function verdictOn({ name, values, allowed }: Figure): Verdict {
  const late = values.slice(Math.floor(values.length / 2));
  const mean = late.reduce((sum, value) => sum + value, 0) / late.length;
  const growth = slopeOf(late) * (late.length - 1);
  const most = Math.max(allowed.share * mean, allowed.amount);
  return { name, mean, growth, allowed: most, isFlat: growth <= most };
}

/** By one step; 0 of fewer than two. */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const squares = values.reduce((sum, _value, index) => sum + (index - middle) ** 2, 0);
  if (squares === 0) return 0;
  return values.reduce((sum, value, index) => sum + (index - middle) * value, 0) / squares;
}
