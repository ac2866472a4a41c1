import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { slopeOf, verdictOn } from './flat.ts';
import type { Sample } from './sample.ts';
import { runSteadily } from './steady-run.ts';

const ALLOWED = { share: 0.02, amount: 1 };
const hours = Array.from({ length: 48 }, (_one, hour) => hour);
const figure = (value: (hour: number) => number) => ({
  name: 'MB',
  values: hours.map(value),
  allowed: ALLOWED,
});

test('what grows by a little each hour is not flat', () => {
  const verdict = verdictOn(figure((hour) => 50 + 0.1 * hour));
  expect(verdict.growth).toBeCloseTo(2.3);
  expect(verdict.isFlat).toBe(false);
});

test('what warms up and then stays, goes up and down, or falls, is flat', () => {
  for (const value of [
    (hour: number) => 50 + Math.min(hour, 20),
    (hour: number) => 50 + (hour % 5),
    (hour: number) => 90 - hour,
  ]) {
    expect(verdictOn(figure(value)).isFlat).toBe(true);
  }
});

test('the slope is that of the line that fits best', () => {
  expect(slopeOf([1, 2, 3, 4])).toBeCloseTo(1);
  expect(slopeOf([7])).toBe(0);
});

test('some minutes of the same work leave no socket, file or row behind, and every request is answered', async () => {
  const samples: Sample[] = [];
  const hosts = { vast: 12, tensordock: 8 };
  const onLook = (_look: number, sample: Sample): void => void samples.push(sample);
  const lookEveryMs = 4 * MINUTE_MS;
  const served = await runSteadily({ looks: 3, lookEveryMs, live: 3, hosts, onLook });
  expect(served.faults).toEqual([]);
  const [first, , second] = samples;
  expect(second?.handles).toBeLessThanOrEqual((first?.handles ?? 0) + 5);
  expect(second?.openFiles).toBeLessThanOrEqual((first?.openFiles ?? 0) + 5);
  expect(second?.sessions).toBe(served.made);
}, 60_000);
