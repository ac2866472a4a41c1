import { afterEach, describe, expect, test } from 'vitest';
import { ledgerTotal } from '../../src/domain/billing.ts';
import type { StopReason } from '../../src/domain/session.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import type { BrokerWorld } from '../support/broker-world.ts';
import { lost, refused } from '../support/fake-provider.ts';
import { UNREACHABLE } from '../support/fake-shell.ts';
import {
  DISK_RATE,
  type KeptWorld,
  type KeptWorldSetUp,
  keptWorld,
  RUNNING_RATE,
  SLOW,
  stoppedWorld,
} from './kept-world.ts';

let world: BrokerWorld;

async function running(setUp?: KeptWorldSetUp): Promise<KeptWorld> {
  const kept = await keptWorld(setUp);
  world = kept.world;
  return kept;
}

async function stopped(setUp?: KeptWorldSetUp): Promise<KeptWorld> {
  const kept = await stoppedWorld(setUp);
  world = kept.world;
  return kept;
}

afterEach(() => world.close());

/** Stopped, its machine at rest and there. */
function keptFor(stopReason: StopReason) {
  return { status: 'stopped', stopReason, instances: [{ state: 'preserved' }] };
}

async function destroyed(id: string): Promise<'destroyed' | 'initiated'> {
  const destroying = world.broker.sessions.destroy(id);
  await world.clock.advance(SECOND_MS);
  return destroying;
}

describe('the end of a session that keeps its disk', () => {
  test('when it is done stops the machine and ends nothing', async () => {
    const { id, provider, machine } = await running();
    await world.broker.sessions.done(id);
    await world.clock.advance(SECOND_MS);
    expect(await world.session(id)).toMatchObject(keptFor('done'));
    expect(machine).toMatchObject({ phase: 'stopped', isGone: false });
    expect(provider.count('stop')).toBe(1);
    await world.clock.advance(HOUR_MS);
    expect(provider.count('stop')).toBe(1);
    expect(provider.count('terminate')).toBe(0);
  });

  test('when its reservation is over', async () => {
    const { id, machine } = await running({ request: { reservationHours: 1 }, policy: SLOW });
    await world.clock.advance(HOUR_MS + MINUTE_MS);
    expect(await world.session(id)).toMatchObject(keptFor('expired'));
    expect(machine.isGone).toBe(false);
  });

  test('when it reaches the hard limit', async () => {
    const { id } = await running({ policy: SLOW });
    const row = await world.session(id);
    await world.store.save({ ...row, expiresAt: row.expiresAt + 99 * HOUR_MS }, []);
    await world.clock.advance(12 * HOUR_MS + MINUTE_MS);
    expect(await world.session(id)).toMatchObject(keptFor('hard_limit'));
  });

  test('when its agent tells of no work', async () => {
    const { id } = await running({
      // With a key of the caller's own no look can be made, and the agent's word is all there is.
      request: { idleThresholdMinutes: 10, sshPublicKey: 'ssh-ed25519 AAAA' },
    });
    world.shell.inspection = async () => ({ kind: 'key_accepted' });
    for (let minute = 0; minute <= 12; minute += 1) {
      await world.broker.heartbeats.beat(id, {
        token: `token of ${id}`,
        report: { isBusy: false, gpuUtilizationPercent: undefined },
      });
      await world.clock.advance(MINUTE_MS);
    }
    expect(await world.session(id)).toMatchObject(keptFor('idle'));
  });

  test.each(['outbid', 'out_of_credit', 'contract_expired'] as const)(
    'when the provider stopped the machine: %s',
    async (stopCause) => {
      const { id, machine, provider } = await running();
      provider.onStop(machine);
      machine.shown = { ...machine.shown, stopCause };
      await world.clock.advance(3 * MINUTE_MS);
      expect(await world.session(id)).toMatchObject({
        ...keptFor(stopCause),
        error: { code: stopCause },
      });
      expect(machine.isGone).toBe(false);
    },
  );

  test('when the machine failed: what it holds may still be read', async () => {
    const { id, machine, provider } = await running();
    machine.phase = 'failed';
    provider.onStop = () => {};
    await world.clock.advance(3 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject(keptFor('instance_stopped'));
  });

  test('of which nobody has ever used the machine ends it: it holds nothing', async () => {
    const { id, provider } = await running();
    await destroyed(id);
    world.shell.answer = UNREACHABLE;
    const { session } = await world.create({ keepsDisk: true });
    await world.broker.sessions.done(session.id);
    await world.clock.advance(SECOND_MS);
    expect(await world.session(session.id)).toMatchObject({
      status: 'stopped',
      instances: [{ state: 'gone' }],
    });
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
  });

  test('whose machine is gone by itself keeps nothing, and says so', async () => {
    const { id, machine } = await running();
    machine.isGone = true;
    await world.clock.advance(MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'failed',
      stopReason: 'instance_lost',
      instances: [{ state: 'gone' }],
    });
  });
});

