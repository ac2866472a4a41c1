import { microUsd } from '../../src/domain/money.ts';
import type { OfferFilter } from '../../src/domain/offer-filter.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { drawWeighted } from '../../src/simulator/host-draws.ts';
import type { SimMarket } from '../../src/simulator/market.ts';
import type { Chance, SimHost } from '../../src/simulator/model.ts';

/** What one consumer asks for, and when. */
export interface Wish {
  readonly name: string;
  /** From the opening of the market. */
  readonly atMs: number;
  readonly filter: OfferFilter;
  readonly reservationHours: number;
}

interface Kind {
  readonly weight: number;
  readonly gpuType?: string;
  readonly minVramGb?: number;
  readonly gpuCount?: number;
  readonly country?: string;
  /** Dollars an hour. */
  readonly maxUsd?: number;
}

/** What people ask for: mostly one card that is known by name, or any with memory enough; some want several, or a ceiling. */
// biome-ignore format: one kind a line reads as the table that it is.
const KINDS: readonly Kind[] = [
  { weight: 5, gpuType: 'RTX 4090' },
  { weight: 3, gpuType: 'RTX 3090' },
  { weight: 3, gpuType: 'RTX 5090' },
  { weight: 2, gpuType: 'A100' },
  { weight: 2, gpuType: 'H100' },
  { weight: 1, gpuType: 'RTX A6000' },
  { weight: 1, gpuType: 'L40S' },
  { weight: 4, minVramGb: 24 },
  { weight: 3, minVramGb: 24, maxUsd: 0.5 },
  { weight: 2, minVramGb: 48 },
  { weight: 2, minVramGb: 80, maxUsd: 2.5 },
  { weight: 2, minVramGb: 16, country: 'US' },
  { weight: 1, gpuType: 'RTX 4090', gpuCount: 2 },
  { weight: 1, minVramGb: 24, gpuCount: 4 },
];

export interface DemandOptions {
  readonly chance: Chance;
  readonly hours: number;
  readonly perHour: number;
  /** Hours of a session, each as often. */
  readonly reservationHours: readonly number[];
}

/** Who asks in a market that is open for so many hours: as many in each hour on average, at moments that nobody coordinates. */
export function drawDemand(options: DemandOptions): readonly Wish[] {
  const { chance, hours, perHour } = options;
  const wishes: Wish[] = [];
  let atMs = 0;
  for (;;) {
    atMs += -Math.log(1 - chance.next()) * (HOUR_MS / perHour);
    if (atMs >= hours * HOUR_MS) return wishes;
    const kind = drawWeighted(chance, KINDS);
    const reservationHours = chance.pick(options.reservationHours);
    const name = `consumer-${wishes.length + 1}`;
    wishes.push({ name, atMs: Math.round(atMs), filter: filterOf(kind), reservationHours });
  }
}

function filterOf({ gpuType, minVramGb, gpuCount, country, maxUsd }: Kind): OfferFilter {
  return {
    ...(gpuType === undefined ? {} : { gpuTypes: [gpuType] }),
    ...(minVramGb === undefined ? {} : { minVramGb }),
    ...(country === undefined ? {} : { location: country }),
    ...(maxUsd === undefined ? {} : { maxPricePerHour: microUsd(maxUsd) }),
    minGpuCount: gpuCount ?? 1,
  };
}

/**
 * Whether the market could serve it at this moment: a good machine that fits has GPUs that nobody holds. Read off the
 * marketplace's own truth and not off any menu.
 */
export function isSatisfiable(market: SimMarket, wish: Wish): boolean {
  const hosts = [...market.hosts('vastai'), ...market.hosts('tensordock')];
  return hosts.some((host) => couldServe(market, host, wish));
}

function couldServe(market: SimMarket, host: SimHost, { filter, reservationHours }: Wish): boolean {
  const { gpuTypes, minVramGb = 0, location, minGpuCount = 1, maxPricePerHour } = filter;
  const endsAt = market.clock.now() + reservationHours * HOUR_MS + DAY_MS;
  return (
    host.nature === 'good' &&
    host.verified &&
    host.onlyV0 !== true &&
    host.offeredUntil > endsAt &&
    (gpuTypes ?? [host.gpu.vastName]).some((name) => isNamed(host, name)) &&
    host.gpu.nominalGb >= minVramGb &&
    (location === undefined || host.countryCode === location) &&
    market.freeGpus(host.id) >= minGpuCount &&
    (maxPricePerHour === undefined || microUsd(pricePerHour(host, minGpuCount)) <= maxPricePerHour)
  );
}

/** Whole words: an A100 of any kind is an A100, and an RTX 4090D is no RTX 4090. */
function isNamed({ gpu }: SimHost, name: string): boolean {
  return ` ${gpu.vastName} `.includes(` ${name} `);
}

/** Dollars, with the disk, vCPU and RAM that come with a machine of this market, and a little to spare for what is rounded. */
function pricePerHour({ market, rates }: SimHost, gpuCount: number): number {
  const gpus = rates.gpuHour * gpuCount;
  const rest =
    market === 'vastai'
      ? (DISK_GB * rates.storage) / HOURS_A_MONTH
      : 8 * rates.vcpuHour + 32 * rates.ramGbHour + DOCK_DISK_GB * rates.storage;
  return (gpus + rest) * 1.02;
}

export const DISK_GB = 50;
/** The least that TensorDock rents. */
const DOCK_DISK_GB = 100;
const HOURS_A_MONTH = 720;
