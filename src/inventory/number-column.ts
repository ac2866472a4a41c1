import { addBit, type Bits, emptyBits } from './bits.ts';

/** How many of the sets of the largest values are kept ready. */
const CHECKPOINTS = 64;

interface Checkpoint {
  /** How many values are in it. */
  readonly count: number;
  readonly bits: Bits;
}

/**
 * One number of each of many offers, for "which have at least so much". Sorted once from the largest down, so that every
 * answer is the beginning of the order. The sets of 64 beginnings are kept, and at most a 64th of all is added to one; where
 * there are few different values, as of GPUs or their memory, those are all the answers that there are.
 */
export class NumberColumn {
  readonly #descending: Float64Array;
  /** Positions of the offers, from the largest value down. */
  readonly #order: Uint32Array;
  /** From none of them to all. */
  readonly #checkpoints: readonly Checkpoint[];
  readonly #answer: Bits;

  constructor(values: readonly number[]) {
    const groups = groupedDown(values);
    this.#order = Uint32Array.from(groups.flat());
    this.#descending = Float64Array.from(this.#order, (position) => values[position] ?? 0);
    this.#checkpoints = checkpointsOf(this.#order, countsOf(groups, values.length));
    this.#answer = emptyBits(values.length);
  }

  /** Good until the next call. */
  atLeast(least: number): Bits {
    const count = this.#countFrom(least);
    const checkpoint = this.#checkpoints.findLast((ready) => ready.count <= count);
    if (!checkpoint || checkpoint.count === count) return checkpoint?.bits ?? this.#answer;
    this.#answer.set(checkpoint.bits);
    for (let rank = checkpoint.count; rank < count; rank += 1) {
      addBit(this.#answer, this.#order[rank] ?? 0);
    }
    return this.#answer;
  }

  /** How many values are at least this. */
  #countFrom(least: number): number {
    let low = 0;
    let high = this.#descending.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#descending[middle] ?? 0) >= least) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Positions of equal values together, from the largest value down: there are few different ones next to offers. */
function groupedDown(values: readonly number[]): readonly (readonly number[])[] {
  const positionsOf = new Map<number, number[]>();
  for (const [position, value] of values.entries()) {
    const same = positionsOf.get(value);
    if (same) same.push(position);
    else positionsOf.set(value, [position]);
  }
  const distinct = Float64Array.from(positionsOf.keys()).sort().reverse();
  return Array.from(distinct, (value) => positionsOf.get(value) ?? []);
}

/** After how many of the largest a set is kept. */
function countsOf(groups: readonly (readonly number[])[], size: number): readonly number[] {
  if (groups.length <= CHECKPOINTS) {
    let count = 0;
    return [0, ...groups.map((group) => (count += group.length))];
  }
  const step = Math.ceil(size / CHECKPOINTS);
  return Array.from({ length: Math.ceil(size / step) }, (_, number) => number * step);
}

function checkpointsOf(order: Uint32Array, counts: readonly number[]): readonly Checkpoint[] {
  const growing = emptyBits(order.length);
  let added = 0;
  return counts.map((count) => {
    for (; added < count; added += 1) addBit(growing, order[added] ?? 0);
    return { count, bits: growing.slice() };
  });
}
