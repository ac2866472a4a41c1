import type { Offer } from '../domain/offer.ts';

/** Offers that were asked for: one page of them. */
export interface FoundOffers {
  /** All that were asked, in an order of their own: the same array in every answer of one snapshot. */
  readonly listed: readonly Offer[];
  /** Where in `listed` the page's offers are. What somebody keeps for each of them is found without a look at it. */
  readonly positions: readonly number[];
  /** All that match. */
  readonly total: number;
}

/** The page itself. */
export function offersOn({
  listed,
  positions,
}: Pick<FoundOffers, 'listed' | 'positions'>): readonly Offer[] {
  return positions.flatMap((position) => listed[position] ?? []);
}
