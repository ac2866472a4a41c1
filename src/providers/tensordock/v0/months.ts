import type { Span } from '../../../domain/money.ts';

/** A calendar month in UTC. */
export interface Month extends Span {
  /** `2024-01`. */
  readonly period: string;
}

/** Every month that the window touches, oldest first. */
export function monthsIn({ from, to }: Span): Month[] {
  const months: Month[] = [];
  for (let month = monthOf(from); month.from < to; month = monthOf(month.to)) months.push(month);
  return months;
}

function monthOf(at: number): Month {
  const date = new Date(at);
  const [year, index] = [date.getUTCFullYear(), date.getUTCMonth()];
  return {
    period: `${year}-${String(index + 1).padStart(2, '0')}`,
    from: Date.UTC(year, index, 1),
    to: Date.UTC(year, index + 1, 1),
  };
}
