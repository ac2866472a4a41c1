import { BrokerError } from '../domain/errors.ts';
import { type MicroUsd, toUsd } from '../domain/money.ts';
import { explainNoMatch, type NoMatch } from '../domain/no-match.ts';
import { type Offer, totalPerHour } from '../domain/offer.ts';
import { matchesFilter } from '../domain/offer-filter.ts';
import {
  askedPrice,
  canKeepDisk,
  hasDisk,
  hasPorts,
  isAffordable,
  runsImages,
  takesBid,
} from '../domain/placement.ts';
import type { Choice, SessionRequest } from '../domain/session.ts';
import { toRfc3339 } from '../domain/time.ts';
import {
  type Shortcoming,
  type Wish,
  type WishField,
  type WishValue,
  wishesOf,
} from '../domain/wishes.ts';
import type { Shelf } from '../inventory/shelf.ts';

export type Requirements = Extract<Choice, { readonly kind: 'requirements' }>;

/** Why nothing on the menu can serve these requirements, and what comes near. */
export function noMatchFor(
  shelf: Shelf,
  request: SessionRequest,
  { filter }: Requirements,
): BrokerError {
  const wishes = wishesOf(request, filter);
  const offers = shelf.choices();
  const no = explainNoMatch(offers, wishes);
  return new BrokerError('no_matching_offer', sentenceFor(offers, request, filter), {
    total_offers: shelf.all().length,
    ...removalDetails(no),
    ...nearestDetails(no, request),
    ...lastMatchDetails(shelf, wishes, request),
  });
}

/** Where the bid alone is in the way, the answer is about bids, and names the least one. */
export function assertBidsThere(shelf: Shelf, request: SessionRequest, { filter }: Requirements) {
  const fitting = shelf.choices().filter((offer) => matchesFilter(offer, filter));
  const able = fitting.filter((offer) => hasDisk(offer, request) && canKeepDisk(offer, request));
  if (able.length === 0 || able.some((offer) => takesBid(offer, request))) return;
  const [cheapest] = able
    .flatMap((offer) => (offer.minBid === undefined ? [] : [{ offer, minBid: offer.minBid }]))
    .toSorted((left, right) => left.minBid - right.minBid);
  if (!cheapest) {
    throw new BrokerError(
      'no_matching_offer',
      'no bids are known to be taken for any offer that fits the requirements; leave pricing out to rent on demand',
      { total_offers: able.length },
    );
  }
  throw new BrokerError(
    'no_matching_offer',
    cheapest.minBid > (request.bidPerHour ?? 0)
      ? 'no offer that fits the requirements takes a bid as low as bid_price; min_bid is the least that one does'
      : 'bid_price is above what each offer that fits and takes it costs on demand',
    { offer_id: cheapest.offer.id, min_bid: toUsd(cheapest.minBid) },
  );
}

function sentenceFor(
  offers: readonly Offer[],
  request: SessionRequest,
  filter: Requirements['filter'],
): string {
  const fitting = offers.filter((offer) => matchesFilter(offer, filter));
  const lacks = SENTENCES.find(
    ({ holds }) => fitting.length > 0 && !fitting.some((offer) => holds(offer, request, filter)),
  );
  return lacks?.sentence ?? 'no offer fits the requirements';
}

const SENTENCES: readonly {
  readonly holds: (
    offer: Offer,
    request: SessionRequest,
    filter: Requirements['filter'],
  ) => boolean;
  readonly sentence: string;
}[] = [
  {
    holds: (offer, _, filter) => runsImages(offer, filter),
    sentence:
      'each offer that fits has GPUs on which images for CUDA do not run; name their gpu_type to rent one all the same',
  },
  { holds: hasPorts, sentence: 'no offer that fits the requirements can open so many ports' },
  { holds: canKeepDisk, sentence: 'no offer that fits the requirements can keep a disk' },
  { holds: hasDisk, sentence: 'no offer that fits the requirements can give so large a disk' },
  {
    holds: (offer, request) => request.bidPerHour === undefined || isAffordable(offer, request),
    sentence: 'bid_price and the disk come to more than max_price with each offer that fits',
  },
];

