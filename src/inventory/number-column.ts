import { addBit, type Bits, emptyBits } from './bits.ts';
import { countUpTo } from './count-up-to.ts';

/** How many of the sets of the largest values are kept ready. */
const CHECKPOINTS = 64;

/**
 * One number of each of many offers, for "which have at least so much". Sorted once from the largest down, so that every
 * answer is the beginning of the order. The sets of 64 beginnings are kept, and at most a 64th of all is added to one; where
 * there are few different values, as of GPUs or their memory, those are all the answers that there are.
 */
export class NumberColumn {
  /** The values from the largest down, each with its sign turned, so that they rise. */
  readonly #turned: Float64Array;
  /** Positions of the offers, from the largest value down. */
  readonly #order: Uint32Array;
  /** How many values are in each of the sets that are kept, from none of them to all. */
  readonly #counts: Float64Array;
  readonly #kept: readonly Bits[];
  readonly #answer: Bits;

  constructor(values: readonly number[]) {
    const groups = groupedDown(values);
    this.#order = Uint32Array.from(groups.flat());
    this.#turned = Float64Array.from(this.#order, (position) => -(values[position] ?? 0));
    this.#counts = countsOf(groups, values.length);
    this.#kept = beginningsOf(this.#order, this.#counts);
    this.#answer = emptyBits(values.length);
  }

  /** Good until the next call. */
  atLeast(least: number): Bits {
    const count = countUpTo(this.#turned, -least);
    const nearest = countUpTo(this.#counts, count) - 1;
    const kept = this.#kept[nearest] ?? this.#answer;
    const keptCount = this.#counts[nearest] ?? count;
    if (keptCount === count) return kept;
    this.#answer.set(kept);
    for (let rank = keptCount; rank < count; rank += 1) {
      addBit(this.#answer, this.#order[rank] ?? 0);
    }
    return this.#answer;
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
function countsOf(groups: readonly (readonly number[])[], size: number): Float64Array {
  if (groups.length <= CHECKPOINTS) {
    let count = 0;
    return Float64Array.from([0, ...groups.map((group) => (count += group.length))]);
  }
  const step = Math.ceil(size / CHECKPOINTS);
  return Float64Array.from({ length: Math.ceil(size / step) }, (_, number) => number * step);
}

function beginningsOf(order: Uint32Array, counts: Float64Array): readonly Bits[] {
  const growing = emptyBits(order.length);
  let added = 0;
  return Array.from(counts, (count) => {
    for (; added < count; added += 1) addBit(growing, order[added] ?? 0);
    return growing.slice();
  });
}
