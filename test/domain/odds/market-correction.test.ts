import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correctionFrom, type Forecast } from '../../../src/domain/odds/market-correction.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const forecast = fc.record({ own: share, ran: fc.boolean(), weight: share });
const many = fc.array(forecast, { maxLength: 60 });
const POINTS = Array.from({ length: 21 }, (_, step) => step / 20);
const NEAR_ENOUGH = 1e-9;

function times(count: number, forecasts: Forecast): readonly Forecast[] {
  return Array.from({ length: count }, () => forecasts);
}

describe('what beliefs come to at a market', () => {
  test('is what they are where nothing is known of it', () => {
    for (const point of POINTS.slice(1, -1)) expect(correctionFrom([])(point)).toBeCloseTo(point);
  });

  test('keeps their order', () => {
    fc.assert(
      fc.property(many, (forecasts) => {
        const corrected = POINTS.map(correctionFrom(forecasts));
        const sorted = corrected.toSorted((left, right) => left - right);
        expect(corrected).toStrictEqual(sorted);
      }),
    );
  });

  test('is never raised by a failure, nor lowered by a success, anywhere', () => {
    fc.assert(
      fc.property(many, share, (forecasts, own) => {
        const known = correctionFrom(forecasts);
        const failed = correctionFrom([...forecasts, { own, ran: false, weight: 1 }]);
        const ran = correctionFrom([...forecasts, { own, ran: true, weight: 1 }]);
        for (const point of POINTS) {
          expect(failed(point)).toBeLessThanOrEqual(known(point) + NEAR_ENOUGH);
          expect(ran(point)).toBeGreaterThanOrEqual(known(point) - NEAR_ENOUGH);
        }
      }),
    );
  });

  test('follows what happens: of beliefs of 0.6 that come true one time in three, a third is left', () => {
    const third = [
      ...times(200, { own: 0.6, ran: false, weight: 1 }),
      ...times(100, { own: 0.6, ran: true, weight: 1 }),
    ];
    expect(correctionFrom(third)(0.6)).toBeCloseTo(1 / 3, 1);
  });

  test('a single failure does not sink a market', () => {
    const one = correctionFrom([{ own: 0.6, ran: false, weight: 1 }]);
    expect(one(0.6)).toBeGreaterThan(0.5);
    expect(one(0.9)).toBeCloseTo(0.9);
  });

  test('is never certain', () => {
    const perfect = correctionFrom(times(10_000, { own: 1, ran: true, weight: 1 }));
    const hopeless = correctionFrom(times(10_000, { own: 0, ran: false, weight: 1 }));
    expect(perfect(1)).toBeLessThan(1);
    expect(hopeless(0)).toBeGreaterThan(0);
  });
});
