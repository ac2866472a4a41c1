import { afterEach, describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { request } from '../support/builders.ts';
import { refused } from '../support/fake-provider.ts';
import { UNREACHABLE } from '../support/fake-shell.ts';

let world: BrokerWorld;

async function open(): Promise<BrokerWorld> {
  world = await brokerWorld();
  return world;
}

afterEach(() => world.close());

describe('stop', () => {
  test('ends nobody’s session, and leaves no timer', async () => {
    const { create, clock, broker, session, provider } = await open();
    const { session: made } = await create();
    await clock.advance(10 * SECOND_MS);
    const stopping = broker.stop();
    await clock.advance(0);
    await stopping;
    expect(clock.pending).toBe(0);
    await clock.advance(3 * HOUR_MS);
    expect((await session(made.id)).status).toBe('running');
    expect(provider.count('terminate')).toBe(0);
  });

  test('waits for what is under way: a launch that is answered is written down', async () => {
    const { clock, broker, provider, store } = await open();
    let answer = (): void => {};
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    provider.fault('launch', { kind: 'hangs', until });
    const creating = broker.sessions.create({ request: request() });
    await clock.advance(SECOND_MS);
    let isStopped = false;
    const stopping = broker.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(SECOND_MS);
    expect(isStopped).toBe(false);
    answer();
    await clock.advance(0);
    await stopping;
    const { session: made } = await creating;
    expect(await store.load(made.id)).toMatchObject({ instances: [{ state: 'launched' }] });
    expect(clock.pending).toBe(0);
  });

  test('answers whoever waits, and leaves no timer of theirs', async () => {
    const { create, clock, broker, provider } = await open();
    const { session: made } = await create();
    provider.endsOnTerminate = false;
    const destroying = broker.sessions.destroy(made.id);
    provider.faultAlways(
      'launch',
      refused('rate_limited', 'not_done', { retryAfterMs: MINUTE_MS }),
    );
    const creating = broker.sessions.create({ request: request() });
    await clock.advance(SECOND_MS);
    const stopping = broker.stop();
    await clock.advance(0);
    await stopping;
    expect(await destroying).toBe('initiated');
    expect((await creating).session.instances[0]?.state).toBe('intended');
    expect(clock.pending).toBe(0);
  });

  test('in the middle of the startup sweep ends the waiting for it', async () => {
    world = await brokerWorld({ start: 'not yet' });
    const { broker, clock, provider } = world;
    let answer = (): void => {};
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    provider.fault('list', { kind: 'hangs', until });
    const starting = broker.start();
    await clock.advance(SECOND_MS);
    const stopping = broker.stop();
    await clock.advance(0);
    await Promise.all([starting, stopping]);
    expect(broker.phase()).toBe('stopping');
    expect(clock.pending).toBe(0);
    answer();
  });
});

describe('another life over the same rows', () => {
  test('ends no session that runs, and ends it when its time is up', async () => {
    const { create, clock, session, restart } = await open();
    const { session: made } = await create();
    await clock.advance(10 * SECOND_MS);
    await restart();
    await clock.advance(HOUR_MS);
    expect((await session(made.id)).status).toBe('running');
    await restart('killed');
    await clock.advance(HOUR_MS);
    expect(await session(made.id)).toMatchObject({ status: 'stopped', stopReason: 'expired' });
  });

  test('finds a launch that died with the process by its tag, and launches nothing again', async () => {
    const { clock, broker, provider, store, restart, session } = await open();
    provider.fault('launch', { kind: 'hangs', until: new Promise(() => {}) });
    void broker.sessions.create({ request: request() });
    await clock.advance(SECOND_MS);
    const { sessions } = await store.page({ limit: 1, offset: 0 });
    const id = sessions[0]?.id ?? '';
    expect(sessions).toMatchObject([{ instances: [{ state: 'launching' }] }]);
    await restart('killed');
    await clock.advance(MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'running' });
    expect(provider.count('launch')).toBe(1);
  });

  test('writes off a launch that died before the provider heard of it', async () => {
    const { clock, broker, provider, store, restart, session } = await open();
    const hearsNothing = new Promise<never>(() => {});
    const { launch } = provider;
    provider.launch = () => hearsNothing;
    void broker.sessions.create({ request: request() });
    await clock.advance(SECOND_MS);
    const { sessions } = await store.page({ limit: 1, offset: 0 });
    provider.launch = launch;
    await restart('killed');
    await clock.advance(2 * MINUTE_MS);
    expect(await session(sessions[0]?.id ?? '')).toMatchObject({
      status: 'failed',
      instances: [{ state: 'absent', costs: [] }],
    });
    expect(provider.count('launch')).toBe(0);
  });

  test('goes on ending what was asked to end', async () => {
    const { create, clock, broker, provider, restart, session } = await open();
    const { session: made } = await create();
    provider.faultAlways('terminate', refused('unavailable'));
    await broker.sessions.done(made.id);
    await clock.advance(MINUTE_MS);
    await restart('killed');
    provider.faultAlways('terminate', undefined);
    await clock.advance(2 * MINUTE_MS);
    expect((await session(made.id)).status).toBe('stopped');
  });

  test('that comes after the time for a login looks once more before it gives up what works', async () => {
    const { create, clock, broker, restart, session, shell } = await open();
    shell.answer = UNREACHABLE;
    const { session: made } = await create();
    await clock.advance(MINUTE_MS);
    expect((await session(made.id)).status).toBe('provisioning');
    const stopping = broker.stop();
    await clock.advance(SECOND_MS);
    await stopping;
    shell.answer = { kind: 'proven', hostKey: 'SHA256:up' };
    await clock.advance(HOUR_MS);
    await restart();
    await clock.advance(30 * SECOND_MS);
    expect((await session(made.id)).status).toBe('running');
  });

  test('that comes after the reservation is over ends the session', async () => {
    const { create, clock, broker, restart, session } = await open();
    const { session: made } = await create({ reservationHours: 1 });
    await clock.advance(10 * SECOND_MS);
    const stopping = broker.stop();
    await clock.advance(SECOND_MS);
    await stopping;
    await clock.advance(3 * HOUR_MS);
    await restart();
    await clock.advance(10 * SECOND_MS);
    expect(await session(made.id)).toMatchObject({ status: 'stopped', stopReason: 'expired' });
  });

  test('answers a replay of a create that died in the middle with the session that it made', async () => {
    const { clock, broker, provider, restart } = await open();
    const creation = { request: request(), idempotency: { key: 'k', bodyHash: 'a'.repeat(64) } };
    provider.fault('launch', { kind: 'hangs', until: new Promise(() => {}) });
    void broker.sessions.create(creation);
    await clock.advance(SECOND_MS);
    await restart('killed');
    const replay = world.broker.sessions.create(creation);
    await clock.advance(MINUTE_MS);
    expect(await replay).toMatchObject({ privateKey: expect.any(String) });
    expect(provider.count('launch')).toBe(1);
  });
});
