import { gpuVendorOf } from '../../domain/gpu-vendor.ts';
import { countryOf, joinPlace } from '../../domain/location.ts';
import { MICRO_PER_USD, microUsd } from '../../domain/money.ts';
import { GPU_VENDORS, type GpuVendor, type Offer, type OfferFacts } from '../../domain/offer.ts';
import { type EpochMs, HOUR_MS, SECOND_MS } from '../../domain/time.ts';
import { isPlausibleUsd } from '../plausible-usd.ts';
import { present } from '../present.ts';
import { nominalVramGb } from './nominal-vram.ts';
import { factsOf } from './offer-facts.ts';
import { START_UP } from './start-up.ts';
import type { OfferRow } from './wire.ts';

export const VASTAI = 'vastai';

/** GB of disk that offers are searched and priced with. */
export const INCLUDED_DISK_GB = 50;
const MIN_DISK_GB = 8;
/** Storage is priced by the month of 30 days. */
const HOURS_PER_MONTH = 720;
const MB_PER_GB = 1_024;
const MIN_DURATION_SECONDS = HOUR_MS / SECOND_MS;

/**
 * The share of listed offers that really start, before any experience with the one at hand: most failed launches are offers
 * that were gone (live logs, early 2026), whatever the machine's own uptime score is. The one campaign that was counted had 3
 * of 24, with lists that were read again and again after they had proved stale, keys given up on too early and no second
 * try elsewhere; what it says of an offer of the last minute is taken to be this.
 */
const STARTS_WHEN_LISTED = 0.6;

function priorOf(reliability: number): number {
  return Math.round(reliability * STARTS_WHEN_LISTED * 1_000) / 1_000;
}

/** An offer of the menu, or undefined for a row that cannot be rented as it is shown or whose price is not known. */
export function offerOf(row: OfferRow, fetchedAt: EpochMs): Offer | undefined {
  const price = priceOf(row);
  if (!price || !isRentable(row)) return undefined;
  const reliability = clampShare(row.reliability2 ?? row.reliability ?? 0);
  const facts = factsOf(row);
  const location = joinPlace((row.geolocation ?? '').split(','));
  return {
    id: `${VASTAI}-${row.id}`,
    provider: VASTAI,
    api: VASTAI,
    providerId: String(row.id),
    gpuType: row.gpu_name,
    gpuCount: row.num_gpus,
    gpuVendor: vendorOf(row, facts),
    vramGb: nominalVramGb(row.gpu_name, row.gpu_ram),
    ...price,
    includedDiskGb: INCLUDED_DISK_GB,
    minDiskGb: MIN_DISK_GB,
    location,
    country: countryOf(location),
    reliability,
    available: true,
    availabilityConfidence: priorOf(reliability),
    maxDurationHours: Math.floor((row.duration ?? 0) / MIN_DURATION_SECONDS),
    fetchedAt,
    // Searched for on demand: a bid's price is the bidder's own, from `minBid` on.
    interruptible: false,
    preservable: true,
    ...hardwareOf(row),
    ...trafficOf(facts),
    startUp: START_UP,
    facts,
    adapterData: { askId: row.id },
  };
}

function vendorOf({ gpu_name: name }: OfferRow, facts: OfferFacts): GpuVendor {
  return GPU_VENDORS.find((vendor) => vendor === facts['gpu_arch']) ?? gpuVendorOf(name);
}

/** The id that a launch of this offer names, or undefined when the offer was not made here. */
export function askIdOf(offer: Offer): number | undefined {
  const askId = offer.api === VASTAI ? offer.adapterData['askId'] : undefined;
  return typeof askId === 'number' ? askId : undefined;
}

/** The server is known to ignore filters for some rows, so each is held against them here again. What a row does not say is believed. */
function isRentable(row: OfferRow): boolean {
  return (
    (row.verification ?? 'verified') === 'verified' &&
    row.rentable !== false &&
    row.rented !== true &&
    row.is_bid !== true &&
    (row.disk_space ?? INCLUDED_DISK_GB) >= INCLUDED_DISK_GB &&
    // Less than an hour would read as 0, which means no limit, and serves nobody's reservation.
    (row.duration ?? MIN_DURATION_SECONDS) >= MIN_DURATION_SECONDS
  );
}

function priceOf(row: OfferRow): Pick<Offer, 'price' | 'diskMicroUsdPerGbHour'> | undefined {
  const { dph_base: gpuUsd, storage_cost: storageUsd } = row;
  if (typeof gpuUsd !== 'number' || gpuUsd <= 0) return undefined;
  if (typeof storageUsd !== 'number' || storageUsd < 0) return undefined;
  if (!isPlausibleUsd(gpuUsd) || !isPlausibleUsd(storageUsd)) return undefined;
  const diskMicroUsdPerGbHour = (storageUsd * MICRO_PER_USD) / HOURS_PER_MONTH;
  return {
    price: {
      gpu: microUsd(gpuUsd),
      cpu: 0,
      ram: 0,
      disk: Math.round(diskMicroUsdPerGbHour * INCLUDED_DISK_GB),
    },
    diskMicroUsdPerGbHour,
  };
}

function hardwareOf(row: OfferRow) {
  return present({
    maxDiskGb: positive(row.disk_space, Math.floor),
    cudaVersion: positive(row.cuda_max_good, (version) => version.toFixed(1)),
    cpuCores: positive(row.cpu_cores_effective, (cores) => Math.round(cores * 10) / 10),
    ramGb: positive(ramShareMb(row), (mb) => Math.round(mb / MB_PER_GB)),
    inetDownMbps: positive(row.inet_down, Math.round),
    inetUpMbps: positive(row.inet_up, Math.round),
    // Present on every offer and informational: it does not make the offer interruptible.
    minBid: positive(row.min_bid, (usd) => (isPlausibleUsd(usd) ? microUsd(usd) : undefined)),
    // None at all is an answer: such a machine is reached through the marketplace's proxy alone, which carries SSH only.
    maxOpenPorts: row.direct_port_count ?? undefined,
    machineId: positive(row.machine_id, (id) => `${VASTAI}-machine-${id}`),
    hostId: positive(row.host_id, (id) => `${VASTAI}-host-${id}`),
  });
}

/** Dollars per GB of traffic; one GB at a dollar would be a mistake, and still decides nothing but an order. */
function trafficOf(facts: OfferFacts): Pick<Offer, 'downloadMicroUsdPerGb'> {
  const usd = facts['inet_down_cost'];
  if (typeof usd !== 'number' || usd <= 0 || !isPlausibleUsd(usd)) return {};
  return { downloadMicroUsdPerGb: microUsd(usd) };
}

/** `cpu_ram` is the whole machine's: an offer has as much of it as of the cores, or, where those are unknown, of the GPUs. */
function ramShareMb(row: OfferRow): number | undefined {
  const { cpu_ram: totalMb, cpu_cores: cores, cpu_cores_effective: ownCores } = row;
  if (typeof totalMb !== 'number') return undefined;
  if (cores && ownCores) return totalMb * Math.min(1, ownCores / cores);
  return row.gpu_frac ? totalMb * Math.min(1, row.gpu_frac) : undefined;
}

/** Zero, negative and missing all mean that the host did not report it. */
function positive<Value>(
  reported: number | null | undefined,
  read: (value: number) => Value,
): Value | undefined {
  return typeof reported === 'number' && reported > 0 ? read(reported) : undefined;
}

function clampShare(share: number): number {
  return Math.min(1, Math.max(0, share));
}
