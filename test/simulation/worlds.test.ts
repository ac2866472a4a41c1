import { expect, test } from 'vitest';
import { DIRECTED_WORLDS } from './directed.ts';
import { KEPT_SEEDS } from './kept-seeds.ts';
import { runWorld } from './world.ts';

/** Random worlds are many in `npm run simulate`; these are a few. Those about each theme are in faults.test.ts. */
const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);
const REPLAYED = [3, 11];

test.each(SEEDS)('no promise is broken in the world of seed %i', async (seed) => {
  expect((await runWorld({ seed })).violations).toEqual([]);
});

test.each(KEPT_SEEDS)(
  'seed $seed has not forgotten: $taught',
  async ({ seed, theme, directed }) => {
    expect(Object.keys(DIRECTED_WORLDS)).toContain(directed);
    expect((await runWorld({ seed, theme })).violations).toEqual([]);
  },
);

test.each(REPLAYED)('seed %i run twice gives the same trace', async (seed) => {
  const [first, second] = [await runWorld({ seed }), await runWorld({ seed })];
  expect(second).toEqual(first);
});

test('different seeds give different worlds', async () => {
  const [first, second] = [await runWorld({ seed: 3 }), await runWorld({ seed: 4 })];
  expect(second.traceHash).not.toBe(first.traceHash);
});