describe('a stop', () => {
  test('that the provider accepts and does not do is no stop: asked again, and paid for', async () => {
    const { id, provider, machine } = await running();
    provider.onStop = () => {};
    await world.broker.sessions.done(id);
    await world.clock.advance(HOUR_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'stopping',
      instances: [{ state: 'stopping' }],
    });
    expect(provider.count('stop')).toBeGreaterThan(55);
    expect(provider.count('stop')).toBeLessThan(100);
    expect(await world.broker.costs.ofSession(id)).toBeGreaterThanOrEqual(RUNNING_RATE);
    machine.phase = 'stopped';
    await world.clock.advance(2 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject(keptFor('done'));
  });

  test.each([
    ['refused', refused('unavailable')],
    ['lost', lost('unavailable', 'unknown')],
  ])('whose answer is %s is asked for again', async (_how, fault) => {
    const { id, provider } = await running();
    provider.fault('stop', fault);
    await world.broker.sessions.done(id);
    await world.clock.advance(SECOND_MS);
    expect((await world.session(id)).status).toBe('stopping');
    await world.clock.advance(10 * SECOND_MS);
    expect(await world.session(id)).toMatchObject(keptFor('done'));
    expect(provider.count('stop')).toBeLessThan(4);
    expect(world.kinds()).toContain('stop_failed');
  });

  test('whose proof cannot be read is asked for again, and has not failed', async () => {
    const { id, provider } = await running();
    provider.fault('get', refused('unavailable'));
    await world.broker.sessions.done(id);
    await world.clock.advance(10 * SECOND_MS);
    expect(await world.session(id)).toMatchObject(keptFor('done'));
    expect(world.kinds()).not.toContain('stop_failed');
  });

  test.each([
    ['a start still queued', { isStartPending: true }],
    ['its GPUs still held for it', { holdsGpus: true }],
  ] as const)('with %s is not at rest', async (_, shown) => {
    const { id, provider, machine } = await running();
    provider.onStop = (one) => {
      one.phase = 'stopped';
      one.shown = { ...one.shown, ...shown };
    };
    await world.broker.sessions.done(id);
    await world.clock.advance(MINUTE_MS);
    expect((await world.session(id)).status).toBe('stopping');
    machine.shown = {};
    provider.onStop = () => {};
    await world.clock.advance(2 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject(keptFor('done'));
  });

  test('of a machine that is gone by then ends the session without it', async () => {
    const { id, provider, machine } = await running();
    provider.faultAlways('stop', refused('unavailable'));
    await world.broker.sessions.done(id);
    machine.isGone = true;
    await world.clock.advance(MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'done',
      instances: [{ state: 'gone' }],
    });
  });

  test.each(['stopped', 'killed'] as const)(
    'is gone on with by another life of a broker that was %s',
    async (how) => {
      const { id, provider } = await running();
      provider.faultAlways('stop', refused('unavailable'));
      await world.broker.sessions.done(id);
      await world.clock.advance(SECOND_MS);
      await world.restart(how);
      provider.faultAlways('stop', undefined);
      await world.clock.advance(10 * SECOND_MS);
      expect(await world.session(id)).toMatchObject(keptFor('done'));
      expect(provider.count('terminate')).toBe(0);
    },
  );
});

