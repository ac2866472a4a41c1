import { afterEach, describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS, toRfc3339 } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld, type WorldSetUp } from '../support/broker-world.ts';
import { request } from '../support/builders.ts';
import { lost, refused } from '../support/fake-provider.ts';
import { UNREACHABLE } from '../support/fake-shell.ts';

let world: BrokerWorld;

async function open(setUp?: WorldSetUp): Promise<BrokerWorld> {
  world = await brokerWorld(setUp);
  return world;
}

/** For the long spans: loops that turn seldom, because nothing here depends on how often they do. */
const SLOW: WorldSetUp = {
  policy: {
    lifecycleTickMs: 5 * MINUTE_MS,
    watchIntervalMs: 5 * MINUTE_MS,
    reconcileIntervalMs: 10 * MINUTE_MS,
    offersRefreshMs: HOUR_MS,
  },
};

/** A world with one session that runs. */
async function running(reservationHours = 2, setUp?: WorldSetUp) {
  const opened = await open(setUp);
  const { session } = await opened.create({ reservationHours });
  await opened.clock.advance((setUp?.policy?.watchIntervalMs ?? 0) + 10 * SECOND_MS);
  const now = await opened.session(session.id);
  if (now.runningAt === undefined) throw new Error('it should run');
  return { ...opened, broker: opened.broker, id: session.id, runningAt: now.runningAt };
}

afterEach(() => world.close());

function held(): { readonly until: Promise<void>; readonly release: () => void } {
  let release = (): void => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { until, release: () => release() };
}

