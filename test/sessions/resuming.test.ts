import { afterEach, describe, expect, test } from 'vitest';
import type { BillingRule } from '../../src/domain/billing.ts';
import { PRICE_PARTS } from '../../src/domain/offer.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, toRfc3339 } from '../../src/domain/time.ts';
import type { BrokerWorld } from '../support/broker-world.ts';
import { request } from '../support/builders.ts';
import { lost, refused } from '../support/fake-provider.ts';
import { UNREACHABLE } from '../support/fake-shell.ts';
import {
  DISK_RATE,
  type KeptWorld,
  type KeptWorldSetUp,
  RUNNING_RATE,
  SLOW,
  stoppedWorld,
} from './kept-world.ts';

const MOVED = { host: '192.0.2.77', port: 40_022, user: 'root' };
const PROVEN_ELSEWHERE = { kind: 'host_key_changed', hostKey: 'SHA256:somebody' } as const;

/** A machine that comes up costs what it costs running. */
const ALL_BUT_AT_REST: BillingRule = {
  created: PRICE_PARTS,
  running: PRICE_PARTS,
  stopped: ['disk'],
};

let world: BrokerWorld;

async function stopped(setUp?: KeptWorldSetUp): Promise<KeptWorld> {
  const kept = await stoppedWorld(setUp);
  world = kept.world;
  return kept;
}

/** Asks for the session to run again, and lets a second pass. */
async function resume(id: string) {
  const resuming = world.broker.sessions.resume(id);
  resuming.catch(() => {});
  await world.clock.advance(SECOND_MS);
  return resuming;
}

afterEach(() => world.close());

