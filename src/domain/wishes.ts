import type { Offer } from './offer.ts';
import { totalPerHour } from './offer.ts';
import { FILTER_FIELDS, fieldTest, type OfferFilter, offeredValue } from './offer-filter.ts';
import {
  askedPrice,
  canKeepDisk,
  hasDisk,
  hasPorts,
  isAffordable,
  portsNeeded,
  runsImages,
  runsTemplate,
  takesBid,
} from './placement.ts';
import type { SessionRequest } from './session.ts';

/** What a request may ask of an offer: the fields of its filter, and what follows from the rest of it. */
export type WishField =
  | keyof OfferFilter
  | 'ceiling'
  | 'disk'
  | 'keptDisk'
  | 'ports'
  | 'bid'
  | 'makersImages'
  | 'ownTemplate';

/** Numbers are in the field's unit: GB, micro-dollars an hour, a share, how many. */
export type WishValue = string | number | undefined;

export interface Wish {
  readonly field: WishField;
  readonly isMet: (offer: Offer) => boolean;
  /** Undefined where it is more than a word or a number. */
  readonly wanted: WishValue;
  readonly offeredBy: (offer: Offer) => WishValue;
}

/** Everything that an offer has to satisfy to serve the request; an offer that does is a candidate. */
export function wishesOf(request: SessionRequest, filter: OfferFilter): readonly Wish[] {
  return [...filterWishes(filter), ...termWishes(request), ...machineWishes(request, filter)];
}

function filterWishes(filter: OfferFilter): readonly Wish[] {
  const asked = FILTER_FIELDS.filter((field) => filter[field] !== undefined);
  return asked.map((field) => ({
    field,
    isMet: fieldTest(field, filter),
    wanted: toldAs(filter[field]),
    offeredBy: (offer) => offeredValue(field, offer) ?? KINDS[field]?.(offer),
  }));
}

/** What an offer is, where the wish is no number. */
const KINDS: { readonly [Field in keyof OfferFilter]?: (offer: Offer) => string | undefined } = {
  provider: ({ provider }) => provider,
  gpuTypes: ({ gpuType }) => gpuType,
  location: ({ location }) => location,
  minCuda: ({ cudaVersion }) => cudaVersion,
};

function toldAs(wanted: OfferFilter[keyof OfferFilter]): WishValue {
  if (Array.isArray(wanted)) return wanted.join(', ');
  return typeof wanted === 'string' || typeof wanted === 'number' ? wanted : undefined;
}

/** On which terms it is rented. */
function termWishes(request: SessionRequest): readonly Wish[] {
  const { maxPricePerHour: ceiling, bidPerHour: bid } = request;
  const wishes: Wish[] = [];
  if (ceiling !== undefined) {
    wishes.push({
      field: 'ceiling',
      isMet: (offer) => isAffordable(offer, request),
      wanted: ceiling,
      offeredBy: (offer) => totalPerHour(askedPrice(offer, request)),
    });
  }
  if (bid !== undefined) {
    wishes.push({
      field: 'bid',
      isMet: (offer) => takesBid(offer, request),
      wanted: bid,
      offeredBy: ({ minBid }) => minBid,
    });
  }
  return wishes;
}

/** What its machine has to be able to do. */
function machineWishes(request: SessionRequest, filter: OfferFilter): readonly Wish[] {
  return [
    {
      field: 'disk',
      isMet: (offer) => hasDisk(offer, request),
      wanted: request.diskGb,
      offeredBy: ({ maxDiskGb }) => maxDiskGb,
    },
    {
      field: 'keptDisk',
      isMet: (offer) => canKeepDisk(offer, request),
      wanted: undefined,
      offeredBy: () => undefined,
    },
    {
      field: 'ports',
      isMet: (offer) => hasPorts(offer, request),
      wanted: portsNeeded(request),
      offeredBy: ({ maxOpenPorts }) => maxOpenPorts,
    },
    {
      field: 'ownTemplate',
      isMet: (offer) => runsTemplate(offer, request),
      wanted: undefined,
      offeredBy: () => undefined,
    },
    {
      field: 'makersImages',
      isMet: (offer) => runsImages(offer, filter),
      wanted: undefined,
      offeredBy: ({ gpuType }) => gpuType,
    },
  ];
}

/** The wishes that an offer does not satisfy, and how far it is from them. */
export interface Shortcoming {
  readonly offer: Offer;
  readonly missing: readonly Wish[];
  /** Wishes of kind that it does not satisfy. */
  readonly kinds: number;
  /** By what share of each numeric wish it falls short, in all. */
  readonly distance: number;
}

export function shortcomingOf(offer: Offer, wishes: readonly Wish[]): Shortcoming {
  const missing = wishes.filter(({ isMet }) => !isMet(offer));
  let kinds = 0;
  let distance = 0;
  for (const wish of missing) {
    const share = lackOf(offer, wish);
    if (share === undefined) kinds += 1;
    else distance += share;
  }
  return { offer, missing, kinds, distance };
}

function lackOf(offer: Offer, { wanted, offeredBy }: Wish): number | undefined {
  const offered = offeredBy(offer);
  if (typeof wanted !== 'number' || typeof offered !== 'number' || wanted === 0) return undefined;
  return Math.abs(offered - wanted) / wanted;
}
