import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ceilingMicroUsd, costOver, costWithin, microUsd, toUsd } from '../../src/domain/money.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { START } from '../support/builders.ts';

const rate = fc.integer({ min: 0, max: 50_000_000 });
const spanMs = fc.integer({ min: 0, max: 3 * DAY_MS });

test.each([
  [0.4, 400_000],
  [0.1 + 0.2, 300_000],
  [1.0000004, 1_000_000],
  [1.0000006, 1_000_001],
  [0, 0],
])('%d dollars are %i micro-dollars', (usd, micro) => {
  expect(microUsd(usd)).toBe(micro);
});

test('micro-dollars survive the way to dollars and back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000_000 }), (amount) => {
      expect(microUsd(toUsd(amount))).toBe(amount);
    }),
  );
});

test('a ceiling in dollars lets pass what is not above it, to the last decimal', () => {
  expect(ceilingMicroUsd(0.3)).toBe(300_000);
  expect(ceilingMicroUsd(0.2999996)).toBe(299_999);
  expect(ceilingMicroUsd(0.0000009)).toBe(0);
  const decimals = fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 999_999_999 }));
  fc.assert(
    fc.property(decimals, ([whole, nano]) => {
      const ceiling = ceilingMicroUsd(Number(`${whole}.${String(nano).padStart(9, '0')}`));
      expect(ceiling).toBe(whole * 1_000_000 + Math.floor(nano / 1000));
    }),
  );
});

describe('the cost of a rate over a span', () => {
  test.each([
    ['an hour', HOUR_MS, 400_000],
    ['half an hour', HOUR_MS / 2, 200_000],
    ['one second', 1_000, 111],
    ['nothing', 0, 0],
    ['a span that runs backwards', -HOUR_MS, 0],
  ])('over %s', (_, span, cost) => {
    expect(costOver(400_000, span)).toBe(cost);
  });

  test('is a whole number that never falls as time passes', () => {
    fc.assert(
      fc.property(rate, spanMs, spanMs, (perHour, one, more) => {
        const before = costOver(perHour, one);
        expect(Number.isSafeInteger(before)).toBe(true);
        expect(costOver(perHour, one + more)).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

describe('the cost within a window', () => {
  test('windows that touch sum to the whole exactly, wherever they are cut', () => {
    const cuts = fc.array(fc.integer({ min: -DAY_MS, max: 4 * DAY_MS }), { maxLength: 12 });
    fc.assert(
      fc.property(rate, spanMs, cuts, (perHour, span, offsets) => {
        const charged = { from: START, to: START + span };
        const edges = [-2 * DAY_MS, ...offsets.toSorted((left, right) => left - right), 5 * DAY_MS];
        const parts = edges
          .slice(1)
          .map((edge, index) => ({ from: START + (edges[index] ?? 0), to: START + edge }))
          .map((window) => costWithin(perHour, charged, window));
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(costOver(perHour, span));
        expect(parts.every((part) => part >= 0)).toBe(true);
      }),
    );
  });

  test.each([
    ['before the span', -2, -1, 0],
    ['after the span', 3, 4, 0],
    ['over its first half', -1, 1, 400_000],
    ['over its second half', 1, 5, 400_000],
    ['over all of it', -1, 5, 800_000],
  ])('a window %s', (_, from, to, cost) => {
    const charged = { from: START, to: START + 2 * HOUR_MS };
    const window = { from: START + from * HOUR_MS, to: START + to * HOUR_MS };
    expect(costWithin(400_000, charged, window)).toBe(cost);
  });
});
