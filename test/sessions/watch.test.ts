import { afterEach, describe, expect, test } from 'vitest';
import { costOver } from '../../src/domain/money.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { fakeProvider, lost, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;

afterEach(() => world.close());

/** So many sessions that run, and the calls to the provider in ten quiet minutes. */
async function quietCalls(count: number) {
  const clock = manualClock();
  const menu = Array.from({ length: count }, (_, number) => offer({ id: `alpha-${number + 1}` }));
  const provider = fakeProvider({ clock, menu });
  world = await brokerWorld({ clock, providers: [provider] });
  for (const { id: offerId } of menu) await world.create({ choice: { kind: 'offer', offerId } });
  await clock.advance(MINUTE_MS);
  const before = provider.calls.length;
  await clock.advance(10 * MINUTE_MS);
  return provider.calls.length - before;
}

test('calls to a provider do not grow with the number of sessions that run', async () => {
  const one = await quietCalls(1);
  await world.close();
  expect(await quietCalls(8)).toBe(one);
});

const LIST_TAKES_MS = 13_000;

/** One session that runs, at a provider whose account has grown so large that each list takes its time. */
async function amongMany() {
  const clock = manualClock();
  const provider = fakeProvider({ clock, menu: [offer({ id: 'alpha-1' })] });
  let listTakesMs = 0;
  const list = async () => {
    if (listTakesMs > 0) await new Promise<void>((resolve) => clock.after(listTakesMs, resolve));
    return provider.list();
  };
  const slow = new Proxy(provider, {
    get: (target, name, receiver) => (name === 'list' ? list : Reflect.get(target, name, receiver)),
  });
  const policy = { reconcileIntervalMs: HOUR_MS };
  world = await brokerWorld({ clock, providers: [slow], policy });
  const { session } = await world.create();
  listTakesMs = LIST_TAKES_MS;
  await clock.advance(2 * MINUTE_MS);
  /** Nothing is under way any more that a closing broker would wait for. */
  const settle = async () => {
    listTakesMs = 0;
    await clock.advance(LIST_TAKES_MS);
  };
  return { clock, provider, id: session.id, settle };
}

describe('lists that take many calls', () => {
  test('are made a part of the time only, while sessions just run', async () => {
    const { clock, provider, settle } = await amongMany();
    const before = provider.count('list');
    await clock.advance(30 * MINUTE_MS);
    const lists = provider.count('list') - before;
    expect((lists * LIST_TAKES_MS) / (30 * MINUTE_MS)).toBeLessThanOrEqual(0.25);
    expect(lists).toBeGreaterThan(20);
    await settle();
  });

  test('are made one after the other as soon as something ends', async () => {
    const { clock, provider, id, settle } = await amongMany();
    const before = provider.count('list');
    for (let asks = 0; asks < 9; asks += 1)
      provider.fault('terminate', lost('unavailable', 'unknown'));
    await world.broker.sessions.done(id);
    await clock.advance(2 * MINUTE_MS);
    expect(provider.count('list') - before).toBeGreaterThanOrEqual(5);
    await settle();
  });

  test('are not waited for by what is missing: it is gone after two, made as soon as may be', async () => {
    const { clock, provider, id, settle } = await amongMany();
    for (const instance of provider.instances) instance.isGone = true;
    await clock.advance(2 * MINUTE_MS);
    expect((await world.session(id)).status).toBe('failed');
    await settle();
  });
});

test('a provider at which there is nothing of ours is listed by the sweep alone', async () => {
  world = await brokerWorld();
  await world.clock.advance(10 * MINUTE_MS);
  const sweeps = 10 * (MINUTE_MS / DEFAULT_POLICY.reconcileIntervalMs);
  expect(world.provider.count('list')).toBeLessThanOrEqual(sweeps + 2);
});

test('a sweep takes the list that was made for the sessions, and makes none of its own', async () => {
  world = await brokerWorld();
  await world.create();
  await world.clock.advance(MINUTE_MS);
  const before = world.provider.count('list');
  await world.clock.advance(10 * MINUTE_MS);
  const looks = 10 * (MINUTE_MS / DEFAULT_POLICY.watchIntervalMs);
  expect(world.provider.count('list') - before).toBeLessThanOrEqual(looks + 1);
});

test('a quiet session costs no write', async () => {
  world = await brokerWorld();
  const { create, clock, session } = world;
  const { session: made } = await create();
  await clock.advance(MINUTE_MS);
  const { version } = await session(made.id);
  await clock.advance(30 * MINUTE_MS);
  expect((await session(made.id)).version).toBe(version);
});