describe('a kept disk', () => {
  test('is billed at the stopped rate, from the look that saw the machine at rest', async () => {
    const { id } = await stopped({ policy: SLOW });
    const cost = (await world.broker.costs.ofSession(id)) ?? 0;
    await world.clock.advance(10 * HOUR_MS);
    expect(await world.broker.costs.ofSession(id)).toBe(cost + 10 * DISK_RATE);
    const [row] = (await world.session(id)).instances;
    const open = row?.costs.filter(({ endedAt }) => endedAt === undefined);
    expect(open).toMatchObject([{ part: 'disk', rateMicroUsdPerHour: DISK_RATE }]);
    expect(ledgerTotal(row?.costs ?? [], world.clock.now())).toBe(cost + 10 * DISK_RATE);
  });

  test('shows no address: somebody else may have it by now', async () => {
    const { id } = await stopped();
    const [row] = (await world.session(id)).instances;
    expect(row).not.toHaveProperty('address');
    expect(row).not.toHaveProperty('accessGrantedAt');
    expect(row).toHaveProperty('hostKey');
  });

  test('is given up when it is too old, and not a tick before', async () => {
    const policy = { ...SLOW, preservedMaxAgeMs: DAY_MS };
    const { id, machine, provider } = await stopped({ policy });
    const { preservedAt = 0 } = (await world.session(id)).instances[0] ?? {};
    const until = preservedAt + DAY_MS;
    await world.clock.advance(until - world.clock.now() - 1);
    expect(machine.isGone).toBe(false);
    expect(provider.count('terminate')).toBe(0);
    await world.clock.advance(MINUTE_MS);
    expect(machine.isGone).toBe(true);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'done',
      instances: [{ state: 'gone' }],
    });
    expect(world.recorder.events).toContainEqual(
      expect.objectContaining({ kind: 'disk_discarded', reason: 'max_age' }),
    );
  });

  test('is destroyed by a delete, which waits for the proof', async () => {
    const { id, machine, provider } = await stopped();
    expect(await destroyed(id)).toBe('destroyed');
    expect(machine.isGone).toBe(true);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'done',
      instances: [{ state: 'gone' }],
    });
    expect(await destroyed(id)).toBe('destroyed');
    expect(provider.count('terminate')).toBe(1);
  });

  test('whose delete the provider does not confirm is kept at, also by another life', async () => {
    const { id, provider, machine } = await stopped();
    provider.faultAlways('terminate', refused('unavailable', 'unknown'));
    const destroying = world.broker.sessions.destroy(id);
    await world.clock.advance(25 * SECOND_MS);
    expect(await destroying).toBe('initiated');
    await world.restart('killed');
    provider.faultAlways('terminate', undefined);
    await world.clock.advance(2 * MINUTE_MS);
    expect(machine.isGone).toBe(true);
  });

  test('outlives the broker, and is given up by the next life if that is due by then', async () => {
    const { id, machine } = await stopped({ policy: { ...SLOW, preservedMaxAgeMs: DAY_MS } });
    await world.restart('killed');
    await world.clock.advance(20 * HOUR_MS);
    await world.restart();
    await world.clock.advance(HOUR_MS);
    expect(await world.session(id)).toMatchObject(keptFor('done'));
    await world.broker.stop();
    await world.clock.advance(6 * HOUR_MS);
    expect(machine.isGone).toBe(false);
    await world.restart();
    await world.clock.advance(2 * MINUTE_MS);
    expect(machine.isGone).toBe(true);
  });

  test('that vanishes is known to be gone, and costs no more', async () => {
    const { id, machine } = await stopped();
    machine.isGone = true;
    await world.clock.advance(MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'done',
      instances: [{ state: 'gone', failure: { code: 'instance_lost' } }],
    });
    const cost = await world.broker.costs.ofSession(id);
    await world.clock.advance(HOUR_MS);
    expect(await world.broker.costs.ofSession(id)).toBe(cost);
    await expect(world.broker.sessions.resume(id)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('that lists leave out is kept while the provider, asked directly, has it', async () => {
    const { id, machine } = await stopped();
    machine.isListed = false;
    await world.clock.advance(HOUR_MS);
    expect(await world.session(id)).toMatchObject(keptFor('done'));
  });

  test('is no orphan, whatever sweeps', async () => {
    const { provider } = await stopped();
    await world.clock.advance(3 * HOUR_MS);
    expect(provider.count('terminate')).toBe(0);
    expect((await world.store.orphanPage({ limit: 9, offset: 0 })).total).toBe(0);
  });
});

