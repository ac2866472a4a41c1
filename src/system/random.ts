import { randomFillSync, randomInt } from 'node:crypto';
import type { Random } from '../ports/random.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** The widest range that `randomInt` draws from without bias. */
const RANGE = 2 ** 48 - 1;

/** The machine's own chance, from its cryptographic source: tokens become part of ids that must be hard to guess. */
export const systemRandom: Random = {
  next: () => randomInt(RANGE) / RANGE,
  token: (length) => {
    let token = '';
    while (token.length < length) token += letterOf(drawByte());
    return token;
  },
};

/** Bytes are drawn many at a time: each request has a token for its id. */
const POOL = Buffer.alloc(4_096);
/** The largest number of whole alphabets that a byte holds; beyond them some letters would come more often than others. */
const FAIR_BYTES = 256 - (256 % ALPHABET.length);
let used = POOL.length;

function drawByte(): number {
  if (used === POOL.length) {
    randomFillSync(POOL);
    used = 0;
  }
  const byte = POOL.readUInt8(used);
  // What has become a part of an id is not left lying about.
  POOL[used] = 0;
  used += 1;
  return byte;
}

function letterOf(byte: number): string {
  return byte < FAIR_BYTES ? ALPHABET.charAt(byte % ALPHABET.length) : '';
}
