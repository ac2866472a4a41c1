import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { type FakeInstance, fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;

afterEach(() => world.close());

/** A world with so many sessions that run, each on a machine of its own. */
async function running(count = 1) {
  const clock = manualClock();
  const menu = Array.from({ length: count }, (_, number) => offer({ id: `alpha-${number + 1}` }));
  const provider = fakeProvider({ clock, menu });
  world = await brokerWorld({ clock, providers: [provider] });
  const ids: string[] = [];
  for (const { id: offerId } of menu) {
    const { session } = await world.create({ choice: { kind: 'offer', offerId } });
    ids.push(session.id);
  }
  await clock.advance(10 * SECOND_MS);
  const statuses = async () => Promise.all(ids.map(async (id) => (await world.session(id)).status));
  expect(new Set(await statuses())).toStrictEqual(new Set(['running']));
  const [id] = ids;
  const [instance] = provider.instances;
  if (id === undefined || !instance) throw new Error('a session runs');
  return { ...world, ids, id, instance, statuses };
}

function vanish(...instances: readonly FakeInstance[]): void {
  for (const instance of instances) instance.isGone = true;
}

describe('an instance that the provider no longer has', () => {
  test('is given up after two lists apart in time and a direct question, and its session says why', async () => {
    const { clock, id, instance, session, provider } = await running();
    vanish(instance);
    const asked = provider.count('get');
    await clock.advance(30 * SECOND_MS);
    expect(provider.count('get')).toBe(asked + 1);
    expect(await session(id)).toMatchObject({
      status: 'failed',
      stopReason: 'instance_lost',
      error: { code: 'instance_lost' },
      instances: [{ state: 'gone' }],
    });
    expect(provider.count('terminate')).toBe(0);
  });

  test('is paid for until it was first missed, not until that was believed', async () => {
    const { clock, id, instance, session, broker } = await running();
    const { launchedAt = 0 } = (await session(id)).instances[0] ?? {};
    await clock.advance(MINUTE_MS);
    vanish(instance);
    const gone = clock.now();
    await clock.advance(MINUTE_MS);
    const [row] = (await session(id)).instances;
    expect(row?.costs[0]?.startedAt).toBe(launchedAt);
    expect(row?.costs[0]?.endedAt).toBeGreaterThanOrEqual(gone);
    expect(row?.costs[0]?.endedAt).toBeLessThanOrEqual(gone + DEFAULT_POLICY.watchIntervalMs);
    expect(await broker.costs.ofSession(id)).toBeLessThan(400_000);
  });

  test('is not given up while the provider, asked directly, still has it: the list was wrong', async () => {
    const { clock, id, instance, session, provider } = await running();
    instance.isListed = false;
    const asked = provider.count('get');
    await clock.advance(10 * MINUTE_MS);
    expect((await session(id)).status).toBe('running');
    expect(provider.count('get')).toBeGreaterThan(asked);
    expect(provider.count('terminate')).toBe(0);
  });

  test('is not given up while the direct question fails', async () => {
    const { clock, id, instance, session, provider } = await running();
    vanish(instance);
    provider.faultAlways('get', refused('unavailable'));
    await clock.advance(10 * MINUTE_MS);
    expect((await session(id)).status).toBe('running');
    provider.faultAlways('get', undefined);
    await clock.advance(MINUTE_MS);
    expect((await session(id)).status).toBe('failed');
  });

  test('that is missing from one list only is not even asked for', async () => {
    const { clock, id, instance, session, provider } = await running();
    const asked = provider.count('get');
    for (let turn = 0; turn < 10; turn += 1) {
      instance.isListed = turn % 2 === 1;
      await clock.advance(DEFAULT_POLICY.watchIntervalMs);
    }
    expect((await session(id)).status).toBe('running');
    expect(provider.count('get')).toBe(asked);
  });
});

describe('an outage', () => {
  test.each(['list', 'get', 'offers'] as const)(
    'in which every %s fails ends nobody, for hours',
    async (operation) => {
      const { clock, id, session, provider } = await running();
      provider.faultAlways(operation, refused('unavailable', 'unknown'));
      await clock.advance(HOUR_MS);
      expect((await session(id)).status).toBe('running');
      expect(provider.count('terminate')).toBe(0);
    },
  );
});

describe('when much is missing at once', () => {
  test('nothing is acted on, and it is reported', async () => {
    const { clock, statuses, provider, kinds, broker } = await running(4);
    const asked = provider.count('get');
    for (const one of provider.instances.slice(0, 3)) one.isListed = false;
    await clock.advance(10 * MINUTE_MS);
    expect(await statuses()).toStrictEqual(['running', 'running', 'running', 'running']);
    expect(provider.count('get')).toBe(asked);
    expect(kinds().filter((kind) => kind === 'incident_raised')).toHaveLength(1);
    expect(broker.incidents()).toMatchObject([
      { facts: { kind: 'mass_absence', missing: 3, expected: 4 } },
    ]);
  });

  test('an empty list ends nobody, and good lists after it are believed again', async () => {
    const { clock, statuses, provider, kinds, broker } = await running(4);
    for (const one of provider.instances) one.isListed = false;
    await clock.advance(10 * MINUTE_MS);
    for (const one of provider.instances) one.isListed = true;
    const [first] = provider.instances;
    await clock.advance(MINUTE_MS);
    if (first) vanish(first);
    await clock.advance(MINUTE_MS);
    expect(await statuses()).toStrictEqual(['failed', 'running', 'running', 'running']);
    expect(broker.incidents()).toStrictEqual([]);
    expect(kinds()).toContain('incident_cleared');
  });
});

test('machines that are all gone at once stay in doubt until a delete, or the end of a reservation, asks for each', async () => {
  const { clock, ids, session, provider, broker } = await running(4);
  vanish(...provider.instances);
  await clock.advance(10 * MINUTE_MS);
  expect(broker.incidents()).toMatchObject([{ facts: { kind: 'mass_absence' } }]);
  const [deleted = '', ...others] = ids;
  const deleting = broker.sessions.destroy(deleted);
  await clock.advance(SECOND_MS);
  expect(await deleting).toBe('destroyed');
  await clock.advance(10 * MINUTE_MS);
  for (const id of others) expect((await session(id)).status).toBe('running');
  await clock.advance(DEFAULT_POLICY.hardLimitMs);
  for (const id of others) expect((await session(id)).status).toBe('stopped');
  expect(broker.incidents()).toStrictEqual([]);
});

describe('an instance that the provider stopped', () => {
  test('is given up when it has been stopped for the whole grace period', async () => {
    const { clock, id, instance, session } = await running();
    instance.phase = 'stopped';
    await clock.advance(DEFAULT_POLICY.stoppedGraceMs - SECOND_MS);
    expect((await session(id)).status).toBe('running');
    await clock.advance(10 * SECOND_MS);
    expect(await session(id)).toMatchObject({
      status: 'failed',
      stopReason: 'instance_stopped',
      error: { code: 'instance_stopped' },
    });
    expect(instance.isGone).toBe(true);
  });

  test('goes on serving when it was only restarted', async () => {
    const { clock, id, instance, session, provider } = await running();
    for (let turn = 0; turn < 5; turn += 1) {
      instance.phase = turn % 2 === 0 ? 'stopped' : 'running';
      await clock.advance(DEFAULT_POLICY.stoppedGraceMs / 2);
    }
    expect((await session(id)).status).toBe('running');
    expect(provider.count('terminate')).toBe(0);
  });

  test('is not given up on a state that nobody can read', async () => {
    const { clock, id, instance, session, provider } = await running();
    instance.phase = 'stopped';
    await clock.advance(10 * SECOND_MS);
    instance.phase = 'unknown';
    await clock.advance(10 * MINUTE_MS);
    expect((await session(id)).status).toBe('running');
    expect(provider.count('terminate')).toBe(0);
  });

  test('and then took away is not paid for beyond its disk', async () => {
    const { clock, id, instance, broker, session } = await running();
    instance.phase = 'stopped';
    await clock.advance(20 * SECOND_MS);
    const cost = (await broker.costs.ofSession(id)) ?? 0;
    await clock.advance(36 * SECOND_MS);
    expect((await session(id)).status).toBe('running');
    expect(await broker.costs.ofSession(id)).toBe(cost + 200);
  });
});
