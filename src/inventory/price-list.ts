import type { MicroUsd } from '../domain/money.ts';
import { type Offer, totalPerHour } from '../domain/offer.ts';

/** What the menu has of one GPU type. */
export interface PriceOfGpu {
  readonly gpuType: string;
  readonly offers: number;
  /** Micro-dollars an hour for one GPU of the cheapest offer, all in. */
  readonly leastPerGpuHour: MicroUsd;
}

/** Types that are told apart; all rarer ones are {@link OTHER_GPUS}. */
const MAX_TYPES = 40;
export const OTHER_GPUS = 'other';

/** The menu by GPU type, those with most offers first. */
export function priceList(offers: readonly Offer[]): readonly PriceOfGpu[] {
  const byType = new Map<string, PriceOfGpu>();
  for (const offer of offers) {
    if (offer.available) add(byType, offer.gpuType, oneOf(offer));
  }
  const types = [...byType.values()].toSorted((left, right) => right.offers - left.offers);
  if (types.length <= MAX_TYPES) return types;
  const rest = new Map<string, PriceOfGpu>();
  for (const type of types.slice(MAX_TYPES - 1)) add(rest, OTHER_GPUS, type);
  return [...types.slice(0, MAX_TYPES - 1), ...rest.values()];
}

function oneOf({ price, gpuCount }: Offer) {
  return { offers: 1, leastPerGpuHour: Math.round(totalPerHour(price) / gpuCount) };
}

function add(
  types: Map<string, PriceOfGpu>,
  gpuType: string,
  { offers, leastPerGpuHour }: Omit<PriceOfGpu, 'gpuType'>,
): void {
  const known = types.get(gpuType);
  types.set(gpuType, {
    gpuType,
    offers: (known?.offers ?? 0) + offers,
    leastPerGpuHour: Math.min(known?.leastPerGpuHour ?? leastPerGpuHour, leastPerGpuHour),
  });
}
