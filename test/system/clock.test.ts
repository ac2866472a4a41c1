import { expect, test } from 'vitest';
import { systemClock } from '../../src/system/clock.ts';

const fired = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    systemClock.after(delayMs, resolve);
  });

test('calls back after the delay, not before', async () => {
  const startMs = systemClock.monotonicMs();
  await fired(20);
  expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(19);
});

test('never calls back what was cancelled, and cancelling twice does nothing', async () => {
  let calls = 0;
  const cancel = systemClock.after(0, () => {
    calls += 1;
  });
  cancel();
  cancel();
  await fired(5);
  expect(calls).toBe(0);
});

test('does not fire at once when the delay is longer than the machine can count', async () => {
  let calls = 0;
  const cancel = systemClock.after(2 ** 31 + 1, () => {
    calls += 1;
  });
  await fired(5);
  cancel();
  expect(calls).toBe(0);
});

test('tells wall-clock time in whole milliseconds since the epoch', () => {
  const now = systemClock.now();
  expect(Number.isInteger(now)).toBe(true);
  expect(now).toBeGreaterThan(Date.UTC(2024, 0));
});