describe('a resumed session', () => {
  test('runs on the same machine, with the same id, key and host key, at its new address', async () => {
    const { id, provider, machine } = await stopped();
    const before = await world.session(id);
    const onStart = provider.onStart;
    provider.onStart = (one) => {
      onStart(one);
      one.address = MOVED;
    };
    const logins = world.shell.logins.length;
    const answered = await resume(id);
    expect(answered).toMatchObject({ id, instances: [{ state: 'launched' }] });
    await world.clock.advance(20 * SECOND_MS);
    const now = await world.session(id);
    expect(now).toMatchObject({
      status: 'running',
      publicKey: before.publicKey,
      sealedPrivateKey: before.sealedPrivateKey,
      instances: [{ address: MOVED, hostKey: before.instances[0]?.hostKey }],
    });
    expect(now).not.toHaveProperty('stopReason');
    expect(now).not.toHaveProperty('stoppedAt');
    expect(now.instances).toHaveLength(1);
    expect(provider.instances).toHaveLength(1);
    expect(machine.phase).toBe('running');
    const tried = world.shell.logins.slice(logins);
    expect(tried.length).toBeGreaterThan(0);
    expect(tried.every((login) => login.host === MOVED.host)).toBe(true);
    expect(tried.every(({ hostKey }) => hostKey === before.instances[0]?.hostKey)).toBe(true);
  });

  test('has its key put in again before a login is tried', async () => {
    const { id, provider } = await stopped();
    const granted = provider.count('grantAccess');
    await resume(id);
    await world.clock.advance(20 * SECOND_MS);
    expect(provider.count('grantAccess')).toBe(granted + 1);
  });

  test('begins its reservation anew when it runs, and ends when that is over', async () => {
    const { id } = await stopped({ policy: SLOW, request: { reservationHours: 3 } });
    await world.clock.advance(5 * HOUR_MS);
    await resume(id);
    await world.clock.advance(3 * MINUTE_MS);
    const { runningAt = 0, expiresAt } = await world.session(id);
    expect(runningAt).toBeGreaterThan(world.clock.now() - 4 * MINUTE_MS);
    expect(expiresAt).toBe(runningAt + 3 * HOUR_MS);
    await world.clock.advance(3 * HOUR_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'expired',
      instances: [{ state: 'preserved' }],
    });
  });

  test('is billed in full while it runs, and at the stopped rate before and after', async () => {
    const { id } = await stopped({ policy: SLOW });
    const atRest = (await world.broker.costs.ofSession(id)) ?? 0;
    await world.clock.advance(HOUR_MS);
    const began = world.clock.now();
    await resume(id);
    await world.clock.advance(HOUR_MS - SECOND_MS);
    await world.broker.sessions.done(id);
    await world.clock.advance(2 * SECOND_MS);
    const { stoppedAt = 0 } = await world.session(id);
    expect(stoppedAt).toBe(began + HOUR_MS);
    const after = (await world.broker.costs.ofSession(id)) ?? 0;
    await world.clock.advance(10 * HOUR_MS);
    expect(await world.broker.costs.ofSession(id)).toBe(after + 10 * DISK_RATE);
    expect(Math.abs(after - atRest - DISK_RATE - RUNNING_RATE)).toBeLessThan(RUNNING_RATE / 60);
  });

  test('is billed from its start, though nobody answers after it and what was seen last was at rest', async () => {
    const { id, provider } = await stopped({ billing: ALL_BUT_AT_REST });
    const atRest = (await world.broker.costs.ofSession(id)) ?? 0;
    provider.faultAlways('list', refused('unavailable'));
    provider.faultAlways('get', refused('unavailable'));
    await resume(id);
    await world.clock.advance(3 * MINUTE_MS);
    provider.faultAlways('list', undefined);
    provider.faultAlways('get', undefined);
    await world.clock.advance(MINUTE_MS);
    const after = (await world.broker.costs.ofSession(id)) ?? 0;
    const minutes = (after - atRest) / (RUNNING_RATE / 60);
    expect(Math.abs(minutes - 4)).toBeLessThan(0.5);
  });

  test('can be done with and resumed again and again, under the hard limit of all its runs', async () => {
    const { id, machine } = await stopped({ policy: SLOW, request: { reservationHours: 5 } });
    const hours: number[] = [];
    for (let run = 0; run < 2; run += 1) {
      hours.push((await resume(id)).request.reservationHours);
      await world.clock.advance(6 * HOUR_MS);
      expect(await world.session(id)).toMatchObject({ status: 'stopped', stopReason: 'expired' });
    }
    expect(hours).toStrictEqual([5, 5]);
    expect((await resume(id)).request.reservationHours).toBe(1);
    await world.clock.advance(2 * HOUR_MS);
    await expect(world.broker.sessions.resume(id)).rejects.toMatchObject({ code: 'hard_limit' });
    expect(machine.isGone).toBe(false);
  });

  test('is extended up to what the hard limit leaves of all runs, and no further', async () => {
    const { id } = await stopped({ policy: SLOW, request: { reservationHours: 4 } });
    await resume(id);
    await world.clock.advance(5 * HOUR_MS);
    await resume(id);
    await world.clock.advance(3 * MINUTE_MS);
    const { ranBeforeMs = 0, runningAt = 0 } = await world.session(id);
    expect(ranBeforeMs).toBeGreaterThan(4 * HOUR_MS);
    const latest = runningAt + 12 * HOUR_MS - ranBeforeMs;
    await expect(world.broker.sessions.extend(id, 4)).rejects.toMatchObject({
      code: 'hard_limit',
      details: { max_expires_at: toRfc3339(latest) },
    });
    expect(await world.broker.sessions.extend(id, 3)).toBe(runningAt + 7 * HOUR_MS);
    const row = await world.session(id);
    await world.store.save({ ...row, expiresAt: row.expiresAt + 99 * HOUR_MS }, []);
    await world.clock.advance(latest - world.clock.now() - SECOND_MS);
    expect((await world.session(id)).status).toBe('running');
    await world.clock.advance(2 * MINUTE_MS);
    expect((await world.session(id)).stopReason).toBe('hard_limit');
  });

  test('that nobody can log in to is stopped again, with its disk, and gets no other machine', async () => {
    const { id, provider, machine } = await stopped();
    world.shell.answer = UNREACHABLE;
    await resume(id);
    await world.clock.advance(30 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'never_ready',
      error: { code: 'never_ready' },
      instances: [{ state: 'preserved' }],
    });
    expect(machine).toMatchObject({ phase: 'stopped', isGone: false });
    expect(provider.count('launch')).toBe(1);
  });

  test('never gets another machine, though the request would take any', async () => {
    const { id, provider } = await stopped({
      request: { choice: { kind: 'requirements', filter: {}, prefer: 'price' } },
    });
    provider.fault('start', refused('no_capacity'));
    await expect(resume(id)).rejects.toMatchObject({ code: 'provider_unavailable' });
    await world.clock.advance(HOUR_MS);
    expect(provider.count('launch')).toBe(1);
    expect((await world.session(id)).instances).toHaveLength(1);
  });

  test('whose machine is lost while it comes up has failed', async () => {
    const { id, machine } = await stopped();
    world.shell.answer = UNREACHABLE;
    await resume(id);
    machine.isGone = true;
    await world.clock.advance(MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'failed',
      stopReason: 'instance_lost',
      instances: [{ state: 'gone' }],
    });
  });

  test('whose agent spoke before does not end as idle for it', async () => {
    const { id } = await stopped({ request: { idleThresholdMinutes: 5 } });
    await world.clock.advance(HOUR_MS);
    await resume(id);
    await world.clock.advance(30 * MINUTE_MS);
    expect((await world.session(id)).status).toBe('running');
  });
});

