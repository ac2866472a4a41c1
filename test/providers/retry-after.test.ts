import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/providers/retry-after.ts';

const NOW = Date.UTC(2026, 0, 29, 12);

describe('what a Retry-After header asks for', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['seconds with space around', { 'retry-after': ' 7 ' }, 7_000],
    ['no time at all', { 'retry-after': '0' }, 0],
    ['a date, by our clock', { 'retry-after': 'Thu, 29 Jan 2026 12:00:20 GMT' }, 20_000],
    [
      'a date, by the clock of the answer',
      { 'retry-after': 'Thu, 29 Jan 2026 15:00:20 GMT', date: 'Thu, 29 Jan 2026 15:00:05 GMT' },
      15_000,
    ],
    ['a date that is over', { 'retry-after': 'Thu, 29 Jan 2026 11:00:00 GMT' }, 0],
    ['more than we wait for', { 'retry-after': '86400' }, 60_000],
    ['a date that is far away', { 'retry-after': 'Fri, 30 Jan 2026 12:00:00 GMT' }, 60_000],
  ])('is read: %s', (_, headers, waitMs) => {
    expect(retryAfterMs(headers, NOW)).toBe(waitMs);
  });

  it.each([
    ['nothing', {}],
    ['an empty one', { 'retry-after': '' }],
    ['a word', { 'retry-after': 'soon' }],
    ['a fraction', { 'retry-after': '7.5' }],
    ['a negative number', { 'retry-after': '-7' }],
    ['a date that does not exist', { 'retry-after': 'Thu, 99 Jan 2026 12:00:20 GMT' }],
  ])('is not read: %s', (_, headers) => {
    expect(retryAfterMs(headers, NOW)).toBe(undefined);
  });
});
