import { type Offer, totalPerHour } from '../domain/offer.ts';
import { menuExpectedCost } from '../domain/ranking.ts';
import type { SortKey } from './menu.ts';

const SORT_VALUES: Readonly<Record<SortKey, (offer: Offer) => number>> = {
  price_per_hour: (offer) => totalPerHour(offer.price),
  price_per_gpu_hour: (offer) => totalPerHour(offer.price) / offer.gpuCount,
  vram_gb: (offer) => offer.vramGb,
  gpu_count: (offer) => offer.gpuCount,
  reliability: (offer) => offer.reliability,
  availability_confidence: (offer) => offer.availabilityConfidence,
  expected_cost: menuExpectedCost,
};

/** Positions of the offers in the wanted order. Ties are by id, whichever way the order runs, so that pages never overlap. */
export function orderOf(
  offers: readonly Offer[],
  { sort, descending }: { readonly sort: SortKey; readonly descending: boolean },
): Uint32Array {
  const sign = descending ? -1 : 1;
  const values = Float64Array.from(offers, (offer) => sign * SORT_VALUES[sort](offer));
  return Uint32Array.from(offers.keys()).sort((left, right) => {
    const difference = (values[left] ?? 0) - (values[right] ?? 0);
    return difference === 0 ? byId(offers[left], offers[right]) : difference;
  });
}

function byId(left: Offer | undefined, right: Offer | undefined): number {
  if (!left || !right || left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}