test('of two instances under one tag the one that was made first is adopted', async () => {
  world = await brokerWorld();
  const { create, clock, provider, session } = world;
  provider.fault('launch', lost('unavailable', 'unknown'));
  provider.onLaunch = (instance) => {
    provider.add({ tag: instance.tag, createdAt: instance.createdAt - SECOND_MS });
  };
  const { session: made } = await create();
  await clock.advance(20 * SECOND_MS);
  expect((await session(made.id)).instances[0]?.providerInstanceId).toBe('alpha-i2');
});

describe('the bill', () => {
  test('follows what the instance itself shows: its creation and its phases', async () => {
    world = await brokerWorld();
    const { create, clock, provider, broker } = world;
    provider.onLaunch = (instance) => {
      instance.createdAt -= 10 * SECOND_MS;
    };
    const { session: made } = await create();
    await clock.advance(HOUR_MS - SECOND_MS);
    const destroying = broker.sessions.destroy(made.id);
    await clock.advance(SECOND_MS);
    await destroying;
    const spanMs = HOUR_MS + 10 * SECOND_MS;
    expect(await broker.costs.ofSession(made.id)).toBe(
      costOver(380_000, spanMs) + costOver(20_000, spanMs),
    );
  });
});

describe('an instance that costs more while it runs', () => {
  const billing = {
    created: ['disk'],
    running: ['gpu', 'disk'],
    stopped: ['disk'],
  } as const;

  /** One that is ended before any list has shown it running. */
  async function endedUnseen() {
    const clock = manualClock();
    const provider = fakeProvider({ clock, menu: [offer()], billing });
    world = await brokerWorld({ clock, providers: [provider] });
    provider.onLaunch = (instance) => {
      instance.isListed = false;
      instance.address = undefined;
    };
    const { session: made } = await world.create();
    await clock.advance(20 * SECOND_MS);
    const destroy = async () => {
      const destroying = world.broker.sessions.destroy(made.id);
      await clock.advance(SECOND_MS);
      await destroying;
      return world.broker.costs.ofSession(made.id);
    };
    return { provider, destroy };
  }

  test('and is ended before any list showed it so is looked at once more, for the bill', async () => {
    const { destroy } = await endedUnseen();
    const spanMs = 21 * SECOND_MS;
    expect(await destroy()).toBe(costOver(380_000, spanMs) + costOver(20_000, spanMs));
  });

  test('is ended without that look when it fails', async () => {
    const { provider, destroy } = await endedUnseen();
    provider.fault('get', refused('unavailable'));
    expect(await destroy()).toBe(costOver(20_000, 21 * SECOND_MS));
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
  });

  test('is ended without that look when it is not answered within ten seconds', async () => {
    const { provider, destroy } = await endedUnseen();
    provider.fault('get', { kind: 'hangs', until: new Promise(() => {}) });
    const destroying = destroy();
    await world.clock.advance(8 * SECOND_MS);
    expect(provider.count('terminate')).toBe(0);
    await world.clock.advance(2 * SECOND_MS);
    expect(provider.count('terminate')).toBe(1);
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
    await destroying;
  });

  test('is ended also when that look finds it gone', async () => {
    const { provider, destroy } = await endedUnseen();
    for (const one of provider.instances) one.isGone = true;
    expect(await destroy()).toBe(costOver(20_000, 21 * SECOND_MS));
  });
});

test('the fleet counts what is open, and what it costs now', async () => {
  world = await brokerWorld();
  const { create, clock, broker } = world;
  expect(await broker.fleet()).toStrictEqual({
    sessions: [],
    instances: [],
    spendUsdPerHour: 0,
    accruedUsd: 0,
    orphans: [],
    gpus: [],
    logins: [],
  });
  const { session: made } = await create();
  await clock.advance(HOUR_MS - SECOND_MS);
  expect(await broker.fleet()).toStrictEqual({
    sessions: [{ provider: 'alpha', status: 'running', count: 1 }],
    instances: [{ provider: 'alpha', state: 'launched', count: 1 }],
    spendUsdPerHour: 0.4,
    accruedUsd: 0.4,
    orphans: [],
    gpus: [expect.objectContaining({ sessionId: made.id, gpu: 0, powerW: 182 })],
    logins: [{ provider: 'alpha', status: 'ok', count: 1 }],
  });
  const destroying = broker.sessions.destroy(made.id);
  await clock.advance(SECOND_MS);
  await destroying;
  expect((await broker.fleet()).spendUsdPerHour).toBe(0);
});