describe('an address of a former run', () => {
  test('that is shown of the machine at rest is never logged in to', async () => {
    const { id, machine, provider } = await stopped();
    provider.onStart = (one) => {
      one.phase = 'starting';
    };
    const logins = world.shell.logins.length;
    await resume(id);
    await world.clock.advance(30 * SECOND_MS);
    expect(world.shell.logins).toHaveLength(logins);
    machine.phase = 'running';
    machine.address = MOVED;
    await world.clock.advance(20 * SECOND_MS);
    const tried = world.shell.logins.slice(logins);
    expect(tried.every(({ host, port }) => host === MOVED.host && port === MOVED.port)).toBe(true);
    expect((await world.session(id)).status).toBe('running');
  });

  test('that is shown of the machine that runs already is left for the new one', async () => {
    const { id, machine } = await stopped();
    world.shell.answer = PROVEN_ELSEWHERE;
    await resume(id);
    await world.clock.advance(30 * SECOND_MS);
    expect((await world.session(id)).status).toBe('provisioning');
    machine.address = MOVED;
    world.shell.answer = { kind: 'proven', hostKey: 'SHA256:fake-host' };
    await world.clock.advance(20 * SECOND_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'running',
      instances: [{ address: MOVED }],
    });
  });
});

describe('a start', () => {
  test('that is refused because the GPUs are taken keeps the disk, leaves nothing queued, and may be tried again', async () => {
    const { id, provider, machine } = await stopped();
    const { expiresAt, stoppedAt } = await world.session(id);
    provider.fault('start', refused('no_capacity'));
    await expect(resume(id)).rejects.toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('its disk is kept'),
      details: { session_id: id, retry_suggested: true },
    });
    await world.clock.advance(10 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'done',
      expiresAt,
      stoppedAt,
      instances: [{ state: 'preserved' }],
    });
    expect(machine.phase).toBe('stopped');
    expect(provider.count('start')).toBe(1);
    await resume(id);
    await world.clock.advance(20 * SECOND_MS);
    const now = await world.session(id);
    expect(now.status).toBe('running');
    expect(now).not.toHaveProperty('error');
    expect(now.instances[0]).not.toHaveProperty('failure');
  });

  test('costs nothing when it was refused, nor any running time', async () => {
    const { id, provider } = await stopped({ policy: SLOW });
    const before = await world.session(id);
    const spent = (await world.broker.costs.ofSession(id)) ?? 0;
    const at = world.clock.now();
    provider.fault('start', refused('insufficient_funds'));
    await expect(resume(id)).rejects.toMatchObject({
      code: 'provider_error',
      details: { retry_suggested: false },
    });
    const { instances: _now, version: _later, ...after } = await world.session(id);
    expect(before).toMatchObject(after);
    const spentNow = (await world.broker.costs.ofSession(id)) ?? 0;
    expect(spentNow - spent).toBe(Math.round((DISK_RATE * (world.clock.now() - at)) / HOUR_MS));
    provider.fault('start', refused('no_capacity'));
    await expect(resume(id)).rejects.toMatchObject({ code: 'provider_unavailable' });
    await resume(id);
    const { runningAt = 0, stopAskedAt = 0 } = before;
    expect((await world.session(id)).ranBeforeMs).toBe(stopAskedAt - runningAt);
  });

  test.each([
    ['before it took effect', refused('unavailable', 'unknown')],
    ['after it took effect', lost('unavailable', 'unknown')],
    ['for a moment', refused('unavailable')],
    ['for its rate', refused('rate_limited', 'not_done', { retryAfterMs: 3 * SECOND_MS })],
  ])(
    'whose answer is lost or refused %s is asked for again, and runs once',
    async (_when, fault) => {
      const { id, provider } = await stopped();
      provider.fault('start', fault);
      const resuming = world.broker.sessions.resume(id);
      await world.clock.advance(20 * SECOND_MS);
      expect((await resuming).instances[0]?.state).toBe('launched');
      await world.clock.advance(20 * SECOND_MS);
      expect((await world.session(id)).status).toBe('running');
      expect(provider.count('start')).toBe(2);
      expect(provider.instances).toHaveLength(1);
    },
  );

  test('that a provider wants to be asked for in hours is asked for each minute, and not without end', async () => {
    const { id, provider } = await stopped();
    provider.faultAlways('start', refused('rate_limited', 'not_done', { retryAfterMs: HOUR_MS }));
    const resuming = world.broker.sessions.resume(id);
    await world.clock.advance(150 * SECOND_MS);
    expect((await resuming).status).toBe('provisioning');
    expect(provider.count('start')).toBe(3);
    await world.clock.advance(15 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'never_ready',
      instances: [{ state: 'preserved' }],
    });
    expect(provider.count('start')).toBeLessThan(12);
  });

  test('that stays queued is withdrawn, so that nothing is billed that nobody waits for', async () => {
    const { id, provider, machine } = await stopped();
    provider.onStart = (one) => {
      one.shown = { ...one.shown, isStartPending: true };
    };
    provider.onStop = (one) => {
      one.phase = 'stopped';
      one.shown = {};
    };
    await resume(id);
    await world.clock.advance(3 * MINUTE_MS);
    expect(machine).toMatchObject({ phase: 'stopped', shown: {} });
    expect(await world.session(id)).toMatchObject({
      status: 'stopped',
      stopReason: 'launch_failed',
      error: { code: 'no_capacity' },
      instances: [{ state: 'preserved' }],
    });
  });

  test('of a machine that is gone says so, and suggests no other try', async () => {
    const { id, machine } = await stopped();
    machine.isGone = true;
    const resuming = world.broker.sessions.resume(id);
    resuming.catch(() => {});
    await world.clock.advance(MINUTE_MS);
    await expect(resuming).rejects.toMatchObject({
      code: 'provider_unavailable',
      message: 'the provider no longer has the instance',
      details: { retry_suggested: false },
    });
    expect((await world.session(id)).status).toBe('failed');
  });
});

