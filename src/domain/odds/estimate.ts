import type { Offer } from '../offer.ts';
import type { EpochMs } from '../time.ts';
import type { Correction } from './market-correction.ts';
import { chanceAt, type Experience, shareLeft } from './own-chance.ts';
import { placeOf } from './place.ts';

/** What is known at a moment that bears on an offer. */
export interface Knowledge {
  /** Launches that have a level in common with the offer. */
  readonly near: readonly Experience[];
  /** What beliefs come to at its market; undefined where nothing is known of it yet. */
  readonly correction: Correction | undefined;
  readonly now: EpochMs;
}

/** The offer as its adapter gave it, with the estimate in the place of the prior; the very same where there is nothing to add. */
export function estimated(offer: Offer, knowledge: Knowledge): Offer {
  const { near, correction, now } = knowledge;
  const prior = offer.availabilityConfidence;
  const left = shareLeft(offer, now - offer.fetchedAt);
  if (near.length === 0 && !correction && left === 1) return offer;
  const own = (near.length === 0 ? prior : chanceAt(placeOf(offer), prior, { near, now })) * left;
  const shown = correction ? correction(own) : own;
  return {
    ...offer,
    availabilityConfidence: roundedShare(shown),
    odds: { prior, own: roundedShare(own) },
  };
}

/** Three digits: more would claim what nobody knows, and filters go by the very figure that is shown. */
export function roundedShare(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
