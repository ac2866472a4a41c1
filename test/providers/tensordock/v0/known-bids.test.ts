import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bidToTry,
  type KnownBids,
  withHeard,
} from '../../../../src/providers/tensordock/v0/known-bids.ts';

const MAX_QUESTIONS = 6;

/** Asks a market with this floor until enough is known. */
function asked(floor: number, onDemand: number): { known: KnownBids | undefined; asked: number } {
  let known: KnownBids | undefined;
  for (let count = 0; count <= MAX_QUESTIONS; count += 1) {
    const bid = bidToTry(known, onDemand);
    if (bid === undefined) return { known, asked: count };
    known = withHeard(known, { bid, isTaken: bid >= floor, at: count });
  }
  throw new Error('it never stops asking');
}

test('a few questions find the least bid, from above and near enough', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 40_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (onDemand, share) => {
        const floor = Math.floor(onDemand * share);
        const { known } = asked(floor, onDemand);
        const taken = known?.taken ?? Number.NaN;
        expect(taken).toBeGreaterThanOrEqual(floor);
        expect(taken - floor).toBeLessThanOrEqual(onDemand / 16 + 1);
      },
    ),
  );
});

test('what is not sold for the price on demand is not asked about any further', () => {
  const { known } = asked(2_000, 1_000);
  expect(known).toMatchObject({ refused: 1_000 });
  expect(known?.taken).toBeUndefined();
});

const KNOWN: KnownBids = { taken: 600, refused: 400, heardAt: 0 };

test.each([
  ['a yes below what was refused', { bid: 300, isTaken: true }, { taken: 300 }],
  ['a no above what was taken', { bid: 700, isTaken: false }, { refused: 700 }],
  [
    'a price that is named',
    { bid: 450, isTaken: false, suggested: 500 },
    { taken: 500, refused: 450 },
  ],
  [
    'a price below the bid that it refuses',
    { bid: 450, isTaken: false, suggested: 450 },
    { taken: 600, refused: 450 },
  ],
])('%s is believed, and nothing that it contradicts', (_, heard, known) => {
  expect(withHeard(KNOWN, { ...heard, at: 1 })).toEqual({ ...known, heardAt: 1 });
});
