import type { Chance } from './model.ts';

/** A stream that depends on nothing but its seed. A fork's stream depends on the seed and the path of names alone. */
export function createChance(seed: number | string): Chance {
  const path = String(seed);
  const next = sfc32(hash128(path));
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    int,
    pick: (items) => pickFrom(items, int),
    hit: (probability) => next() < probability,
    fork: (name) => createChance(`${path}/${name}`),
    uuid: () => uuidFrom(int),
  };
}

function pickFrom<T>(items: readonly T[], int: Chance['int']): T {
  const index = int(0, items.length - 1);
  const [item] = items.slice(index, index + 1);
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function uuidFrom(int: Chance['int']): string {
  const digits = Array.from({ length: 32 }, () => int(0, 15).toString(16));
  digits[12] = '4';
  digits[16] = '89ab'.charAt(int(0, 3));
  const text = digits.join('');
  const groups = [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20)];
  return [...groups, text.slice(20)].join('-');
}

type Words = readonly [number, number, number, number];

/** Chris Doty-Humphrey's small fast counter: 128 bits of state, good enough to tell worlds apart. */
function sfc32(seed: Words): () => number {
  let [a, b, c, counter] = seed;
  const draw = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let warmUps = 0; warmUps < 12; warmUps += 1) draw();
  return draw;
}

/** Four FNV-1a hashes with different bases, so that near seeds give far streams. */
function hash128(text: string): Words {
  return [
    fnv(text, 0x811c9dc5),
    fnv(text, 0x9e3779b9),
    fnv(text, 0x85ebca6b),
    fnv(text, 0xc2b2ae35),
  ];
}

function fnv(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash | 0;
}
