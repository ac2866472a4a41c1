import type { CatalogueEntry, PriceRange } from './gpu-catalogue.ts';
import type { Chance, HostNature, SimGpu, SimMs } from './model.ts';

/** What both markets' hosts are drawn from. */
export interface HostSource {
  readonly chance: Chance;
  readonly startedAt: SimMs;
  readonly count: number;
  readonly catalogue: readonly CatalogueEntry[];
  readonly drawNature: () => HostNature;
}

export interface Driver {
  readonly driverVersion: string;
  readonly cudaMax: number;
}

const DRIVERS: readonly Driver[] = [
  { driverVersion: '535.183.01', cudaMax: 12.2 },
  { driverVersion: '550.127.05', cudaMax: 12.4 },
  { driverVersion: '560.35.05', cudaMax: 12.6 },
  { driverVersion: '565.77', cudaMax: 12.7 },
  { driverVersion: '570.86.15', cudaMax: 12.8 },
  { driverVersion: '575.57.08', cudaMax: 12.9 },
  { driverVersion: '580.65.06', cudaMax: 13.0 },
];

/** Blackwell cards start at capability 10.0 and need CUDA 12.8. */
const BLACKWELL_CAP = 1000;
const BLACKWELL_CUDA = 12.8;

export function drawDriver(chance: Chance, gpu: SimGpu): Driver {
  const fits = DRIVERS.filter(
    (one) => gpu.computeCap < BLACKWELL_CAP || one.cudaMax >= BLACKWELL_CUDA,
  );
  return chance.pick(fits);
}

/** One of the items, each as likely as its weight says. */
export function drawWeighted<T extends { readonly weight: number }>(
  chance: Chance,
  items: readonly T[],
): T {
  const total = items.reduce((sum, item) => sum + item.weight, 0);
  let left = chance.next() * total;
  for (const item of items) {
    left -= item.weight;
    if (left < 0) return item;
  }
  return chance.pick(items);
}

/** Dollars inside the range, to four decimals, cheaper ones more often. */
export function drawPrice(chance: Chance, range: PriceRange): number {
  const share = chance.next() ** 1.5;
  return roundTo(range.low + (range.high - range.low) * share, 4);
}

export function drawBetween(chance: Chance, low: number, high: number): number {
  return low + chance.next() * (high - low);
}

/** The decimal nearest to a number, free of binary tails, so that prices are exact. */
export function roundTo(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/** Blocks that RFC 5737 keeps for documentation; a world with more hosts than addresses shares them, as NAT does. */
export function hostAddress(index: number): string {
  const slot = index % 508;
  return slot < 254 ? `192.0.2.${slot + 1}` : `198.51.100.${slot - 253}`;
}
