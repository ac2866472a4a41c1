import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { type CallMade, percentile, perMinute } from './call-book.ts';
import { SESSIONS } from './load-settings.ts';
import { LoadWorld } from './load-world.ts';

/** Half of them at each marketplace, as of the many. */
const FEW = 10;
const HOSTS = { vast: Math.max(80, SESSIONS), tensordock: Math.max(40, SESSIONS / 3) };
const APIS = ['vastai', 'tensordock-v2'] as const;
const LOOK_MS = 10 * MINUTE_MS;
/** TensorDock's limit is for the whole account: so many calls a minute can leave here. */
const DOCK_CALLS_PER_MINUTE = Math.floor(MINUTE_MS / 620);

/** A world in which so many sessions run, and nobody asks for anything. */
async function quietWorld(sessions: number): Promise<LoadWorld> {
  const world = new LoadWorld({ seed: 1, apis: APIS, hosts: HOSTS });
  await world.open({ hardLimitMs: 100 * HOUR_MS });
  for (const api of APIS) {
    await world.rentUntilRunning({ api, count: sessions / 2, reservationHours: 90 });
  }
  // The last ones of a large account settle within the longest rest between two lists.
  await world.clock.advance(5 * MINUTE_MS);
  return world;
}

async function callsWithin(world: LoadWorld, spanMs: number): Promise<readonly CallMade[]> {
  const fromMs = world.clock.monotonicMs();
  await world.clock.advance(spanMs);
  return world.calls.between(fromMs, world.clock.monotonicMs());
}

function refusals(calls: readonly CallMade[]): readonly CallMade[] {
  return calls.filter(({ failure }) => failure === 'rate_limited');
}

let many: LoadWorld;
let few: LoadWorld;

beforeAll(async () => {
  few = await quietWorld(FEW);
  many = await quietWorld(SESSIONS);
}, 3_600_000);

afterAll(async () => {
  await many.close();
  await few.close();
}, 3_600_000);

test('coming up, none is refused for its rate, and each takes no more calls than its own launch needs', () => {
  const calls = many.calls.between(0, many.clock.monotonicMs());
  expect(refusals(calls)).toEqual([]);
  const own = calls.filter(({ operation }) => ['grant_access', 'get'].includes(operation));
  expect(own.length).toBeLessThanOrEqual(1.2 * SESSIONS);
});

test('running, hundreds take as many calls a minute as ten, and none is refused for its rate', async () => {
  const ofMany = await callsWithin(many, LOOK_MS);
  const ofFew = await callsWithin(few, LOOK_MS);
  expect(refusals([...ofMany, ...ofFew])).toEqual([]);
  for (const api of APIS) {
    const here = ({ api: one }: CallMade): boolean => one === api;
    const rates = [ofMany, ofFew].map((calls) => perMinute(calls.filter(here), LOOK_MS));
    const lists = ofMany.filter((call) => here(call) && call.operation === 'list').length;
    expect(lists, JSON.stringify(rates)).toBeGreaterThan(0);
    expect(ofMany.filter(here).length, JSON.stringify(rates)).toBeLessThanOrEqual(
      1.25 * ofFew.filter(here).length,
    );
  }
});

test('an end is asked for within 5 s in the middle of a storm of searches', async () => {
  const endStorms = APIS.map((api) => many.searchStorm(api, 40));
  await many.clock.advance(MINUTE_MS);
  const waits: number[] = [];
  for (const api of APIS) {
    for (const id of (await many.runningAt(api)).slice(0, 25)) {
      const askedMs = many.clock.monotonicMs();
      await many.broker.sessions.done(id);
      await many.clock.advance(10 * SECOND_MS);
      const [end] = many.calls
        .between(askedMs, many.clock.monotonicMs())
        .filter((call) => call.api === api && call.operation === 'terminate');
      waits.push((end?.sentMs ?? Number.POSITIVE_INFINITY) - askedMs);
    }
  }
  for (const end of endStorms) end();
  await many.clock.advance(10 * MINUTE_MS);
  expect(waits).toHaveLength(50);
  expect(percentile(waits, 0.95)).toBeLessThanOrEqual(5 * SECOND_MS);
});

test('of hundreds that end at once, those of a live marketplace do not wait for a dead one', async () => {
  const dying = await many.runningAt('vastai');
  const living = await many.runningAt('tensordock-v2');
  many.silence('vastai');
  const fromMs = many.clock.monotonicMs();
  await many.endAll([...dying, ...living]);
  const calls = await callsWithin(many, MINUTE_MS);
  const here = calls.filter(({ api }) => api === 'tensordock-v2');
  // All that the published limit allows goes into ends and what confirms them.
  const mostCalls = Math.min(0.95 * DOCK_CALLS_PER_MINUTE, 2 * living.length);
  expect(here.length).toBeGreaterThanOrEqual(mostCalls);
  const ends = here.filter(({ operation }) => operation === 'terminate');
  expect(ends.length).toBeGreaterThanOrEqual(Math.min(living.length, 0.55 * here.length));
  await many.clock.advance(((2.5 * living.length) / DOCK_CALLS_PER_MINUTE) * MINUTE_MS);
  expect(await many.runningAt('tensordock-v2')).toEqual([]);
  const asked = many.calls
    .between(fromMs, many.clock.monotonicMs())
    .filter(({ api, operation }) => api === 'tensordock-v2' && operation === 'terminate');
  expect(new Set(asked.map(({ failure }) => failure))).toEqual(new Set([undefined]));
  expect(asked.length).toBeGreaterThanOrEqual(living.length);
});

test('of some that end at once, each is asked for as fast as the published interval allows', async () => {
  const ids = await few.runningAt('vastai');
  const fromMs = few.clock.monotonicMs();
  await few.endAll(ids);
  const calls = await callsWithin(few, MINUTE_MS);
  const sent = calls
    .filter(({ api, operation }) => api === 'vastai' && operation === 'terminate')
    .map(({ sentMs }) => sentMs - fromMs);
  // One in 3 s is published; 0.3 s are kept to spare.
  expect(sent).toEqual(ids.map((_, index) => index * 3_300));
  expect(refusals(calls)).toEqual([]);
});
