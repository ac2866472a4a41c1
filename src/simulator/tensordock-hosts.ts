import type { CatalogueEntry } from './gpu-catalogue.ts';
import { drawDriver, drawPrice, type HostSource, hostAddress, roundTo } from './host-draws.ts';
import type { Chance, SimHost, SimRates } from './model.ts';
import { TENSORDOCK_SITES, type TensordockSite } from './tensordock-sites.ts';

const DAY_MS = 86_400_000;

/** Hostnode addresses start behind Vast.ai's, so that small worlds share none. */
const FIRST_ADDRESS = 300;

/** A site with what is the same for all its hostnodes. */
interface OpenSite extends TensordockSite {
  readonly id: string;
  readonly vcpuHour: number;
  readonly ramGbHour: number;
  readonly storage: number;
}

/** One hostnode a GPU model of each site first, then second hostnodes, until there are as many as asked for. */
export function drawTensordockHosts(source: HostSource): readonly SimHost[] {
  const sites = TENSORDOCK_SITES.map((site) => openSite(source.chance.fork(site.city), site));
  const slots = sites.flatMap((site) =>
    site.gpus.map((slug) => ({ site, entry: entryOf(source.catalogue, slug), slug })),
  );
  return Array.from({ length: source.count }, (_, index) => {
    const slot = slots[index % slots.length];
    if (!slot) throw new Error('TensorDock has no sites');
    const chance = source.chance.fork(`hostnode ${index}`);
    const gpuHour = drawPrice(
      source.chance.fork(`price ${slot.site.id} ${slot.slug}`),
      rangeOf(slot.entry),
    );
    return drawHostnode(source, {
      ...slot,
      chance,
      index,
      gpuHour: slot.site.usd?.[slot.slug] ?? gpuHour,
    });
  });
}

function openSite(chance: Chance, site: TensordockSite): OpenSite {
  return {
    ...site,
    id: site.knownId ?? chance.uuid(),
    vcpuHour: chance.pick([0.0015, 0.003, 0.003, 0.004]),
    ramGbHour: chance.pick([0.0007, 0.002, 0.002]),
    storage: chance.pick([0.00005, 0.00007]),
  };
}

function entryOf(catalogue: readonly CatalogueEntry[], v0Name: string): CatalogueEntry {
  const entry = catalogue.find((one) => one.gpu.v0Name === v0Name);
  if (!entry) throw new Error(`no card named ${v0Name}`);
  return entry;
}

function rangeOf(entry: CatalogueEntry): NonNullable<CatalogueEntry['tensordockPrice']> {
  if (!entry.tensordockPrice) throw new Error(`TensorDock has no ${entry.gpu.vastName}`);
  return entry.tensordockPrice;
}

interface Draw {
  readonly chance: Chance;
  readonly site: OpenSite;
  readonly entry: CatalogueEntry;
  readonly index: number;
  readonly gpuHour: number;
}

function drawHostnode(source: HostSource, { chance, site, entry, index, gpuHour }: Draw): SimHost {
  return {
    market: 'tensordock',
    id: chance.uuid(),
    machineId: 700 + index,
    ownerId: 300 + chance.int(0, 20),
    locationId: site.id,
    city: site.city,
    region: site.region,
    country: site.country,
    countryCode: site.countryCode,
    gpu: entry.gpu,
    gpuCount: chance.pick([1, 2, 4, 4, 8]),
    cpuName: chance.pick(['AMD EPYC 7402P 24-Core Processor', 'AMD EPYC 7713 64-Core Processor']),
    vcpus: chance.pick([56, 96, 128, 208]),
    ramGb: chance.pick([256, 331, 512, 990]),
    diskGb: chance.int(1_500, 30_200),
    inetDownMbps: 10_000,
    inetUpMbps: 10_000,
    reliability: roundTo(0.97 + chance.next() * 0.0299, 4),
    verified: true,
    datacenter: true,
    tier: site.tier,
    ...drawDriver(chance, entry.gpu),
    directPorts: 100,
    dedicatedIps: site.dedicatedIps,
    portForwards: site.portForwards,
    ...(site.onlyV0 ? { onlyV0: site.onlyV0 } : {}),
    publicIp: hostAddress(FIRST_ADDRESS + index),
    offeredUntil: source.startedAt + 365 * DAY_MS,
    rates: ratesOf(site, gpuHour),
    nature: source.drawNature(),
  };
}

function ratesOf(site: OpenSite, gpuHour: number): SimRates {
  return {
    gpuHour,
    vcpuHour: site.vcpuHour,
    ramGbHour: site.ramGbHour,
    storage: site.storage,
    minBid: roundTo(gpuHour * 0.5, 4),
  };
}
