import { afterEach, describe, expect, test } from 'vitest';
import { makeTag } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { DEPLOYMENT, sessionId } from '../support/builders.ts';
import { refused } from '../support/fake-provider.ts';

const { evidenceGapMs, orphanGraceMs, stoppedGraceMs, watchIntervalMs } = DEFAULT_POLICY;

let world: BrokerWorld;

afterEach(() => world.close());

/** A session with this reservation that has just begun to run. */
async function running(reservationHours = 2): Promise<string> {
  world = await brokerWorld();
  const { session } = await world.create({ reservationHours });
  await world.clock.advance(10 * SECOND_MS);
  expect((await world.session(session.id)).status).toBe('running');
  return session.id;
}

describe('a clock that is set forward', () => {
  test('ends a session early by as much, and not by more', async () => {
    const id = await running(2);
    world.clock.jump(HOUR_MS);
    await world.clock.advance(59 * MINUTE_MS);
    expect((await world.session(id)).status).toBe('running');
    await world.clock.advance(2 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject({ status: 'stopped', stopReason: 'expired' });
  });

  test('puts no time between two lists: absence is believed as late as ever', async () => {
    await running();
    const [machine] = world.provider.instances;
    if (!machine) throw new Error('it was launched');
    const asked = world.provider.count('get');
    machine.isListed = false;
    await world.clock.advance(watchIntervalMs);
    world.clock.jump(HOUR_MS);
    await world.clock.advance(evidenceGapMs - watchIntervalMs);
    expect(world.provider.count('get')).toBe(asked);
    await world.clock.advance(2 * watchIntervalMs);
    expect(world.provider.count('get')).toBeGreaterThan(asked);
  });
});

describe('a clock that is set while a machine reboots', () => {
  test.each([HOUR_MS / 2, -HOUR_MS / 2])('by %i ms gives it up no sooner', async (byMs) => {
    const id = await running();
    const [machine] = world.provider.instances;
    if (!machine) throw new Error('it was launched');
    machine.phase = 'stopped';
    await world.clock.advance(2 * watchIntervalMs);
    world.clock.jump(byMs);
    await world.clock.advance(stoppedGraceMs - 3 * watchIntervalMs);
    machine.phase = 'running';
    await world.clock.advance(MINUTE_MS);
    expect((await world.session(id)).status).toBe('running');
  });
});

describe('a clock that is set back', () => {
  test('keeps a session longer by as much, and not by more', async () => {
    const id = await running(1);
    world.clock.jump(-HOUR_MS);
    await world.clock.advance(2 * HOUR_MS - MINUTE_MS);
    expect((await world.session(id)).status).toBe('running');
    await world.clock.advance(2 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject({ status: 'stopped', stopReason: 'expired' });
  });

  test('puts off no end that is asked for again', async () => {
    const id = await running();
    world.provider.faultAlways('terminate', refused('unavailable'));
    await world.broker.sessions.done(id);
    await world.clock.advance(10 * MINUTE_MS);
    world.clock.jump(-3 * HOUR_MS);
    world.provider.faultAlways('terminate', undefined);
    await world.clock.advance(MINUTE_MS);
    expect((await world.session(id)).status).toBe('stopped');
  });

  test('leaves no orphan for longer than its grace period', async () => {
    await running();
    const tag = makeTag({ deploymentId: DEPLOYMENT, sessionId: sessionId(77), attempt: 1 });
    const orphan = world.provider.add({ tag });
    await world.clock.advance(orphanGraceMs - SECOND_MS);
    expect(orphan.isGone).toBe(false);
    world.clock.jump(-3 * HOUR_MS);
    await world.clock.advance(2 * MINUTE_MS);
    expect(orphan.isGone).toBe(true);
  });
});
