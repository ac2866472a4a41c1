import { gpuVendorOf } from '../../domain/gpu-vendor.ts';
import type { ProviderApi } from '../../domain/ids.ts';
import { countryCode, joinPlace } from '../../domain/location.ts';
import { microUsd } from '../../domain/money.ts';
import type { AdapterData, Offer, Price } from '../../domain/offer.ts';
import type { EpochMs } from '../../domain/time.ts';
import { isPlausibleUsd } from '../plausible-usd.ts';
import { gpuName } from './gpu-name.ts';
import { MARKETPLACE, START_UP } from './marketplace.ts';

/** The least disk that can be rented, in GB, by the provider's word; the default price includes as much. */
export const MIN_DISK_GB = 100;

/**
 * At sites that nobody has launched at lately, 3 launches in 10 came up: where a figure had been tuned against live launches it
 * ended here, and the campaign that was counted had 5 of 31. The menu learns from there.
 */
export const PRIOR_CONFIDENCE = 0.3;

/** No machine has more GPUs; a larger figure in a list is a mistake. */
const MAX_GPU_COUNT = 64;

/** vCPU and RAM of one launch. */
export interface MachineSize {
  readonly vcpus: number;
  readonly ramGb: number;
}

/** One GPU model at one site, from whichever API, ready to be sold in several counts. */
export interface Listing {
  readonly api: ProviderApi;
  /** What the offer's id is made of: a location on v2, a hostnode on v0. */
  readonly siteId: string;
  readonly locationId: string;
  readonly v0Name: string;
  readonly displayName?: string;
  readonly maxGpuCount: number;
  readonly maxDiskGb: number;
  readonly size: MachineSize;
  /** Dollars an hour, for one of each. */
  readonly rates: ListingRates;
  readonly place: readonly [city: Maybe, region: Maybe, country: Maybe];
  readonly reliability: number;
  readonly extras: Partial<
    Pick<
      Offer,
      | 'availabilityConfidence'
      | 'inetDownMbps'
      | 'inetUpMbps'
      | 'machineId'
      | 'hostId'
      | 'maxOpenPorts'
      | 'sharesAddress'
      | 'preservable'
      | 'minBid'
    >
  >;
  /** What the API's own launch needs beside GPU, count and size. */
  readonly launchData: AdapterData;
}

type Maybe = string | null | undefined;

export interface ListingRates {
  readonly gpu: number;
  readonly vcpu: number;
  readonly ramGb: number;
  readonly diskGb: number;
}

/** One offer for each count in 1, 2, 4, 8 … that the site says it has; none when it cannot be launched at all. */
export function offersOf(listing: Listing, fetchedAt: EpochMs): Offer[] {
  return gpuCounts(listing.maxGpuCount)
    .map((gpuCount) => offerOf(listing, gpuCount, fetchedAt))
    .filter((offer) => offer !== undefined);
}

/** The site's offer of so many GPUs; undefined when it cannot be launched at all. */
export function offerOf(listing: Listing, gpuCount: number, fetchedAt: EpochMs): Offer | undefined {
  const gpu = gpuName(listing.v0Name, listing.displayName);
  if (!gpu || !isLaunchable(listing)) return undefined;
  return {
    id: offerId(listing, gpuCount),
    provider: MARKETPLACE,
    api: listing.api,
    providerId: listing.siteId,
    gpuType: gpu.gpuType,
    gpuCount,
    gpuVendor: gpuVendorOf(gpu.gpuType),
    vramGb: gpu.vramGb,
    ...pricing(listing, gpuCount),
    ...placing(listing),
    reliability: listing.reliability,
    available: true,
    availabilityConfidence: PRIOR_CONFIDENCE,
    maxDurationHours: 0,
    fetchedAt,
    cpuCores: listing.size.vcpus,
    ramGb: listing.size.ramGb,
    ...listing.extras,
    startUp: START_UP,
    interruptible: false,
    siteId: `${MARKETPLACE}-site-${listing.locationId}`,
    siteKey: `${MARKETPLACE}|${listing.locationId}|${listing.v0Name}|${gpuCount}`,
    adapterData: {
      ...listing.launchData,
      v0Name: listing.v0Name,
      count: gpuCount,
      ...listing.size,
    },
  };
}

/** Whether it is of any use: a machine, the least disk, and a price. */
export function isLaunchable(listing: Listing): boolean {
  const { size, rates } = listing;
  return (
    size.vcpus >= 1 &&
    size.ramGb >= 1 &&
    listing.maxDiskGb >= MIN_DISK_GB &&
    microUsd(rates.gpu) > 0 &&
    [rates.gpu, rates.vcpu, rates.ramGb, rates.diskGb].every(isPlausibleUsd)
  );
}

/** 1, 2, 4, 8 … up to what there is. */
export function gpuCounts(max: number): number[] {
  const counts: number[] = [];
  for (let count = 1; count <= Math.min(max, MAX_GPU_COUNT); count *= 2) counts.push(count);
  return counts;
}

/** One host, whichever API shows it. */
export function hostIdOf(hostnodeId: string): string {
  return `${MARKETPLACE}-host-${hostnodeId}`;
}

function offerId(listing: Listing, gpuCount: number): string {
  const one = `${MARKETPLACE}-${listing.siteId}-${listing.v0Name}`;
  return gpuCount === 1 ? one : `${one}-x${gpuCount}`;
}

/** The advertised price is the GPU's alone; vCPU, RAM and disk are billed beside it. */
function pricing(
  { rates, size, maxDiskGb }: Listing,
  gpuCount: number,
): Pick<Offer, 'price' | 'diskMicroUsdPerGbHour' | 'includedDiskGb' | 'minDiskGb' | 'maxDiskGb'> {
  const price: Price = {
    gpu: microUsd(rates.gpu * gpuCount),
    cpu: microUsd(rates.vcpu * size.vcpus),
    ram: microUsd(rates.ramGb * size.ramGb),
    disk: microUsd(rates.diskGb * MIN_DISK_GB),
  };
  return {
    price,
    diskMicroUsdPerGbHour: microUsd(rates.diskGb * 1_000) / 1_000,
    includedDiskGb: MIN_DISK_GB,
    minDiskGb: MIN_DISK_GB,
    maxDiskGb: Math.floor(maxDiskGb),
  };
}

function placing({ place }: Listing): Pick<Offer, 'location' | 'country'> {
  return { location: joinPlace(place), country: countryCode(place[2] ?? '') };
}