function removalDetails({ removals }: NoMatch): Readonly<Record<string, unknown>> {
  const [most] = removals;
  if (!most) return {};
  return {
    most_restrictive: { filter: fieldName(most.field), removed: most.offers },
    filters: removals.map(({ field, offers, alone }) => ({
      filter: fieldName(field),
      removed: offers,
      removed_alone: alone,
    })),
  };
}

function nearestDetails(
  { nearest }: NoMatch,
  request: SessionRequest,
): Readonly<Record<string, unknown>> {
  const [first] = nearest;
  if (!first) return {};
  return {
    nearest_miss: {
      offer_id: first.offer.id,
      missing: first.missing.map(({ field }) => fieldName(field)),
      price_per_hour: toUsd(totalPerHour(first.offer.price)),
      values: valuesOf(first),
    },
    near_misses: nearest.map(({ offer, missing }) => ({
      ...briefOf(offer, request),
      missing: missing.map((wish) => lackOf(offer, wish)),
    })),
  };
}

/** When the market last had what is asked for, where it did so within a day. */
function lastMatchDetails(
  shelf: Shelf,
  wishes: readonly Wish[],
  request: SessionRequest,
): Readonly<Record<string, unknown>> {
  const last = shelf.lastSeen((offer) => wishes.every(({ isMet }) => isMet(offer)));
  if (!last) return {};
  return { last_match_at: toRfc3339(last.fetchedAt), last_match_offer: briefOf(last, request) };
}

function briefOf(offer: Offer, request: SessionRequest) {
  return {
    offer_id: offer.id,
    provider: offer.provider,
    gpu_type: offer.gpuType,
    gpu_count: offer.gpuCount,
    location: offer.location,
    price_per_hour: toUsd(totalPerHour(askedPrice(offer, request))),
  };
}

/** What is asked for and what the offer has, in the units of the API; neither where it is more than a word or a number. */
function lackOf(offer: Offer, { field, wanted, offeredBy }: Wish) {
  return {
    filter: fieldName(field),
    ...told('wanted', field, wanted),
    ...told('offered', field, offeredBy(offer)),
  };
}

function told(name: 'wanted' | 'offered', field: WishField, value: WishValue) {
  if (value === undefined) return {};
  return { [name]: isMoney(field) && typeof value === 'number' ? toUsd(value) : value };
}

/** What the offer has where it falls short of a number, under the names and in the units of the filters. */
function valuesOf({ offer, missing }: Shortcoming): Readonly<Record<string, number>> {
  const values = missing.flatMap(({ field, offeredBy }) => {
    const value: WishValue | MicroUsd = offeredBy(offer);
    if (typeof value !== 'number' || !FILTER_NUMBERS.includes(field)) return [];
    return [[fieldName(field), isMoney(field) ? toUsd(value) : value] as const];
  });
  return Object.fromEntries(values);
}

const FILTER_NUMBERS: readonly WishField[] = [
  'minVramGb',
  'minGpuCount',
  'minReliability',
  'minAvailabilityConfidence',
  'maxPricePerHour',
  'ceiling',
];

function isMoney(field: WishField): boolean {
  return field === 'maxPricePerHour' || field === 'ceiling' || field === 'bid';
}

const FIELD_NAMES: Readonly<Record<WishField, string>> = {
  provider: 'provider',
  gpuTypes: 'gpu_type',
  location: 'location',
  minVramGb: 'min_vram',
  maxPricePerHour: 'max_price',
  minGpuCount: 'min_gpu_count',
  minReliability: 'min_reliability',
  minAvailabilityConfidence: 'min_availability_confidence',
  minCuda: 'min_cuda',
  template: 'template_hash_id',
  ceiling: 'max_price',
  disk: 'disk_gb',
  keptDisk: 'storage_policy',
  ports: 'exposed_ports',
  bid: 'bid_price',
  makersImages: 'gpu_type',
  ownTemplate: 'template_hash_id',
};

/** The name under which callers know what is asked for. */
function fieldName(field: WishField): string {
  return FIELD_NAMES[field];
}