describe('a delete', () => {
  test('of a running session says destroyed once the provider confirms', async () => {
    const { id, broker, clock, session, provider } = await running();
    const destroying = broker.sessions.destroy(id);
    await clock.advance(SECOND_MS);
    expect(await destroying).toBe('destroyed');
    expect(await session(id)).toMatchObject({ status: 'stopped', stopReason: 'deleted' });
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
  });

  test('that the provider does not confirm in time is under way, and is kept at', async () => {
    const { id, broker, clock, session, provider } = await running();
    provider.endsOnTerminate = false;
    const destroying = broker.sessions.destroy(id);
    await clock.advance(25 * SECOND_MS);
    expect(await destroying).toBe('initiated');
    expect((await session(id)).status).toBe('stopping');
    provider.endsOnTerminate = true;
    await clock.advance(MINUTE_MS);
    expect((await session(id)).status).toBe('stopped');
  });

  test('of an ended session says destroyed again, and asks the provider nothing', async () => {
    const { id, broker, clock, provider } = await running();
    const first = broker.sessions.destroy(id);
    await clock.advance(SECOND_MS);
    await first;
    const asked = provider.count('terminate');
    expect(await broker.sessions.destroy(id)).toBe('destroyed');
    expect(provider.count('terminate')).toBe(asked);
  });

  test('of a session that nobody knows is not found', async () => {
    const { broker } = await open();
    await expect(broker.sessions.destroy('sess-0000000000000099')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('in the middle of a launch leaves nothing, whenever the launch is answered', async () => {
    const { broker, clock, provider, store } = await open();
    const { until, release } = held();
    provider.fault('launch', { kind: 'hangs', until });
    const creating = broker.sessions.create({ request: request() });
    await clock.advance(SECOND_MS);
    const { sessions } = await store.page({ limit: 1, offset: 0 });
    const id = sessions[0]?.id ?? '';
    const destroying = broker.sessions.destroy(id);
    await clock.advance(5 * SECOND_MS);
    expect((await creating).session.status).toBe('stopping');
    release();
    await clock.advance(SECOND_MS);
    expect(await destroying).toBe('destroyed');
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
    expect(await store.load(id)).toMatchObject({
      status: 'stopped',
      instances: [{ state: 'gone' }],
    });
  });

  test('of a launch that is postponed never makes it', async () => {
    const { broker, clock, provider, store } = await open();
    provider.faultAlways(
      'launch',
      refused('rate_limited', 'not_done', { retryAfterMs: MINUTE_MS }),
    );
    const creating = broker.sessions.create({ request: request() });
    await clock.advance(SECOND_MS);
    const { sessions } = await store.page({ limit: 1, offset: 0 });
    const destroying = broker.sessions.destroy(sessions[0]?.id ?? '');
    await clock.advance(SECOND_MS);
    expect(await destroying).toBe('destroyed');
    await creating;
    await clock.advance(HOUR_MS);
    expect(provider.count('launch')).toBe(1);
  });

  test('of a launch of unknown outcome ends it when it shows up', async () => {
    const { broker, create, clock, provider, session } = await open();
    provider.onLaunch = (instance) => {
      instance.isListed = false;
    };
    provider.fault('launch', lost('unavailable', 'unknown'));
    const { session: made } = await create();
    const destroying = broker.sessions.destroy(made.id);
    await clock.advance(30 * SECOND_MS);
    expect(await destroying).toBe('initiated');
    for (const instance of provider.instances) instance.isListed = true;
    await clock.advance(20 * SECOND_MS);
    expect(await session(made.id)).toMatchObject({ status: 'stopped' });
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
  });
});

describe('done', () => {
  test('is answered at once, and the session stops', async () => {
    const { id, broker, clock, session } = await running();
    await broker.sessions.done(id);
    expect((await session(id)).status).toBe('stopping');
    await clock.advance(SECOND_MS);
    expect((await session(id)).status).toBe('stopped');
  });

  test('again while stopping is fine, once ended a conflict, and never not found', async () => {
    const { id, broker, clock, provider } = await running();
    provider.endsOnTerminate = false;
    await broker.sessions.done(id);
    await broker.sessions.done(id);
    provider.endsOnTerminate = true;
    await clock.advance(10 * SECOND_MS);
    await expect(broker.sessions.done(id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(broker.sessions.done('sess-x')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('stays the reason when a delete follows', async () => {
    const { id, broker, clock, session } = await running();
    await broker.sessions.done(id);
    const destroying = broker.sessions.destroy(id);
    await clock.advance(SECOND_MS);
    await destroying;
    expect((await session(id)).stopReason).toBe('done');
  });
});

describe('the end of an instance', () => {
  test('that the provider refuses is asked for again, for hours, ever more slowly but at least each minute', async () => {
    const { id, broker, clock, session, provider } = await running();
    provider.faultAlways('terminate', refused('unavailable', 'unknown'));
    await broker.sessions.done(id);
    await clock.advance(5 * HOUR_MS);
    expect((await session(id)).status).toBe('stopping');
    const asked = provider.count('terminate');
    expect(asked).toBeGreaterThan(5 * 60 - 10);
    await clock.advance(MINUTE_MS);
    expect(provider.count('terminate')).toBe(asked + 1);
    provider.faultAlways('terminate', undefined);
    await clock.advance(MINUTE_MS);
    expect((await session(id)).status).toBe('stopped');
  });

  test('costs until it is confirmed', async () => {
    const { id, broker, clock, provider } = await running();
    provider.faultAlways('terminate', refused('unavailable', 'unknown'));
    await broker.sessions.done(id);
    const cost = await broker.costs.ofSession(id);
    await clock.advance(HOUR_MS);
    expect(await broker.costs.ofSession(id)).toBe((cost ?? 0) + 400_000);
  });

  test('is believed when the provider says that it is gone, and not when it says yes', async () => {
    const { id, broker, clock, session, provider } = await running();
    provider.endsOnTerminate = false;
    await broker.sessions.done(id);
    await clock.advance(HOUR_MS);
    expect(await session(id)).toMatchObject({
      status: 'stopping',
      instances: [{ state: 'terminating' }],
    });
  });

  test('whose confirmation fails is asked for again, and has not failed', async () => {
    const { id, broker, clock, session, provider, kinds } = await running();
    provider.fault('get', refused('unavailable'));
    await broker.sessions.done(id);
    await clock.advance(MINUTE_MS);
    expect((await session(id)).status).toBe('stopped');
    expect(provider.count('terminate')).toBe(2);
    expect(kinds()).not.toContain('terminate_failed');
  });

  test('that the provider refuses has failed', async () => {
    const { id, broker, clock, provider, kinds } = await running();
    provider.fault('terminate', refused('unavailable'));
    await broker.sessions.done(id);
    await clock.advance(MINUTE_MS);
    expect(kinds().filter((kind) => kind === 'terminate_failed')).toHaveLength(1);
  });
});

describe('time', () => {
  test('a session ends when its reservation is over, and not a second before', async () => {
    const { id, clock, session, runningAt } = await running(1);
    await clock.advance(runningAt + HOUR_MS - clock.now() - 1);
    expect((await session(id)).status).toBe('running');
    await clock.advance(SECOND_MS);
    expect(await session(id)).toMatchObject({ status: 'stopped', stopReason: 'expired' });
  });

  test('an extension moves the end', async () => {
    const { id, broker, clock, session, runningAt } = await running(1, SLOW);
    expect(await broker.sessions.extend(id, 2)).toBe(runningAt + 3 * HOUR_MS);
    await clock.advance(2 * HOUR_MS);
    expect((await session(id)).status).toBe('running');
    await clock.advance(HOUR_MS);
    expect((await session(id)).status).toBe('stopped');
  });

  test('an extension goes to the hard limit and not past it', async () => {
    const { id, broker, clock, session, runningAt } = await running(4, SLOW);
    const refusing = broker.sessions.extend(id, 9);
    await expect(refusing).rejects.toMatchObject({
      code: 'hard_limit',
      details: { max_expires_at: toRfc3339(runningAt + 12 * HOUR_MS) },
    });
    expect((await session(id)).expiresAt).toBe(runningAt + 4 * HOUR_MS);
    expect(await broker.sessions.extend(id, 8)).toBe(runningAt + 12 * HOUR_MS);
    await clock.advance(12 * HOUR_MS);
    expect((await session(id)).status).toBe('stopped');
  });

  test('the hard limit ends what an earlier policy or a wrong row would have let run', async () => {
    const { id, clock, session, store } = await running(2, SLOW);
    const row = await session(id);
    await store.save({ ...row, expiresAt: row.expiresAt + 99 * HOUR_MS }, []);
    await clock.advance(11 * HOUR_MS);
    expect((await session(id)).status).toBe('running');
    await clock.advance(HOUR_MS);
    expect(await session(id)).toMatchObject({ status: 'stopped', stopReason: 'hard_limit' });
  });

  test('nothing that is stopping, ended or unknown is extended', async () => {
    const { id, broker, clock, provider } = await running();
    provider.endsOnTerminate = false;
    await broker.sessions.done(id);
    await expect(broker.sessions.extend(id, 1)).rejects.toMatchObject({ code: 'conflict' });
    provider.endsOnTerminate = true;
    await clock.advance(MINUTE_MS);
    await expect(broker.sessions.extend(id, 1)).rejects.toMatchObject({ code: 'conflict' });
    await expect(broker.sessions.extend('sess-x', 1)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('an extension that is committed in the moment of the end counts: nobody who was told yes is ended', async () => {
    const wish = { extend: async (): Promise<void> => {} };
    const { id, broker, clock, session, runningAt } = await running(1, {
      around: (store) => ({
        ...store,
        load: async (sessionId) => {
          const loaded = await store.load(sessionId);
          await wish.extend();
          return loaded;
        },
      }),
    });
    wish.extend = async () => {
      if (clock.now() < runningAt + HOUR_MS) return;
      wish.extend = async () => {};
      await broker.sessions.extend(id, 1);
    };
    await clock.advance(HOUR_MS + MINUTE_MS);
    expect(await session(id)).toMatchObject({
      status: 'running',
      expiresAt: runningAt + 2 * HOUR_MS,
    });
  });

  test('the time of a reservation begins with the login, not with the launch', async () => {
    const { create, clock, session, shell } = await open();
    shell.answer = UNREACHABLE;
    const { session: made } = await create({ reservationHours: 1 });
    await clock.advance(5 * MINUTE_MS);
    shell.next({ kind: 'proven', hostKey: 'SHA256:late' });
    await clock.advance(10 * SECOND_MS);
    const now = await session(made.id);
    expect(now.expiresAt).toBe((now.runningAt ?? 0) + HOUR_MS);
    expect(now.runningAt).toBeGreaterThan(made.createdAt + 5 * MINUTE_MS);
  });
});
