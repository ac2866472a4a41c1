import type { Marketplace, SimHost, SimTraffic } from '../model.ts';

/** A slice of a machine that is listed under an id of its own. */
export interface Ask {
  readonly id: number;
  readonly host: SimHost;
  readonly gpuCount: number;
  /** False for a machine that is rented out whole: it stays listed and cannot be had. */
  readonly isFree: boolean;
  /** GB that are left on the machine. */
  readonly freeDiskGb: number;
  /** Dollars per GB. */
  readonly traffic: SimTraffic;
}

const SLICES_PER_MACHINE = 100;

/** Every ask of this moment. Slices of one machine overlap: renting one takes others away. */
export function listAsks(market: Marketplace): readonly Ask[] {
  const usedDiskGb = usedDisk(market);
  const now = market.clock.now();
  return market
    .hosts('vastai')
    .filter((host) => host.offeredUntil > now)
    .flatMap((host) =>
      asksOf(host, {
        freeGpus: market.freeGpus(host.id),
        usedDiskGb: usedDiskGb.get(host.id) ?? 0,
        traffic: market.trafficRates(host),
      }),
    );
}

/** The ask that this id names now, among those that can be had. */
export function findFreeAsk(market: Marketplace, askId: number): Ask | undefined {
  return listAsks(market).find((ask) => ask.id === askId && ask.isFree);
}

interface Room {
  readonly freeGpus: number;
  readonly usedDiskGb: number;
  readonly traffic: SimTraffic;
}

function asksOf(host: SimHost, { freeGpus, usedDiskGb, traffic }: Room): readonly Ask[] {
  const isFree = freeGpus > 0;
  const sizes = isFree ? sliceSizes(freeGpus, host.gpuCount) : [host.gpuCount];
  return sizes.map((gpuCount) => ({
    id: host.machineId * SLICES_PER_MACHINE + gpuCount,
    host,
    gpuCount,
    isFree,
    freeDiskGb: Math.max(0, host.diskGb - usedDiskGb),
    traffic,
  }));
}

/** 1, 2, 4 … as far as GPUs are free, and the whole machine while nobody is on it. */
function sliceSizes(freeGpus: number, gpuCount: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 1; size <= freeGpus; size *= 2) sizes.push(size);
  if (freeGpus === gpuCount && !sizes.includes(gpuCount)) sizes.push(gpuCount);
  return sizes;
}

function usedDisk(market: Marketplace): ReadonlyMap<string, number> {
  const usedGb = new Map<string, number>();
  for (const { host, state, diskGb } of market.instances()) {
    if (state !== 'gone') usedGb.set(host.id, (usedGb.get(host.id) ?? 0) + diskGb);
  }
  return usedGb;
}