describe('a machine at rest that somebody starts', () => {
  test.each(['running', 'starting'] as const)('is stopped again: %s', async (phase) => {
    const { id, machine, provider } = await stopped();
    machine.phase = phase;
    await world.clock.advance(20 * SECOND_MS);
    expect(machine.phase).toBe('stopped');
    expect(await world.session(id)).toMatchObject(keptFor('done'));
    expect(provider.count('stop')).toBeLessThan(4);
  });

  test.each([
    ['its start is only queued', { isStartPending: true }],
    ['its GPUs are held for it', { holdsGpus: true }],
  ] as const)('is stopped again when %s', async (_, shown) => {
    const { id, machine, provider } = await stopped();
    machine.shown = shown;
    provider.onStop = (one) => {
      one.phase = 'stopped';
      one.shown = {};
    };
    await world.clock.advance(2 * MINUTE_MS);
    expect(machine.shown).toStrictEqual({});
    expect(await world.session(id)).toMatchObject(keptFor('done'));
  });

  test('and that will not stop is given up when its disk is too old, as any kept one', async () => {
    const policy = { ...SLOW, preservedMaxAgeMs: DAY_MS };
    const { id, machine, provider } = await stopped({ policy });
    machine.phase = 'running';
    provider.onStop = () => {};
    await world.clock.advance(23 * HOUR_MS);
    expect(await world.session(id)).toMatchObject({ instances: [{ state: 'stopping' }] });
    await world.clock.advance(2 * HOUR_MS);
    expect(machine.isGone).toBe(true);
  });

  test('cannot be resumed while it is stopped again, and the refusal says so', async () => {
    const { id, machine, provider } = await stopped();
    machine.phase = 'running';
    provider.onStop = () => {};
    await world.clock.advance(20 * SECOND_MS);
    await expect(world.broker.sessions.resume(id)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('being stopped'),
    });
  });
});

describe('a delete', () => {
  test('of a running session destroys the disk with the machine', async () => {
    const { id, machine, provider } = await running();
    expect(await destroyed(id)).toBe('destroyed');
    expect(machine.isGone).toBe(true);
    expect(provider.count('stop')).toBe(0);
  });

  test('while it is being stopped ends what does not stop', async () => {
    const { id, machine, provider } = await running();
    provider.onStop = () => {};
    await world.broker.sessions.done(id);
    await world.clock.advance(MINUTE_MS);
    expect(await destroyed(id)).toBe('destroyed');
    expect(machine.isGone).toBe(true);
    expect((await world.session(id)).stopReason).toBe('done');
  });

  test('in the very moment of a stop wins', async () => {
    const { id, machine, provider } = await running();
    let release = (): void => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    provider.fault('stop', { kind: 'hangs', until });
    await world.broker.sessions.done(id);
    await world.clock.advance(SECOND_MS);
    const destroying = world.broker.sessions.destroy(id);
    await world.clock.advance(SECOND_MS);
    release();
    await world.clock.advance(SECOND_MS);
    expect(await destroying).toBe('destroyed');
    expect(machine.isGone).toBe(true);
  });
});

test('a machine that was given up as lost and shows up again is at rest soon, and its disk kept', async () => {
  const { id, machine } = await stopped();
  machine.isGone = true;
  await world.clock.advance(MINUTE_MS);
  expect((await world.session(id)).instances[0]?.state).toBe('gone');
  machine.isGone = false;
  machine.phase = 'running';
  await world.clock.advance(10 * MINUTE_MS);
  expect(await world.session(id)).toMatchObject(keptFor('done'));
  expect(machine).toMatchObject({ phase: 'stopped', isGone: false });
});

test('of a session that failed nothing is kept: a machine that shows up late can serve nobody', async () => {
  const { id, machine } = await running();
  machine.isGone = true;
  await world.clock.advance(MINUTE_MS);
  expect((await world.session(id)).status).toBe('failed');
  machine.isGone = false;
  await world.clock.advance(10 * MINUTE_MS);
  expect(machine.isGone).toBe(true);
  expect((await world.session(id)).status).toBe('failed');
});

describe('with a disk that takes no writes', () => {
  /** A store whose writes fail while `isFull`. */
  function fillable() {
    const disk = { isFull: false };
    const around = (store: Store): Store => ({
      ...store,
      save: async (...args) => {
        if (disk.isFull) throw new Error('the disk is full');
        return store.save(...args);
      },
    });
    return { disk, around };
  }

  test('what is over is stopped all the same, and never destroyed', async () => {
    const { disk, around } = fillable();
    const { id, machine, provider } = await running({
      around,
      request: { reservationHours: 1 },
      policy: SLOW,
    });
    disk.isFull = true;
    await world.clock.advance(HOUR_MS + 5 * MINUTE_MS);
    expect(machine).toMatchObject({ phase: 'stopped', isGone: false });
    expect(provider.count('terminate')).toBe(0);
    disk.isFull = false;
    await world.clock.advance(10 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      instances: [{ state: 'preserved' }],
    });
    expect(machine.isGone).toBe(false);
  });

  test('a stop that was wished for before it was full is asked for all the same', async () => {
    const { disk, around } = fillable();
    const { id, machine } = await running({ around });
    await world.broker.sessions.done(id);
    disk.isFull = true;
    await world.clock.advance(MINUTE_MS);
    expect(machine).toMatchObject({ phase: 'stopped', isGone: false });
  });
});
