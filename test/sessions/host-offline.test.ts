import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { type FakeInstance, fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

const GRACE_MS = DEFAULT_POLICY.hostOfflineGraceMs;

let world: BrokerWorld;
afterEach(() => world.close());

function goesAway(...machines: readonly FakeInstance[]): void {
  for (const machine of machines) {
    machine.phase = 'unknown';
    machine.shown = { stopCause: 'host_offline' };
  }
}

function comesBack(machine: FakeInstance): void {
  machine.phase = 'running';
  machine.shown = {};
}

/** So many sessions that run, each on a machine of its own. */
async function running(count = 1) {
  const clock = manualClock();
  const menu = Array.from({ length: count }, (_, number) => offer({ id: `alpha-${number}` }));
  const provider = fakeProvider({ clock, menu });
  world = await brokerWorld({ clock, providers: [provider] });
  const ids: string[] = [];
  for (const { id: offerId } of menu) {
    ids.push((await world.create({ choice: { kind: 'offer', offerId } })).session.id);
  }
  await clock.advance(10 * SECOND_MS);
  return { clock, provider, ids };
}

const statusOf = async (id = '') => (await world.session(id)).status;

describe('a running machine whose host is away', () => {
  test('is kept when the host comes back in time, however often that happens', async () => {
    const { clock, provider, ids } = await running();
    const [machine] = provider.instances;
    if (!machine) throw new Error('a machine runs');
    for (let time = 0; time < 3; time += 1) {
      goesAway(machine);
      await clock.advance(GRACE_MS - MINUTE_MS);
      comesBack(machine);
      await clock.advance(2 * MINUTE_MS);
    }
    expect(await statusOf(ids[0])).toBe('running');
  });

  test('is given up after the grace, and the session says why', async () => {
    const { clock, provider, ids } = await running();
    goesAway(...provider.instances);
    await clock.advance(GRACE_MS + MINUTE_MS);
    expect(await world.session(ids[0] ?? '')).toMatchObject({
      status: 'failed',
      stopReason: 'host_offline',
      error: { code: 'host_offline' },
    });
    expect(provider.count('terminate')).toBe(1);
  });

  test('is not given up while the provider’s own interface is away', async () => {
    const { clock, provider, ids } = await running();
    goesAway(...provider.instances);
    await clock.advance(MINUTE_MS);
    provider.faultAlways('list', refused('unavailable'));
    provider.faultAlways('get', refused('unavailable'));
    await clock.advance(3 * GRACE_MS);
    expect(await statusOf(ids[0])).toBe('running');
  });

  test('is not given up where most hosts are away at once: that is the marketplace’s fault', async () => {
    const { clock, provider, ids } = await running(4);
    goesAway(...provider.instances.slice(0, 3));
    await clock.advance(3 * GRACE_MS);
    for (const id of ids) expect(await statusOf(id)).toBe('running');
  });

  test('is given a minute more where it stops after all: that is another trouble', async () => {
    const { clock, provider, ids } = await running();
    const [machine] = provider.instances;
    if (!machine) throw new Error('a machine runs');
    goesAway(machine);
    await clock.advance(GRACE_MS - MINUTE_MS);
    machine.phase = 'stopped';
    machine.shown = {};
    await clock.advance(DEFAULT_POLICY.stoppedGraceMs / 2);
    expect(await statusOf(ids[0])).toBe('running');
    await clock.advance(DEFAULT_POLICY.stoppedGraceMs);
    expect((await world.session(ids[0] ?? '')).stopReason).toBe('instance_stopped');
  });
});

test('a machine that boots is given up soon when its host goes away', async () => {
  const clock = manualClock();
  const provider = fakeProvider({ clock, menu: [offer()], readyTimeoutMs: 20 * MINUTE_MS });
  provider.onLaunch = (machine) => {
    machine.address = undefined;
    goesAway(machine);
  };
  world = await brokerWorld({ clock, providers: [provider] });
  const { session } = await world.create();
  await clock.advance(2 * MINUTE_MS);
  expect(await world.session(session.id)).toMatchObject({
    status: 'failed',
    stopReason: 'host_offline',
  });
});
