import { describe, expect, test } from 'vitest';
import {
  baseBrierOf,
  binsOf,
  brierOf,
  launchesOn,
  type MarketKind,
  type Shown,
} from './calibration.ts';
import { MARKETS } from './calibration-markets.ts';

const SEEDS = ['1', '2', '3'];
const LAUNCHES = 800;
/** Chance alone moves the share of so many launches by three in a hundred. */
const ENOUGH = 250;

function shownOn(kind: MarketKind): readonly Shown[] {
  return SEEDS.flatMap((seed) => launchesOn(kind, { seed, launches: LAUNCHES }));
}

describe('confidence comes true', () => {
  const all = MARKETS.map((kind) => ({ name: kind.name, shown: shownOn(kind) }));

  // The first launches on each market teach what it is like: they are in these figures too.
  test.each(all)('where $name', ({ shown }) => {
    const missed = binsOf(shown)
      .filter(({ launches }) => launches >= ENOUGH)
      .filter((bin) => Math.abs(bin.shown - bin.came) > 0.1);
    expect(missed).toStrictEqual([]);
    // What one gets who knew the market's own share from the start, and nothing of its machines.
    expect(brierOf(shown)).toBeLessThan(baseBrierOf(shown) + 0.01);
  });

  test('at 0.8 eight times in ten, give or take five in a hundred, over all of them', () => {
    const bin = binsOf(all.flatMap(({ shown }) => shown)).find((one) => one.confidence === 0.8);
    expect(bin?.launches).toBeGreaterThan(ENOUGH);
    expect(Math.abs((bin?.came ?? 0) - 0.8)).toBeLessThan(0.05);
  });

  test('and tells good machines from bad ones: it is better than the share of them all', () => {
    const [first] = all;
    if (!first) throw new Error('there are markets');
    expect(brierOf(first.shown)).toBeLessThan(0.95 * baseBrierOf(first.shown));
  });

  test('which a confidence that learns nothing does not do', () => {
    const [first] = all;
    const blind = first?.shown.map((one) => ({ ...one, confidence: 0.6 })) ?? [];
    const missed = binsOf(blind).filter((bin) => Math.abs(bin.shown - bin.came) > 0.1);
    expect(missed).toHaveLength(1);
  });
});
