import { BrokerError } from '../domain/errors.ts';
import { toUsd } from '../domain/money.ts';
import { type Offer, priceWithDisk, totalPerHour } from '../domain/offer.ts';
import { candidates, explainNoMatch, hasDisk } from '../domain/placement.ts';
import type { SessionRequest } from '../domain/session.ts';
import type { Shelf } from '../inventory/shelf.ts';

/** The offer to launch first, or the refusal that says why there is none and what would help. */
export function chooseOffer(shelf: Shelf, request: SessionRequest): Offer {
  const { choice } = request;
  if (choice.kind !== 'requirements') return givenOffer(shelf, choice.offerId, request);
  const [best] = candidates(shelf.all(), request, []);
  if (best) return best;
  const { removedMost, nearest } = explainNoMatch(shelf.all(), choice.filter);
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

function givenOffer(shelf: Shelf, offerId: string, request: SessionRequest): Offer {
  const offer = shelf.get(offerId);
  if (!offer) {
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
} as const;

/** The name under which callers know a filter field. */
function fieldName(field: keyof typeof FIELD_NAMES): string {
  return FIELD_NAMES[field];
}
