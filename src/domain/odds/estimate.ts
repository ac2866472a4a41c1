import type { Offer } from '../offer.ts';
import type { EpochMs } from '../time.ts';
import type { Correction } from './market-correction.ts';
import { shareLeft } from './own-chance.ts';

/** What is known at a moment that bears on an offer. */
export interface Knowledge {
  /** What is believed of it by launches near it; undefined where there were none. 0 to 1. */
  readonly chance: number | undefined;
  /** What beliefs come to at its market; undefined where nothing is known of it yet. */
  readonly correction: Correction | undefined;
  readonly now: EpochMs;
}

/** As it is shown, and before its market as a whole is looked at. 0 to 1. */
export interface Estimate {
  readonly shown: number;
  readonly own: number;
}

/** Undefined where there is nothing to add to what its adapter says. */
export function estimateOf(offer: Offer, knowledge: Knowledge): Estimate | undefined {
  const { chance, correction, now } = knowledge;
  const left = shareLeft(offer, now - offer.fetchedAt);
  if (chance === undefined && !correction && left === 1) return undefined;
  const own = (chance ?? offer.availabilityConfidence) * left;
  const shown = correction ? correction(own) : own;
  return { shown: roundedShare(shown), own: roundedShare(own) };
}

/** Three digits: more would claim what nobody knows, and filters go by the very figure that is shown. */
export function roundedShare(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
