import type { Budget } from '../costs/accounts.ts';
import { type Reservation, reservationOf } from '../domain/budget.ts';
import { BrokerError } from '../domain/errors.ts';
import type { AttemptFailure } from '../domain/instance.ts';
import { diskNeedOf } from '../domain/model-disk.ts';
import { toUsd } from '../domain/money.ts';
import { type Offer, totalPerHour } from '../domain/offer.ts';
import { matchesFilter, type OfferFilter, offeredValue } from '../domain/offer-filter.ts';
import {
  askedPrice,
  candidates,
  canKeepDisk,
  explainNoMatch,
  hasDisk,
  hasPorts,
  isAffordable,
  measureOf,
  outright,
  takesBid,
} from '../domain/placement.ts';
import type { Choice, SessionRequest } from '../domain/session.ts';
import { meetsTemplate } from '../domain/template-filter.ts';
import type { Shelf } from '../inventory/shelf.ts';
import { staleInventory, unknownOffer, unpayable } from './refusals.ts';
import { needDetails } from './settle-request.ts';

/** What is to be rented, and the request by which later attempts are chosen. */
export interface Placement {
  readonly offer: Offer;
  readonly request: SessionRequest;
  readonly reservation: Reservation;
}

/** The offer to launch first, or the refusal that says why there is none and what would help. */
export function chooseOffer(
  { shelf, budget }: { readonly shelf: Shelf; readonly budget: Budget },
  request: SessionRequest,
): Placement {
  const { choice } = request;
  if (choice.kind !== 'requirements') {
    const offer = givenOffer(shelf, choice.offerId, request);
    const shortfall = budget.shortfallOf(offer, request);
    if (!shortfall) return placed(offer, request);
    const substitute = substituteFor(offer, { ...request, choice }, { shelf, budget });
    if (!substitute) throw unpayable(offer, shortfall);
    return substitute;
  }
  const fitting = candidates(shelf.choices(), request, []);
  const payable = fitting.find((offer) => !budget.shortfallOf(offer, request));
  if (payable) return placed(payable, request);
  const [best] = fitting;
  const shortfall = best && budget.shortfallOf(best, request);
  if (best && shortfall) throw unpayable(best, shortfall);
  assertFilled(shelf);
  assertBidsThere(
    shelf.choices().filter((offer) => matchesFilter(offer, choice.filter)),
    request,
  );
  const { removedMost, nearest } = explainNoMatch(shelf.all(), withCeiling(choice.filter, request));
  throw new BrokerError('no_matching_offer', sentenceFor(shelf.all(), choice.filter, request), {
    total_offers: shelf.all().length,
    ...(removedMost
      ? { most_restrictive: { filter: fieldName(removedMost.field), removed: removedMost.offers } }
      : {}),
    ...(nearest
      ? {
          nearest_miss: {
            offer_id: nearest.offer.id,
            missing: nearest.missing.map(fieldName),
            price_per_hour: toUsd(totalPerHour(nearest.offer.price)),
            values: valuesOf(nearest.offer, nearest.missing),
          },
        }
      : {}),
  });
}

function placed(offer: Offer, request: SessionRequest): Placement {
  return { offer, request, reservation: reservationOf(offer, request) };
}

type GivenOffer = Exclude<Choice, { readonly kind: 'requirements' }>;

/** The best like the given offer that can be paid for. It is the given one that later attempts are held against. */
function substituteFor(
  given: Offer,
  request: SessionRequest & { readonly choice: GivenOffer },
  { shelf, budget }: { readonly shelf: Shelf; readonly budget: Budget },
): Placement | undefined {
  if (request.choice.kind === 'offer') return undefined;
  const likes = candidates(shelf.choices(), request, [{ offer: given, failure: UNPAYABLE }]);
  const payable = likes.find((offer) => !budget.shortfallOf(offer, request));
  const choice = { ...request.choice, named: measureOf(given) };
  return payable && placed(payable, { ...request, choice });
}

/** As a launch would fail there: whoever lets the broker go on to other offers goes on without that call. */
const UNPAYABLE: AttemptFailure = {
  code: 'insufficient_funds',
  message: 'the balance does not carry it',
};

/** What the offer has where it falls short, under the names and in the units of the wishes. */
function valuesOf(
  offer: Offer,
  missing: readonly (keyof OfferFilter)[],
): Readonly<Record<string, number>> {
  const values = missing.flatMap((field) => {
    const value = offeredValue(field, offer);
    if (value === undefined) return [];
    return [[fieldName(field), field === 'maxPricePerHour' ? toUsd(value) : value] as const];
  });
  return Object.fromEntries(values);
}

function sentenceFor(
  offers: readonly Offer[],
  filter: OfferFilter,
  request: SessionRequest,
): string {
  const fitting = offers.filter((offer) => matchesFilter(offer, filter));
  const lacks = SENTENCES.find(
    ({ holds }) => fitting.length > 0 && !fitting.some((offer) => holds(offer, request)),
  );
  return lacks?.sentence ?? 'no offer fits the requirements';
}

const SENTENCES: readonly {
  readonly holds: (offer: Offer, request: SessionRequest) => boolean;
  readonly sentence: string;
}[] = [
  { holds: hasPorts, sentence: 'no offer that fits the requirements can open so many ports' },
  { holds: canKeepDisk, sentence: 'no offer that fits the requirements can keep a disk' },
  {
    holds: (offer, request) => request.bidPerHour === undefined || isAffordable(offer, request),
    sentence: 'bid_price and the disk come to more than max_price with each offer that fits',
  },
];

