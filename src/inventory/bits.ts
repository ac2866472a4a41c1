/** A set of positions from 0 to some size, one bit each. */
export type Bits = Uint32Array;

const WORD = 32;

export function emptyBits(size: number): Bits {
  return new Uint32Array(wordsFor(size));
}

/** Makes `bits` the set of all positions below `count`. */
export function fillBelow(bits: Bits, count: number): void {
  const whole = Math.floor(count / WORD);
  bits.fill(0xffff_ffff, 0, whole);
  bits.fill(0, whole);
  if (count % WORD > 0) bits[whole] = (1 << (count % WORD)) - 1;
}

export function addBit(bits: Bits, position: number): void {
  const word = position >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (position & 31));
}

export function removeBit(bits: Bits, position: number): void {
  const word = position >>> 5;
  bits[word] = (bits[word] ?? 0) & ~(1 << (position & 31));
}

export function hasBit(bits: Bits, position: number): boolean {
  return ((bits[position >>> 5] ?? 0) & (1 << (position & 31))) !== 0;
}

/** Makes `bits` the set of all positions below `below` that are in each of the `sets`, and says how many these are. */
export function meet(bits: Bits, below: number, sets: readonly Bits[]): number {
  fillBelow(bits, below);
  const words = wordsFor(below);
  let count = 0;
  // Four in one go: more are hardly asked for. Where there are less, one is met again.
  for (let at = 0; at === 0 || at < sets.length; at += 4) {
    const first = sets[at] ?? bits;
    const second = sets[at + 1] ?? first;
    const third = sets[at + 2] ?? first;
    const fourth = sets[at + 3] ?? first;
    count = 0;
    for (let word = 0; word < words; word += 1) {
      const two = (bits[word] ?? 0) & (first[word] ?? 0) & (second[word] ?? 0);
      const met = two & (third[word] ?? 0) & (fourth[word] ?? 0);
      bits[word] = met;
      count += bitsInWord(met);
    }
  }
  return count;
}

/** The positions in the set, in order, from the one numbered `offset`, at most `limit`. */
export function positionsIn(bits: Bits, offset: number, limit: number): readonly number[] {
  const found: number[] = [];
  let toSkip = offset;
  for (let word = 0; word < bits.length && found.length < limit; word += 1) {
    let rest = bits[word] ?? 0;
    const here = bitsInWord(rest);
    if (here <= toSkip) {
      toSkip -= here;
      continue;
    }
    for (; rest !== 0 && found.length < limit; rest &= rest - 1) {
      if (toSkip > 0) toSkip -= 1;
      else found.push(word * WORD + lowestBit(rest));
    }
  }
  return found;
}

function wordsFor(size: number): number {
  return Math.ceil(size / WORD);
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Adds neighbouring counts up, in pairs, then fours, then bytes. */
function bitsInWord(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
