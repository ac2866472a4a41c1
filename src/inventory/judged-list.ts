import type { Place } from '../domain/odds/place.ts';
import type { Offer } from '../domain/offer.ts';
import { type EpochMs, MINUTE_MS } from '../domain/time.ts';

/** So many offers of a long list are judged in some milliseconds. More at once would keep everybody else waiting. */
export const MAX_AT_ONCE = 1_000;
/** Up to here it is not worth the trouble. Real markets have some 1,400 offers. */
export const MAX_SHORT = 1_500;
/** Estimates change with time alone, and no faster than this. */
const KEPT_MS = MINUTE_MS;

/** Launches that were judged, or judged otherwise. */
export interface News {
  /** Of the latest, oldest first. */
  readonly places: readonly Place[];
  /** Of all that there ever were. */
  readonly count: number;
}

/**
 * A list of offers as its adapter gave it, with the estimates in the place of the priors. A short one is judged whole whenever
 * anybody asks. Of a long one {@link MAX_AT_ONCE} are judged at a time: those that never were; after news those that it is
 * nearest to, and the others with the next questions; and each once in a minute.
 */
export class JudgedList {
  readonly #given: readonly Offer[];
  #shown: readonly Offer[];
  /** For each offer when it was judged by all the news; 0 where it was not. */
  readonly #judgedAt: Float64Array;
  /** Offers before this one have been judged, if only before the latest news. */
  #judgedUpTo = 0;
  #heard = 0;

  constructor(given: readonly Offer[]) {
    this.#given = given;
    this.#shown = given;
    this.#judgedAt = new Float64Array(given.length);
  }

  get isLong(): boolean {
    return this.#given.length > MAX_SHORT;
  }

  /** True while there are offers that were never judged. */
  get isUnfinished(): boolean {
    return this.#judgedUpTo < this.#given.length;
  }

  /** The very list that its adapter gave where no estimate differs from its prior. */
  get shown(): readonly Offer[] {
    const isSame = this.#shown.every((offer, index) => offer === this.#given[index]);
    return isSame ? this.#given : this.#shown;
  }

  /** When the first of its offers has to be judged anew. It may be past. */
  get dueAt(): EpochMs {
    let oldest = Number.MAX_SAFE_INTEGER;
    for (const at of this.#judgedAt) if (at < oldest) oldest = at;
    return oldest + KEPT_MS;
  }

  /** Judges as many as may be at once. */
  judge(
    estimate: (offer: Offer) => number,
    { news, now }: { readonly news: News; readonly now: EpochMs },
  ): void {
    // While it is gone through for the first time: what is new then is heard afterwards, or its place would be forgotten.
    const isUnderWay = this.#judgedUpTo > 0 && this.isUnfinished;
    const positions = this.#next(isUnderWay ? [] : this.#hear(news), now);
    const shown = this.#shown.slice();
    for (const position of positions) {
      const offer = this.#given[position];
      if (!offer) continue;
      const confidence = estimate(offer);
      if (shown[position]?.availabilityConfidence !== confidence) {
        const isPrior = confidence === offer.availabilityConfidence;
        shown[position] = isPrior ? offer : { ...offer, availabilityConfidence: confidence };
      }
      this.#judgedAt[position] = now;
    }
    this.#shown = shown;
  }

  /** Any news changes what beliefs come to at its market, and so each estimate there. Where it was new. */
  #hear({ places, count }: News): readonly Place[] {
    const unheard = count - this.#heard;
    this.#heard = count;
    if (unheard === 0) return [];
    this.#judgedAt.fill(0);
    return places.slice(-unheard);
  }

  #next(news: readonly Place[], now: EpochMs): readonly number[] {
    if (!this.isLong) {
      this.#judgedUpTo = this.#given.length;
      return [...this.#given.keys()];
    }
    return this.isUnfinished ? this.#neverJudged() : this.#due(news, now);
  }

  #neverJudged(): readonly number[] {
    const from = this.#judgedUpTo;
    this.#judgedUpTo = Math.min(this.#given.length, from + MAX_AT_ONCE);
    return Array.from({ length: this.#judgedUpTo - from }, (_, rank) => from + rank);
  }

  #due(news: readonly Place[], now: EpochMs): readonly number[] {
    const near: number[] = [];
    const others: number[] = [];
    const isNear = nearTo(news);
    for (const [position, judgedAt] of this.#judgedAt.entries()) {
      if (judgedAt + KEPT_MS > now) continue;
      if (isNear(this.#given[position])) near.push(position);
      else others.push(position);
    }
    return [...near, ...others].slice(0, MAX_AT_ONCE);
  }
}

/** Whether an offer is the very one of a launch, or shares its machine or its host. */
function nearTo(places: readonly Place[]): (offer: Offer | undefined) => boolean {
  if (places.length === 0) return () => false;
  const offers = new Set(places.map((place) => place.offer));
  const machines = new Set(places.flatMap(({ machine }) => machine ?? []));
  const hosts = new Set(places.flatMap(({ host }) => host ?? []));
  return (offer) =>
    offer !== undefined &&
    (offers.has(offer.id) || machines.has(offer.machineId ?? '') || hosts.has(offer.hostId ?? ''));
}
