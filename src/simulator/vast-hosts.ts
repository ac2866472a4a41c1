import type { CatalogueEntry } from './gpu-catalogue.ts';
import {
  drawBetween,
  drawDriver,
  drawPrice,
  drawWeighted,
  type HostSource,
  hostAddress,
  roundTo,
} from './host-draws.ts';
import type { Chance, SimHost, SimMs, SimRates } from './model.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Place {
  readonly city: string;
  readonly region: string;
  readonly country: string;
  readonly countryCode: string;
}

const PLACES: readonly Place[] = [
  { city: 'Montreal', region: 'Quebec', country: 'Canada', countryCode: 'CA' },
  { city: 'Los Angeles', region: 'California', country: 'United States', countryCode: 'US' },
  { city: 'Dallas', region: 'Texas', country: 'United States', countryCode: 'US' },
  { city: 'Ashburn', region: 'Virginia', country: 'United States', countryCode: 'US' },
  { city: 'Portland', region: 'Oregon', country: 'United States', countryCode: 'US' },
  { city: 'Prague', region: '', country: 'Czechia', countryCode: 'CZ' },
  { city: 'Frankfurt', region: 'Hesse', country: 'Germany', countryCode: 'DE' },
  { city: 'Paris', region: 'Ile-de-France', country: 'France', countryCode: 'FR' },
  { city: 'Stockholm', region: 'Stockholm', country: 'Sweden', countryCode: 'SE' },
  { city: 'Oslo', region: '', country: 'Norway', countryCode: 'NO' },
  { city: 'Sofia', region: '', country: 'Bulgaria', countryCode: 'BG' },
  { city: 'Warsaw', region: 'Mazovia', country: 'Poland', countryCode: 'PL' },
  { city: 'London', region: 'England', country: 'United Kingdom', countryCode: 'GB' },
  { city: 'Tokyo', region: 'Tokyo', country: 'Japan', countryCode: 'JP' },
  { city: 'Seoul', region: '', country: 'South Korea', countryCode: 'KR' },
  { city: 'Taipei', region: '', country: 'Taiwan', countryCode: 'TW' },
  { city: 'Singapore', region: '', country: 'Singapore', countryCode: 'SG' },
  { city: 'Sydney', region: 'New South Wales', country: 'Australia', countryCode: 'AU' },
];

const CPUS = [
  { cpuName: 'AMD EPYC 7443 24-Core Processor', vcpus: 48 },
  { cpuName: 'AMD EPYC 7702 64-Core Processor', vcpus: 128 },
  { cpuName: 'AMD EPYC 9354 32-Core Processor', vcpus: 64 },
  { cpuName: 'AMD Ryzen 9 7950X 16-Core Processor', vcpus: 32 },
  { cpuName: 'Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz', vcpus: 64 },
  { cpuName: 'Intel(R) Core(TM) i9-13900K', vcpus: 32 },
] as const;

/** Community machines and datacenters, as Vast.ai lists them. */
export function drawVastHosts(source: HostSource): readonly SimHost[] {
  return Array.from({ length: source.count }, (_, index) => {
    const chance = source.chance.fork(`host ${index}`);
    const entry = drawWeighted(chance, source.catalogue);
    return drawHost(source, { chance, entry, index });
  });
}

interface Draw {
  readonly chance: Chance;
  readonly entry: CatalogueEntry;
  readonly index: number;
}

function drawHost(source: HostSource, { chance, entry, index }: Draw): SimHost {
  const machineId = 12_000 + index * 7 + chance.int(0, 6);
  const verified = chance.hit(0.8);
  return {
    market: 'vastai',
    id: String(machineId),
    machineId,
    ownerId: 90_000 + chance.int(0, 60),
    locationId: '',
    ...chance.pick(PLACES),
    gpu: entry.gpu,
    gpuCount: chance.pick([1, 1, 1, 2, 2, 4, 4, 8]),
    ...chance.pick(CPUS),
    ramGb: chance.pick([64, 128, 192, 256, 512, 1024]),
    diskGb: chance.int(120, 4_000),
    ...drawNetwork(chance),
    reliability: roundTo(
      verified ? drawBetween(chance, 0.95, 0.9999) : drawBetween(chance, 0.6, 0.99),
      4,
    ),
    verified,
    datacenter: chance.hit(0.35),
    tier: 1,
    ...drawDriver(chance, entry.gpu),
    dedicatedIps: false,
    portForwards: true,
    publicIp: hostAddress(index),
    offeredUntil: drawOfferEnd(chance, source.startedAt),
    rates: drawRates(chance, entry),
    nature: source.drawNature(),
  };
}

/** Most machines have open ports; the rest can only be reached through the proxy. */
function drawNetwork(chance: Chance): Pick<SimHost, 'inetDownMbps' | 'inetUpMbps' | 'directPorts'> {
  const inetDownMbps = roundTo(drawBetween(chance, 150, 5_000), 1);
  return {
    inetDownMbps,
    inetUpMbps: roundTo(inetDownMbps * drawBetween(chance, 0.3, 1), 1),
    directPorts: chance.hit(0.92) ? chance.int(10, 250) : 0,
  };
}

function drawOfferEnd(chance: Chance, startedAt: SimMs): SimMs {
  return chance.hit(0.05)
    ? startedAt + chance.int(2, 20) * HOUR_MS
    : startedAt + chance.int(3, 180) * DAY_MS;
}

function drawRates(chance: Chance, entry: CatalogueEntry): SimRates {
  const gpuHour = drawPrice(chance, entry.vastPrice);
  return {
    gpuHour,
    vcpuHour: 0,
    ramGbHour: 0,
    storage: chance.pick([0.05, 0.1, 0.15, 0.15, 0.2, 0.3]),
    minBid: roundTo(gpuHour * drawBetween(chance, 0.4, 0.7), 4),
  };
}
