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
  const read = SORT_VALUES[sort];
  const values = new Float64Array(offers.length);
  for (const [position, offer] of offers.entries()) values[position] = sign * read(offer);
  const isSmall = offers.length < POSITIONS && values.every(isSmallInteger);
  return isSmall ? orderOfIntegers(offers, values) : orderByComparing(offers, values);
}

/** More offers than any market has. With {@link MAX_INTEGER} below what a double holds exactly, 2^53. */
const POSITIONS = 2 ** 20;
const MAX_INTEGER = 2 ** 32;

function isSmallInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < MAX_INTEGER;
}

function orderByComparing(offers: readonly Offer[], values: Float64Array): Uint32Array {
  return Uint32Array.from(offers.keys()).sort((left, right) => {
    const difference = (values[left] ?? 0) - (values[right] ?? 0);
    return difference === 0 ? byId(offers[left], offers[right]) : difference;
  });
}

/**
 * Prices are whole micro-dollars: value and position go into one number, and numbers are sorted without asking anybody, in a
 * third of the time. Only those of one value are compared by their ids then.
 */
function orderOfIntegers(offers: readonly Offer[], values: Float64Array): Uint32Array {
  const keys = values.map((value, position) => value * POSITIONS + position).sort();
  const order = new Uint32Array(keys.length);
  for (const [rank, key] of keys.entries()) {
    order[rank] = key - Math.floor(key / POSITIONS) * POSITIONS;
  }
  let from = 0;
  for (let rank = 1; rank <= order.length; rank += 1) {
    if (values[order[rank] ?? -1] === values[order[from] ?? -1]) continue;
    const isTie = rank - from > 1;
    if (isTie) order.subarray(from, rank).sort((left, right) => byId(offers[left], offers[right]));
    from = rank;
  }
  return order;
}

function byId(left: Offer | undefined, right: Offer | undefined): number {
  if (!left || !right || left.id === right.id) return 0;
  return left.id < right.id ? -1 : 1;
}
