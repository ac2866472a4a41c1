import type { Offer } from './offer.ts';
import { type Shortcoming, shortcomingOf, type Wish, type WishField } from './wishes.ts';

/** What a "no" is explained with. */
export interface NoMatch {
  /** The wishes that removed any, the one that removed most first. */
  readonly removals: readonly Removal[];
  /** The offers to which least is lacking, nearest first: of those that lack the same wishes one. */
  readonly nearest: readonly Shortcoming[];
}

export interface Removal {
  readonly field: WishField;
  /** Offers that do not satisfy it. */
  readonly offers: number;
  /** Offers that satisfy everything else: without this wish they would match. */
  readonly alone: number;
}

const MAX_NEAREST = 3;

export function explainNoMatch(offers: readonly Offer[], wishes: readonly Wish[]): NoMatch {
  const removals = new Map<WishField, { offers: number; alone: number }>();
  const nearest = new Map<string, Shortcoming>();
  for (const offer of offers) {
    const shortcoming = shortcomingOf(offer, wishes);
    if (shortcoming.missing.length === 0) continue;
    countRemovals(removals, shortcoming);
    const lacks = shortcoming.missing.map(({ field }) => field).join();
    const known = nearest.get(lacks);
    if (!known || byNearness(shortcoming, known) < 0) nearest.set(lacks, shortcoming);
  }
  return {
    removals: [...removals]
      .map(([field, counts]) => ({ field, ...counts }))
      .sort((left, right) => right.offers - left.offers),
    nearest: [...nearest.values()].sort(byNearness).slice(0, MAX_NEAREST),
  };
}

function countRemovals(
  removals: Map<WishField, { offers: number; alone: number }>,
  { missing }: Shortcoming,
): void {
  for (const { field } of missing) {
    const counts = removals.get(field) ?? { offers: 0, alone: 0 };
    counts.offers += 1;
    if (missing.length === 1) counts.alone += 1;
    removals.set(field, counts);
  }
}

/** One of the right kind comes before all others. */
function byNearness(left: Shortcoming, right: Shortcoming): number {
  return left.kinds === right.kinds ? left.distance - right.distance : left.kinds - right.kinds;
}
