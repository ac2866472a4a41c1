import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { percentile } from './call-book.ts';
import { HOURS, STORM_SESSIONS } from './load-settings.ts';
import { LoadWorld } from './load-world.ts';

/**
 * Callers that ask for offers without a pause, and how long the last of them may wait: Vast.ai takes nine searches a minute,
 * and a refresh of a market of this size is several of them.
 */
const STORMS = [
  { api: 'tensordock-v2', callers: 30, longestMs: MINUTE_MS, callsAnHour: 5_500 },
  { api: 'vastai', callers: 5, longestMs: 10 * MINUTE_MS, callsAnHour: 500 },
] as const;
const APIS = STORMS.map(({ api }) => api);

let world: LoadWorld;

beforeAll(async () => {
  const hosts = { vast: 25 + STORM_SESSIONS, tensordock: 25 + STORM_SESSIONS };
  world = new LoadWorld({ seed: 2, apis: APIS, hosts });
  await world.open({ hardLimitMs: 100 * HOUR_MS });
  for (const api of APIS) {
    await world.rentUntilRunning({ api, count: STORM_SESSIONS / 2, reservationHours: 90 });
  }
}, 3_600_000);

afterAll(() => world.close(), 3_600_000);

test('nothing starves while accounts are asked for all that they allow, hour after hour', async () => {
  const fromMs = world.clock.monotonicMs();
  const endStorms = STORMS.map(({ api, callers }) => world.searchStorm(api, callers));
  for (let hour = 0; hour < HOURS; hour += 1) {
    await world.clock.advance(55 * MINUTE_MS);
    for (const api of APIS) {
      const [first] = await world.runningAt(api);
      if (first !== undefined) await world.broker.sessions.done(first);
    }
    await world.clock.advance(5 * MINUTE_MS);
  }
  for (const end of endStorms) end();
  const calls = world.calls.between(fromMs, world.clock.monotonicMs());
  expect(calls.filter(({ failure }) => failure === 'rate_limited')).toEqual([]);
  for (const { api, longestMs, callsAnHour } of STORMS) {
    const here = calls.filter((call) => call.api === api);
    const waits = (operation: string) =>
      here.filter((call) => call.operation === operation).map(({ waitedMs }) => waitedMs);
    expect(here.length, api).toBeGreaterThan(HOURS * callsAnHour);
    expect(waits('terminate').length, api).toBeGreaterThanOrEqual(
      Math.min(HOURS, STORM_SESSIONS / 2),
    );
    expect(percentile(waits('terminate'), 1), api).toBeLessThanOrEqual(5 * SECOND_MS);
    expect(waits('list').length, api).toBeGreaterThan(HOURS * LISTS_AN_HOUR);
    expect(percentile(waits('list'), 1), api).toBeLessThanOrEqual(5 * SECOND_MS);
    expect(percentile(waits('offers'), 1), api).toBeLessThanOrEqual(longestMs);
  }
});

/** A quiet large account is listed once in three minutes; each list is some calls. */
const LISTS_AN_HOUR = 60;
