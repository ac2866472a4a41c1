import { BrokerError } from '../domain/errors.ts';
import { diskNeedOf } from '../domain/model-disk.ts';
import { toUsd } from '../domain/money.ts';
import { type Offer, totalPerHour } from '../domain/offer.ts';
import {
  askedPrice,
  canKeepDisk,
  hasDisk,
  hasPorts,
  outright,
  takesBid,
} from '../domain/placement.ts';
import type { SessionRequest } from '../domain/session.ts';
import { meetsTemplate } from '../domain/template-filter.ts';
import type { Shelf } from '../inventory/shelf.ts';
import { staleInventory, unknownOffer } from './refusals.ts';
import { needDetails } from './settle-request.ts';

/** The offer that the request names, or the refusal that says why it cannot serve. */
export function givenOffer(shelf: Shelf, offerId: string, request: SessionRequest): Offer {
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
export function assertFilled(shelf: Shelf): void {
  if (!shelf.isFilling()) return;
  throw new BrokerError(
    'not_ready',
    'the offers of some providers are still being read; try again in a moment',
  );
}
