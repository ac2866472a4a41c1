import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { percentile } from './call-book.ts';
import { HOURS, STORM_SESSIONS } from './load-settings.ts';
import { LoadWorld } from './load-world.ts';

let world: LoadWorld;

beforeAll(async () => {
  world = new LoadWorld({
    seed: 2,
    apis: ['tensordock-v2'],
    hosts: { vast: 0, tensordock: 25 + STORM_SESSIONS },
  });
  await world.open({ hardLimitMs: 100 * HOUR_MS });
  await world.rentUntilRunning({
    api: 'tensordock-v2',
    count: STORM_SESSIONS,
    reservationHours: 90,
  });
}, 3_600_000);

afterAll(() => world.close(), 3_600_000);

test('nothing starves while an account is asked for all that it allows, hour after hour', async () => {
  const fromMs = world.clock.monotonicMs();
  const endStorm = world.searchStorm('tensordock-v2', 30);
  for (let hour = 0; hour < HOURS; hour += 1) {
    await world.clock.advance(55 * MINUTE_MS);
    const [first] = await world.runningAt('tensordock-v2');
    if (first !== undefined) await world.broker.sessions.done(first);
    await world.clock.advance(5 * MINUTE_MS);
  }
  endStorm();
  const calls = world.calls.between(fromMs, world.clock.monotonicMs());
  const waits = (operation: string) =>
    calls.filter((call) => call.operation === operation).map(({ waitedMs }) => waitedMs);
  expect(calls.filter(({ failure }) => failure === 'rate_limited')).toEqual([]);
  expect(calls.length).toBeGreaterThan(HOURS * 5_500);
  expect(waits('terminate').length).toBeGreaterThanOrEqual(HOURS);
  expect(percentile(waits('terminate'), 1)).toBeLessThanOrEqual(5 * SECOND_MS);
  expect(waits('list').length).toBeGreaterThan(HOURS * 500);
  expect(percentile(waits('list'), 1)).toBeLessThanOrEqual(5 * SECOND_MS);
  expect(percentile(waits('offers'), 1)).toBeLessThanOrEqual(MINUTE_MS);
});
