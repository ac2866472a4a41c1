import { expect, test } from 'vitest';
import { SpendingMeter } from '../../src/costs/spending.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { START } from '../support/builders.ts';

const USD = 1_000_000;
const AT = (minutes: number): number => START + minutes * MINUTE_MS;

test('a balance that falls by what our machines run up leaves nothing to explain', () => {
  const meter = new SpendingMeter();
  meter.burns(2 * USD, START);
  meter.reads({ amount: 100 * USD }, START);
  meter.reads({ amount: 99 * USD }, AT(30));
  expect(meter.spending).toEqual({ since: AT(30), spent: USD, expected: USD });
});

test('what falls beyond that is shown beside it, and a change of the rate counts from its moment', () => {
  const meter = new SpendingMeter();
  meter.burns(2 * USD, START);
  meter.reads({ amount: 100 * USD }, START);
  meter.burns(0, AT(15));
  meter.reads({ amount: 98 * USD }, AT(60));
  expect(meter.spending).toMatchObject({ spent: 2 * USD, expected: USD / 2 });
});

test('a span in which money was paid in counts neither as spent nor as expected', () => {
  const meter = new SpendingMeter();
  meter.burns(2 * USD, START);
  meter.reads({ amount: 10 * USD }, START);
  meter.reads({ amount: 59 * USD }, AT(30));
  expect(meter.spending).toMatchObject({ spent: 0, expected: 0 });
  meter.reads({ amount: 58 * USD }, AT(60));
  expect(meter.spending).toMatchObject({ spent: USD, expected: USD });
});

test('before it is known what runs up, a fall is held against nothing', () => {
  const meter = new SpendingMeter();
  meter.reads({ amount: 10 * USD }, START);
  meter.reads({ amount: 9 * USD }, AT(30));
  expect(meter.spending).toBeUndefined();
  meter.burns(2 * USD, AT(30));
  meter.reads({ amount: 8 * USD }, AT(60));
  expect(meter.spending).toBeUndefined();
});

test('a clock that is set back adds nothing', () => {
  const meter = new SpendingMeter();
  meter.burns(2 * USD, START);
  meter.reads({ amount: 10 * USD }, START);
  meter.reads({ amount: 9 * USD }, START - HOUR_MS);
  expect(meter.spending).toMatchObject({ spent: USD, expected: 0 });
});