/**
 * The filter with the request's own price ceiling in it, so that a "no" for its sake is explained with it. A filter knows the
 * prices on demand, which are not what is paid for a bid.
 */
function withCeiling(
  filter: OfferFilter,
  { maxPricePerHour, bidPerHour }: SessionRequest,
): OfferFilter {
  if (maxPricePerHour === undefined || bidPerHour !== undefined) return filter;
  const ceiling = Math.min(maxPricePerHour, filter.maxPricePerHour ?? maxPricePerHour);
  return { ...filter, maxPricePerHour: ceiling };
}

function givenOffer(shelf: Shelf, offerId: string, request: SessionRequest): Offer {
  const offer = shelf.get(offerId);
  if (!offer) {
    const provider = shelf.goneFrom(offerId);
    if (provider !== undefined) throw staleInventory({ offer_id: offerId, provider });
    assertFilled(shelf);
    throw unknownOffer(offerId);
  }
  assertDisk(offer, request);
  assertPorts(offer, request);
  assertTemplate(offer, request);
  assertKeepable(offer, request);
  assertBid(offer, request);
  const perHour = totalPerHour(askedPrice(offer, request));
  if (request.maxPricePerHour !== undefined && perHour > request.maxPricePerHour) {
    throw new BrokerError(
      'no_matching_offer',
      `the offer costs ${toUsd(perHour)} USD per hour with this disk, above max_price`,
      { offer_id: offer.id, price_per_hour: toUsd(perHour) },
    );
  }
  return offer;
}

function assertDisk(offer: Offer, request: SessionRequest): void {
  if (hasDisk(offer, request)) return;
  throw new BrokerError(
    'insufficient_disk',
    `the offer can give ${offer.maxDiskGb ?? 0} GB of disk, ${request.diskGb} GB are asked for`,
    {
      available_gb: offer.maxDiskGb ?? 0,
      requested_gb: request.diskGb,
      ...needDetails(diskNeedOf(request.workload)),
    },
  );
}

function assertPorts(offer: Offer, request: SessionRequest): void {
  if (hasPorts(offer, request)) return;
  const { maxOpenPorts = 0 } = offer;
  const message =
    maxOpenPorts <= 1
      ? 'cannot be opened by this offer: its machine has no ports of its own'
      : `must name at most ${maxOpenPorts - 1} ports for this offer, which can open ${maxOpenPorts} and needs one of them for itself`;
  throw new BrokerError('validation_error', `exposed_ports ${message}`, {
    details: [{ path: 'exposed_ports', message }],
  });
}

function assertKeepable(offer: Offer, request: SessionRequest): void {
  if (canKeepDisk(offer, request)) return;
  const message =
    'cannot be preserve with this offer: its machine cannot be stopped with the disk kept';
  throw new BrokerError('validation_error', `storage_policy ${message}`, {
    details: [{ path: 'storage_policy', message }],
  });
}

function assertBid(offer: Offer, request: SessionRequest): void {
  if (takesBid(offer, request)) return;
  if (offer.minBid === undefined) {
    const message = 'cannot be interruptible with this offer: no bids are known to be taken for it';
    throw new BrokerError('validation_error', `pricing ${message}`, {
      details: [{ path: 'pricing', message }],
    });
  }
  const minBid = toUsd(offer.minBid);
  const isTooLow = offer.minBid > (request.bidPerHour ?? 0);
  throw new BrokerError(
    'no_matching_offer',
    isTooLow
      ? `the least bid that is taken for this offer now is ${minBid} USD per hour, above bid_price`
      : `this offer costs ${toUsd(outright(offer))} USD per hour on demand without its disk, less than bid_price`,
    { offer_id: offer.id, min_bid: minBid },
  );
}

/** Where the bid alone is in the way, the answer is about bids, and names the least one. */
function assertBidsThere(fitting: readonly Offer[], request: SessionRequest): void {
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

function assertTemplate({ id, facts }: Offer, { workload }: SessionRequest): void {
  const template = workload.kind === 'ssh' ? workload.template : undefined;
  if (!template) return;
  if (facts === undefined) {
    const message = 'goes with offers of a marketplace that has templates; this one has none';
    throw new BrokerError('validation_error', `template_hash_id ${message}`, {
      details: [{ path: 'template_hash_id', message }],
    });
  }
  const failed = (template.conditions ?? []).filter((one) => !meetsTemplate(facts, [one]));
  if (failed.length === 0) return;
  const conditions = failed.map(({ field, operator, wanted }) =>
    `${field} ${operator} ${JSON.stringify(wanted)}`.slice(0, MAX_CONDITION_CHARS),
  );
  throw new BrokerError(
    'no_matching_offer',
    `the offer does not fit the template: ${conditions.slice(0, MAX_CONDITIONS_TOLD).join('; ')}`,
    { offer_id: id },
  );
}

/** A template's conditions are a stranger's text of any length. */
const MAX_CONDITION_CHARS = 120;
const MAX_CONDITIONS_TOLD = 5;

/** Right after a start an offer may be missing only because its provider has not been read yet. */
function assertFilled(shelf: Shelf): void {
  if (!shelf.isFilling()) return;
  throw new BrokerError(
    'not_ready',
    'the offers of some providers are still being read; try again in a moment',
  );
}

const FIELD_NAMES = {
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
} as const;

/** The name under which callers know a filter field. */
function fieldName(field: keyof typeof FIELD_NAMES): string {
  return FIELD_NAMES[field];
}
