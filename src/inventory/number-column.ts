import { addBit, type Bits, emptyBits } from './bits.ts';

/** How many of the sets of the largest values are kept ready. */
const CHECKPOINTS = 64;

/**
 * One number of each of many offers, for "which have at least so much". Sorted once from the largest down, so that every
 * answer is the beginning of the order; the sets of 64 beginnings are kept, and at most a 64th of all is added to one.
 */
export class NumberColumn {
  readonly #descending: Float64Array;
  /** Positions of the offers, from the largest value down. */
  readonly #order: Uint32Array;
  readonly #step: number;
  readonly #checkpoints: readonly Bits[];
  readonly #answer: Bits;

  constructor(values: readonly number[]) {
    const order = descendingOrder(values);
    this.#order = order;
    this.#descending = Float64Array.from(order, (position) => values[position] ?? 0);
    this.#step = Math.max(1, Math.ceil(values.length / CHECKPOINTS));
    this.#checkpoints = checkpointsOf(order, this.#step);
    this.#answer = emptyBits(values.length);
  }

  /** Good until the next call. */
  atLeast(least: number): Bits {
    const count = this.#countFrom(least);
    const checkpoint = Math.floor(count / this.#step);
    const ready = this.#checkpoints[checkpoint];
    if (ready) this.#answer.set(ready);
    for (let rank = checkpoint * this.#step; rank < count; rank += 1) {
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

/** By distinct values, of which there are few next to offers. */
function descendingOrder(values: readonly number[]): Uint32Array {
  const positionsOf = new Map<number, number[]>();
  for (const [position, value] of values.entries()) {
    const same = positionsOf.get(value);
    if (same) same.push(position);
    else positionsOf.set(value, [position]);
  }
  const distinct = Float64Array.from(positionsOf.keys()).sort().reverse();
  const order = new Uint32Array(values.length);
  let rank = 0;
  for (const value of distinct) {
    for (const position of positionsOf.get(value) ?? []) {
      order[rank] = position;
      rank += 1;
    }
  }
  return order;
}

/** The set of the first `step * n` positions for each n, from none to all. */
function checkpointsOf(order: Uint32Array, step: number): readonly Bits[] {
  const checkpoints: Bits[] = [];
  const growing = emptyBits(order.length);
  for (const [rank, position] of order.entries()) {
    if (rank % step === 0) checkpoints.push(growing.slice());
    addBit(growing, position);
  }
  checkpoints.push(growing);
  return checkpoints;
}