describe('a wish to resume', () => {
  test('twice at once starts once: the second is a conflict', async () => {
    const { id, provider } = await stopped();
    const both = Promise.allSettled([resume(id), resume(id)]);
    await world.clock.advance(5 * SECOND_MS);
    const outcomes = (await both).map(({ status }) => status);
    expect(outcomes.toSorted()).toStrictEqual(['fulfilled', 'rejected']);
    expect(provider.count('start')).toBe(1);
  });

  test.each(['done', 'delete'] as const)(
    'followed by a %s in the middle of the start ends as that says',
    async (then) => {
      const { id, provider, machine } = await stopped();
      let release = (): void => {};
      const until = new Promise<void>((resolve) => {
        release = resolve;
      });
      provider.fault('start', { kind: 'hangs', until });
      const resuming = world.broker.sessions.resume(id).catch((error: unknown) => error);
      await world.clock.advance(SECOND_MS);
      const ending =
        then === 'done' ? world.broker.sessions.done(id) : world.broker.sessions.destroy(id);
      await world.clock.advance(SECOND_MS);
      expect(await resuming).toMatchObject({ code: 'conflict' });
      release();
      await world.clock.advance(10 * SECOND_MS);
      await ending;
      expect((await world.session(id)).status).toBe('stopped');
      expect(machine).toMatchObject(then === 'done' ? { phase: 'stopped' } : { isGone: true });
      expect(machine.isGone).toBe(then === 'delete');
    },
  );

  test('of a session that runs, has ended for good, or that nobody knows is refused', async () => {
    const { id } = await stopped();
    await resume(id);
    await expect(world.broker.sessions.resume(id)).rejects.toMatchObject({ code: 'conflict' });
    const destroying = world.broker.sessions.destroy(id);
    await world.clock.advance(5 * SECOND_MS);
    await destroying;
    await expect(world.broker.sessions.resume(id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(world.broker.sessions.resume('sess-x')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('while the disk is being destroyed is refused', async () => {
    const { id, provider } = await stopped();
    provider.endsOnTerminate = false;
    const destroying = world.broker.sessions.destroy(id);
    await world.clock.advance(SECOND_MS);
    await expect(world.broker.sessions.resume(id)).rejects.toMatchObject({ code: 'conflict' });
    provider.endsOnTerminate = true;
    await world.clock.advance(25 * SECOND_MS);
    await destroying;
  });

  test.each(['stopped', 'killed'] as const)(
    'outlives a broker that is %s before the provider heard of it',
    async (how) => {
      const { id, provider } = await stopped();
      provider.faultAlways('start', refused('unavailable'));
      const resuming = world.broker.sessions.resume(id);
      resuming.catch(() => {});
      await world.clock.advance(SECOND_MS);
      await world.restart(how);
      provider.faultAlways('start', undefined);
      await world.clock.advance(30 * SECOND_MS);
      expect((await world.session(id)).status).toBe('running');
      expect(provider.instances).toHaveLength(1);
    },
  );

  test('outlives a broker that is killed while its machine comes up', async () => {
    const { id } = await stopped();
    world.shell.answer = UNREACHABLE;
    await resume(id);
    await world.restart('killed');
    world.shell.answer = { kind: 'proven', hostKey: 'SHA256:fake-host' };
    await world.clock.advance(30 * SECOND_MS);
    expect((await world.session(id)).status).toBe('running');
  });
});

test('rows that are older than a resume stop what runs, with its disk', async () => {
  const { id, machine } = await stopped();
  const backup = await world.session(id);
  await resume(id);
  await world.clock.advance(20 * SECOND_MS);
  const { version, status } = await world.session(id);
  expect(status).toBe('running');
  await world.restart('killed');
  await world.store.save({ ...backup, version }, []);
  await world.clock.advance(20 * SECOND_MS);
  expect(machine).toMatchObject({ phase: 'stopped', isGone: false });
  expect(await world.session(id)).toMatchObject({
    status: 'stopped',
    instances: [{ state: 'preserved' }],
  });
});

describe('the request that made the session, sent again with its key,', () => {
  const idempotency = { key: 'training-42', bodyHash: 'a'.repeat(64) };

  async function replay() {
    const creating = world.broker.sessions.create({
      request: request({ keepsDisk: true }),
      idempotency,
    });
    creating.catch(() => {});
    await world.clock.advance(SECOND_MS);
    return creating;
  }

  test('has the same answer while it is kept, after a refused resume, and after a resume', async () => {
    const { id: other, provider } = await stopped();
    const gone = world.broker.sessions.destroy(other);
    await world.clock.advance(SECOND_MS);
    await gone;
    const made = await replay();
    const { id } = made.session;
    const same = { session: { id }, privateKey: made.privateKey, agentToken: made.agentToken };
    await world.clock.advance(20 * SECOND_MS);
    await world.broker.sessions.done(id);
    await world.clock.advance(5 * SECOND_MS);
    expect(await replay()).toMatchObject(same);
    provider.fault('start', refused('no_capacity'));
    await expect(resume(id)).rejects.toMatchObject({ code: 'provider_unavailable' });
    expect(await replay()).toMatchObject({ ...same, session: { id, status: 'stopped' } });
    provider.faultAlways('start', refused('unavailable'));
    const resuming = world.broker.sessions.resume(id);
    await world.clock.advance(SECOND_MS);
    expect(await replay()).toMatchObject({ ...same, session: { id, status: 'provisioning' } });
    provider.faultAlways('start', undefined);
    await world.clock.advance(20 * SECOND_MS);
    await resuming;
    expect(await replay()).toMatchObject({ ...same, session: { id, status: 'running' } });
    expect(provider.count('launch')).toBe(2);
  });
});
