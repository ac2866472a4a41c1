import type { Static } from '@sinclair/typebox';
import { toUsd } from '../../domain/money.ts';
import { type Offer, totalPerHour } from '../../domain/offer.ts';
import { menuExpectedCost } from '../../domain/ranking.ts';
import { toRfc3339 } from '../../domain/time.ts';
import { offersOn } from '../../inventory/found-offers.ts';
import type { MenuPage } from '../../inventory/menu.ts';
import type { OfferAnswer, OffersAnswer } from '../schemas/offer-schemas.ts';
import { known } from './known.ts';

export function offerView(offer: Offer): Static<typeof OfferAnswer> {
  return {
    id: offer.id,
    provider: offer.provider,
    provider_id: offer.providerId,
    gpu_type: offer.gpuType,
    gpu_count: offer.gpuCount,
    ...known({ gpu_vendor: offer.gpuVendor }),
    vram_gb: offer.vramGb,
    price_per_hour: toUsd(totalPerHour(offer.price)),
    price: priceView(offer),
    location: offer.location,
    country: offer.country,
    reliability: offer.reliability,
    available: offer.available,
    availability_confidence: shownConfidence(offer),
    expected_cost: toUsd(menuExpectedCost(offer)),
    max_duration_hours: offer.maxDurationHours,
    fetched_at: toRfc3339(offer.fetchedAt),
    interruptible: offer.interruptible,
    preservable: offer.preservable === true,
    ...known(hardwareView(offer)),
  };
}

/** An estimate: more digits than these would claim what nobody knows. */
export function shownConfidence({ availabilityConfidence }: Offer): number {
  return Math.round(availabilityConfidence * 1000) / 1000;
}

export function offersView(page: MenuPage): Static<typeof OffersAnswer> {
  return { ...pageFrameView(page), offers: offersOn(page).map(offerView) };
}

/** The page without its offers, but with their number. */
export function pageFrameView(page: MenuPage): Static<typeof OffersAnswer> {
  const { positions, total, staleProviders } = page;
  const frame = { offers: [], count: positions.length, total };
  return staleProviders.length === 0
    ? frame
    : { ...frame, partial: true, stale_providers: [...staleProviders] };
}

function priceView({ price }: Offer): Static<typeof OfferAnswer>['price'] {
  return {
    gpu: toUsd(price.gpu),
    cpu: toUsd(price.cpu),
    ram: toUsd(price.ram),
    disk: toUsd(price.disk),
  };
}

/** Clients of the older broker read the CUDA version as a number, so it is one here; it is a version everywhere else. */
function hardwareView(offer: Offer) {
  return {
    cuda_version: offer.cudaVersion === undefined ? undefined : Number(offer.cudaVersion),
    cpu_cores: offer.cpuCores,
    ram_gb: offer.ramGb,
    disk_gb: offer.maxDiskGb,
    inet_down_mbps: offer.inetDownMbps,
    inet_up_mbps: offer.inetUpMbps,
    machine_id: offer.machineId,
    min_bid: offer.minBid === undefined ? undefined : toUsd(offer.minBid),
  };
}
