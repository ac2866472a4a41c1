import { expect, test } from 'vitest';
import { Spread } from './spread.ts';

test('shares are told to a tenth of a second and the longest exactly', () => {
  const spread = new Spread();
  for (let second = 1; second <= 100; second += 1) spread.add(second * 1_000 + 7);
  expect(spread.summed).toEqual({ p50: 50_000, p99: 99_000, max: 100_007 });
});

test('the order in which durations come makes no difference', () => {
  const [up, down] = [new Spread(), new Spread()];
  for (const ms of [100, 9_000, 20_000]) up.add(ms);
  for (const ms of [20_000, 9_000, 100]) down.add(ms);
  expect(down.summed).toEqual(up.summed);
});

test('nothing measured is nothing', () => {
  expect(new Spread().summed).toEqual({ p50: 0, p99: 0, max: 0 });
});
