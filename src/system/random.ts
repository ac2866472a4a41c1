import { randomInt } from 'node:crypto';
import type { Random } from '../ports/random.ts';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** The widest range that `randomInt` draws from without bias. */
const RANGE = 2 ** 48 - 1;

/** The machine's own chance, from its cryptographic source: tokens become part of ids that must be hard to guess. */
export const systemRandom: Random = {
  next: () => randomInt(RANGE) / RANGE,
  token: (length) => Array.from({ length }, drawLetter).join(''),
};

function drawLetter(): string {
  return ALPHABET.charAt(randomInt(ALPHABET.length));
}
