import type { Offer } from '../domain/offer.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { addBit, type Bits, emptyBits } from './bits.ts';

/** Wishes whose answers are kept. */
const MAX_KEPT = 128;

/**
 * What kind of thing each of many offers is in one respect, such as its GPU or its place. A wish is held against one offer of
 * each kind, and its answer is kept.
 */
export class KindColumn {
  /** One offer of each kind; the kind's number is its index. */
  readonly #samples: Offer[] = [];
  readonly #kinds: Uint32Array;
  readonly #answers = new BoundedMap<string, Bits>(MAX_KEPT);

  constructor(offers: readonly Offer[], kindOf: (offer: Offer) => string) {
    const numbers = new Map<string, number>();
    this.#kinds = Uint32Array.from(offers, (offer) => {
      const kind = kindOf(offer);
      const known = numbers.get(kind);
      if (known !== undefined) return known;
      numbers.set(kind, this.#samples.length);
      return this.#samples.push(offer) - 1;
    });
  }

  /** `wish` names the wish; `isMet` says whether an offer meets it, and the same of all offers of a kind. */
  meeting(wish: string, isMet: (offer: Offer) => boolean): Bits {
    const kept = this.#answers.get(wish);
    if (kept) return kept;
    const isKindMet = this.#samples.map(isMet);
    const bits = emptyBits(this.#kinds.length);
    for (const [position, kind] of this.#kinds.entries()) {
      if (isKindMet[kind]) addBit(bits, position);
    }
    this.#answers.set(wish, bits);
    return bits;
  }
}
