import { BrokerError } from '../domain/errors.ts';
import { toUsd } from '../domain/money.ts';
import { type Offer, priceWithDisk, totalPerHour } from '../domain/offer.ts';
import type { OfferFilter } from '../domain/offer-filter.ts';
import { candidates, explainNoMatch, hasDisk } from '../domain/placement.ts';
import type { SessionRequest } from '../domain/session.ts';
import type { Shelf } from '../inventory/shelf.ts';

/** The offer to launch first, or the refusal that says why there is none and what would help. */
export function chooseOffer(shelf: Shelf, request: SessionRequest): Offer {
  const { choice } = request;
  if (choice.kind !== 'requirements') return givenOffer(shelf, choice.offerId, request);
  const [best] = candidates(shelf.all(), request, []);
  if (best) return best;
  assertFilled(shelf);
  const { removedMost, nearest } = explainNoMatch(shelf.all(), withCeiling(choice.filter, request));
  throw new BrokerError('no_matching_offer', 'no offer fits the requirements', {
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
          },
        }
      : {}),
  });
}

/** The filter with the request's own price ceiling in it, so that a "no" for its sake is explained with it. */
function withCeiling(filter: OfferFilter, { maxPricePerHour }: SessionRequest): OfferFilter {
  if (maxPricePerHour === undefined) return filter;
  const ceiling = Math.min(maxPricePerHour, filter.maxPricePerHour ?? maxPricePerHour);
  return { ...filter, maxPricePerHour: ceiling };
}

function givenOffer(shelf: Shelf, offerId: string, request: SessionRequest): Offer {
  const offer = shelf.get(offerId);
  if (!offer) {
    assertFilled(shelf);
    throw new BrokerError(
      'not_found',
      `no offer ${offerId}; list the current ones with GET /offers`,
    );
  }
  if (!hasDisk(offer, request)) {
    throw new BrokerError(
      'insufficient_disk',
      `the offer can give ${offer.maxDiskGb ?? 0} GB of disk, ${request.diskGb} GB were asked for`,
      { available_gb: offer.maxDiskGb ?? 0, requested_gb: request.diskGb },
    );
  }
  const perHour = totalPerHour(priceWithDisk(offer, request.diskGb));
  if (request.maxPricePerHour !== undefined && perHour > request.maxPricePerHour) {
    throw new BrokerError(
      'no_matching_offer',
      `the offer costs ${toUsd(perHour)} USD per hour with this disk, above max_price`,
      { offer_id: offer.id, price_per_hour: toUsd(perHour) },
    );
  }
  return offer;
}

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
