import { expect, test } from 'vitest';
import { toRfc3339, utcDayStart, utcMonthStart } from '../../src/domain/time.ts';
import { START } from '../support/builders.ts';

test('an instant is written in UTC with whole seconds', () => {
  expect(toRfc3339(START + 999)).toBe('2026-01-29T12:00:00Z');
});

test('a day starts at midnight UTC, which is a day of its own', () => {
  expect(toRfc3339(utcDayStart(START))).toBe('2026-01-29T00:00:00Z');
  expect(utcDayStart(utcDayStart(START))).toBe(utcDayStart(START));
  expect(toRfc3339(utcDayStart(utcDayStart(START) - 1))).toBe('2026-01-28T00:00:00Z');
});

test.each([
  [0, '2026-01-01T00:00:00Z'],
  [1, '2026-02-01T00:00:00Z'],
  [12, '2027-01-01T00:00:00Z'],
  [-1, '2025-12-01T00:00:00Z'],
])('the month %i ahead starts at %s', (ahead, start) => {
  expect(toRfc3339(utcMonthStart(START, ahead))).toBe(start);
});

test('without a number it is the month that contains the instant', () => {
  expect(utcMonthStart(START)).toBe(utcMonthStart(START, 0));
});
