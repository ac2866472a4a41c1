import { type Offer, totalPerHour } from '../domain/offer.ts';
import { meetsField, type OfferFilter } from '../domain/offer-filter.ts';
import {
  addBit,
  type Bits,
  countBits,
  emptyBits,
  fillBelow,
  hasBit,
  intersect,
  positionsIn,
  subtract,
} from './bits.ts';
import { KindColumn } from './kind-column.ts';
import type { MenuQuery } from './menu.ts';
import { NumberColumn } from './number-column.ts';
import { orderOf } from './offer-order.ts';

export interface FoundOffers {
  readonly offers: readonly Offer[];
  /** All that match. */
  readonly total: number;
}

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
  #removed: Bits | undefined;

  constructor(offers: readonly Offer[]) {
    this.#unsorted = offers;
  }

  /** From now on it answers as if this one had not been there. Nothing is arranged anew for that. */
  remove(offer: Offer): void {
    const offers = this.#sorted();
    const position = offers.indexOf(offer);
    if (position < 0) return;
    this.#removed ??= emptyBits(offers.length);
    addBit(this.#removed, position);
  }

  query(query: MenuQuery): FoundOffers {
    const offers = this.#sorted();
    const matching = this.#match(query.filter);
    const page: Offer[] = [];
    for (const position of this.#page(matching, query)) {
      const offer = offers[position];
      if (offer) page.push(offer);
    }
    return { offers: page, total: countBits(matching) };
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

  /** Good until the next question. */
  #match(filter: OfferFilter): Bits {
    const matching = this.#matching;
    fillBelow(matching, this.#countUpTo(filter.maxPricePerHour));
    if (this.#removed) subtract(matching, this.#removed);
    for (const field of NUMBER_FIELDS) {
      const least = filter[field];
      if (least !== undefined) intersect(matching, this.#numberColumn(field).atLeast(least));
    }
    for (const field of KIND_FIELDS) {
      const wanted = filter[field];
      if (wanted === undefined) continue;
      const column = this.#kindColumn(field);
      const isMet = (offer: Offer): boolean => meetsField(field, offer, filter);
      intersect(matching, column.meeting(JSON.stringify(wanted), isMet));
    }
    return matching;
  }

  /** The cheapest ones come first, so that a ceiling is a number of them. */
  #countUpTo(ceiling: number | undefined): number {
    if (ceiling === undefined) return this.#prices.length;
    let low = 0;
    let high = this.#prices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#prices[middle] ?? 0) <= ceiling) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #page(matching: Bits, query: MenuQuery): readonly number[] {
    const { sort, descending, offset, limit } = query;
    if (sort === 'price_per_hour' && !descending) return positionsIn(matching, offset, limit);
    const positions: number[] = [];
    const order = this.#order(query);
    let toSkip = offset;
    for (let rank = 0; rank < order.length && positions.length < limit; rank += 1) {
      const position = order[rank] ?? 0;
      if (!hasBit(matching, position)) continue;
      if (toSkip > 0) toSkip -= 1;
      else positions.push(position);
    }
    return positions;
  }

  #order(query: MenuQuery): Uint32Array {
    const name = `${query.sort} ${query.descending}`;
    const known = this.#orders.get(name);
    if (known) return known;
    const order = orderOf(this.#sorted(), query);
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
