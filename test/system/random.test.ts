import { expect, test } from 'vitest';
import { systemRandom } from '../../src/system/random.ts';

test('makes tokens of the asked length from lower-case letters and digits, each different', () => {
  const tokens = Array.from({ length: 500 }, () => systemRandom.token(16));
  expect(new Set(tokens).size).toBe(500);
  expect(tokens.every((token) => /^[a-z0-9]{16}$/.test(token))).toBe(true);
});

test('draws numbers from 0 up to but not including 1', () => {
  const numbers = Array.from({ length: 1000 }, () => systemRandom.next());
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(new Set(numbers).size).toBeGreaterThan(990);
});
