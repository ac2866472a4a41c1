import { type Offer, totalPerHour } from '../domain/offer.ts';
import { meetsField, type OfferFilter } from '../domain/offer-filter.ts';
import { type Bits, emptyBits, fillBelow, hasBit, meet, positionsIn, removeBit } from './bits.ts';
import { countUpTo } from './count-up-to.ts';
import type { FoundOffers } from './found-offers.ts';
import { KindColumn } from './kind-column.ts';
import type { MenuQuery, SortKey } from './menu.ts';
import { NumberColumn } from './number-column.ts';
import { orderOf } from './offer-order.ts';

/** Wishes that are bounds from below on a number of the offer. */
const NUMBERS = {
  minVramGb: (offer: Offer) => offer.vramGb,
  minGpuCount: (offer: Offer) => offer.gpuCount,
  minReliability: (offer: Offer) => offer.reliability,
  minAvailabilityConfidence: (offer: Offer) => offer.availabilityConfidence,
} as const;

/** Wishes that all offers of one kind meet or miss together. A template asks about the whole offer. */
const KINDS = {
  provider: (offer: Offer) => offer.provider,
  gpuTypes: (offer: Offer) => offer.gpuType,
  minCuda: (offer: Offer) => offer.cudaVersion ?? '',
  location: (offer: Offer) => `${offer.country} ${offer.location}`,
  template: (offer: Offer) => offer.id,
} as const;

type NumberField = keyof typeof NUMBERS;
type KindField = keyof typeof KINDS;

/**
 * The offers of one snapshot, arranged so that a question costs next to nothing however many they are: numbered by price,
 * with one bit an offer for whatever a filter asks. Each arrangement is made when it is first needed. It answers exactly as
 * `matchesFilter` over all offers, sorted, would; the tests hold it against that.
 */
export class OfferIndex {
  readonly #unsorted: readonly Offer[];
  readonly #numbers = new Map<NumberField, NumberColumn>();
  readonly #kinds = new Map<KindField, KindColumn>();
  readonly #orders = new Map<string, Uint32Array>();
  #byPrice: readonly Offer[] | undefined;
  #prices: Float64Array = new Float64Array();
  #matching: Bits = new Uint32Array();
  /** What was found for a filter goes with it. */
  readonly #sets = new WeakMap<OfferFilter, Bits>();
  /** What was not removed; undefined for all. */
  #left: Bits | undefined;

  constructor(offers: readonly Offer[]) {
    this.#unsorted = offers;
  }

  /** From now on it answers as if this one had not been there. Nothing is arranged anew for that. */
  remove(offer: Offer): void {
    const offers = this.#sorted();
    const position = offers.indexOf(offer);
    if (position < 0) return;
    if (!this.#left) {
      this.#left = emptyBits(offers.length);
      fillBelow(this.#left, offers.length);
    }
    removeBit(this.#left, position);
  }

  query(query: MenuQuery): FoundOffers {
    const listed = this.#sorted();
    let affordable = listed.length;
    const sets: Bits[] = this.#left ? [this.#left] : [];
    for (const filter of query.filters) {
      affordable = Math.min(affordable, this.#affordable(filter));
      const set = this.#sets.get(filter) ?? this.#setFor(filter);
      if (set) sets.push(set);
    }
    const total = meet(this.#matching, affordable, sets);
    return { listed, positions: this.#page(query), total };
  }

  #sorted(): readonly Offer[] {
    if (this.#byPrice) return this.#byPrice;
    const order = orderOf(this.#unsorted, { sort: 'price_per_hour', descending: false });
    const byPrice: Offer[] = [];
    for (const position of order) {
      const offer = this.#unsorted[position];
      if (offer) byPrice.push(offer);
    }
    this.#prices = Float64Array.from(byPrice, ({ price }) => totalPerHour(price));
    this.#matching = emptyBits(byPrice.length);
    this.#byPrice = byPrice;
    return byPrice;
  }

  /** The cheapest ones come first, so that a ceiling is a number of them. */
  #affordable({ maxPricePerHour }: OfferFilter): number {
    return maxPricePerHour === undefined
      ? this.#prices.length
      : countUpTo(this.#prices, maxPricePerHour);
  }

  /** Those that meet it but for the price; undefined where it asks for nothing else. */
  #setFor(filter: OfferFilter): Bits | undefined {
    const sets: Bits[] = [];
    for (const field of NUMBER_FIELDS) {
      const least = filter[field];
      if (least !== undefined) sets.push(this.#numberColumn(field).atLeast(least));
    }
    for (const field of KIND_FIELDS) {
      const wanted = filter[field];
      if (wanted === undefined) continue;
      const wish = typeof wanted === 'string' ? wanted : JSON.stringify(wanted);
      const isMet = (offer: Offer): boolean => meetsField(field, offer, filter);
      sets.push(this.#kindColumn(field).meeting(wish, isMet));
    }
    if (sets.length === 0) return undefined;
    const set = emptyBits(this.#sorted().length);
    meet(set, this.#sorted().length, sets);
    this.#sets.set(filter, set);
    return set;
  }

  /** Of those that match. */
  #page({ sort, descending, offset, limit }: MenuQuery): readonly number[] {
    const matching = this.#matching;
    if (sort === 'price_per_hour' && !descending) return positionsIn(matching, offset, limit);
    const order = this.#order(sort, descending);
    const positions: number[] = [];
    let toSkip = offset;
    // Not `for … of`: most of an order may have to be looked through, and an iterator takes as long again.
    for (let rank = 0; rank < order.length; rank += 1) {
      const position = order[rank] ?? 0;
      if (!hasBit(matching, position)) continue;
      if (toSkip > 0) toSkip -= 1;
      else if (positions.push(position) === limit) break;
    }
    return positions;
  }

  #order(sort: SortKey, descending: boolean): Uint32Array {
    const name = descending ? `-${sort}` : sort;
    const known = this.#orders.get(name);
    if (known) return known;
    const order = orderOf(this.#sorted(), { sort, descending });
    this.#orders.set(name, order);
    return order;
  }

  #numberColumn(field: NumberField): NumberColumn {
    const known = this.#numbers.get(field);
    if (known) return known;
    const column = new NumberColumn(this.#sorted().map(NUMBERS[field]));
    this.#numbers.set(field, column);
    return column;
  }

  #kindColumn(field: KindField): KindColumn {
    const known = this.#kinds.get(field);
    if (known) return known;
    const column = new KindColumn(this.#sorted(), KINDS[field]);
    this.#kinds.set(field, column);
    return column;
  }
}

const NUMBER_FIELDS = Object.keys(NUMBERS) as readonly NumberField[];
const KIND_FIELDS = Object.keys(KINDS) as readonly KindField[];
