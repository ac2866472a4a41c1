import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { type FakeInstance, fakeProvider, refused } from '../support/fake-provider.ts';
import { PROVEN, REPORT, UNREACHABLE } from '../support/fake-shell.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;

afterEach(() => world.close());

/** A world in which new machines are as told; they can be changed in place later. */
async function open(change: Partial<FakeInstance> = {}) {
  world = await brokerWorld();
  world.provider.onLaunch = (instance) => {
    Object.assign(instance, change);
  };
  return { ...world, broker: world.broker };
}

describe('a session says running', () => {
  test('only after a login with its own key at the address that the provider names', async () => {
    const { create, clock, shell, session } = await open();
    shell.answer = UNREACHABLE;
    const { session: made } = await create();
    await clock.advance(MINUTE_MS);
    expect((await session(made.id)).status).toBe('provisioning');
    shell.answer = PROVEN;
    await clock.advance(DEFAULT_POLICY.proofIntervalMs);
    expect((await session(made.id)).status).toBe('running');
    expect(shell.logins.at(-1)).toMatchObject({
      host: '192.0.2.1',
      port: 22_000,
      user: 'root',
      privateKey: `private key of ${made.id}`,
    });
  });

  test.each([
    UNREACHABLE,
    { kind: 'auth_refused' },
    { kind: 'timed_out', phase: 'authentication' },
    { kind: 'host_key_changed', hostKey: 'SHA256:other' },
  ] as const)('not on $kind, which may pass, and is noted', async (proof) => {
    const { create, clock, shell, session, recorder } = await open();
    shell.next(proof);
    const { session: made } = await create();
    await clock.advance(10 * SECOND_MS);
    expect((await session(made.id)).status).toBe('running');
    const outcomes = recorder.notes.flatMap((note) =>
      note.kind === 'login_tried' ? [note.outcome] : [],
    );
    expect(outcomes).toStrictEqual([proof.kind, 'proven']);
  });

  test('and asks the provider for the address only when the list shows the machine running without one', async () => {
    const { create, clock, provider, session } = await open({
      phase: 'starting',
      runningSince: undefined,
      address: undefined,
    });
    const { session: made } = await create();
    await clock.advance(2 * MINUTE_MS);
    expect(provider.count('get')).toBe(0);
    for (const one of provider.instances) one.phase = 'running';
    await clock.advance(30 * SECOND_MS);
    expect(provider.count('get')).toBeGreaterThan(1);
    for (const one of provider.instances) one.address = { host: 'h', port: 1, user: 'u' };
    await clock.advance(10 * SECOND_MS);
    expect(await session(made.id)).toMatchObject({
      status: 'running',
      instances: [{ address: { host: 'h', port: 1, user: 'u' } }],
    });
  });

  test('though the direct question fails for a while', async () => {
    const { create, clock, provider, session } = await open({ address: undefined });
    provider.fault('get', refused('unavailable'), refused('rate_limited'));
    const { session: made } = await create();
    for (const one of provider.instances) one.address = { host: 'h', port: 1, user: 'u' };
    await clock.advance(MINUTE_MS);
    expect((await session(made.id)).status).toBe('running');
  });

  test('though the key could not be put in at first', async () => {
    const { create, clock, provider, session } = await open();
    provider.fault('grantAccess', refused('unavailable', 'unknown'), refused('rate_limited'));
    const { session: made } = await create();
    await clock.advance(MINUTE_MS);
    expect((await session(made.id)).status).toBe('running');
    expect(provider.count('grantAccess')).toBe(3);
  });
});

describe('an attempt that does not become usable', () => {
  test('is given up when its time is up, ended, and paid for', async () => {
    const { create, clock, shell, session, provider, broker } = await open();
    shell.answer = UNREACHABLE;
    const { session: made } = await create();
    await clock.advance(DEFAULT_POLICY.proofTimeoutMs + MINUTE_MS);
    expect(await session(made.id)).toMatchObject({
      status: 'failed',
      stopReason: 'never_ready',
      error: { code: 'never_ready' },
    });
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
    expect(await broker.costs.ofSession(made.id)).toBeGreaterThan(0);
  });

  test('and no longer where no machine of its provider was seen to come later', async () => {
    const clock = manualClock();
    const provider = fakeProvider({ clock, menu: [offer()], loginTimeoutMs: 3 * MINUTE_MS });
    world = await brokerWorld({ clock, providers: [provider] });
    world.shell.answer = { kind: 'auth_refused' };
    const { session: made } = await world.create();
    await clock.advance(2 * MINUTE_MS);
    expect((await world.session(made.id)).status).toBe('provisioning');
    await clock.advance(MINUTE_MS + 10 * SECOND_MS);
    expect((await world.session(made.id)).instances[0]?.failure?.code).toBe('never_ready');
  });

  test('has the time that the consumer set, counted from the launch', async () => {
    const { create, clock, shell, session } = await open();
    shell.answer = UNREACHABLE;
    const { session: made } = await create({ readyTimeoutMs: 2 * MINUTE_MS });
    await clock.advance(2 * MINUTE_MS - 2 * SECOND_MS);
    expect((await session(made.id)).status).toBe('provisioning');
    await clock.advance(5 * SECOND_MS);
    expect((await session(made.id)).status).toBe('failed');
  });

  test('because the provider says that it failed is given up long before', async () => {
    const { create, clock, session } = await open({ phase: 'failed', address: undefined });
    const { session: made } = await create();
    await clock.advance(DEFAULT_POLICY.stoppedGraceMs + 10 * SECOND_MS);
    expect(await session(made.id)).toMatchObject({
      status: 'failed',
      error: { code: 'instance_failed' },
    });
  });

  test('because it vanished is lost, and told as that', async () => {
    const { create, clock, session, provider } = await open({ address: undefined });
    const { session: made } = await create();
    await clock.advance(10 * SECOND_MS);
    for (const one of provider.instances) one.isGone = true;
    await clock.advance(MINUTE_MS);
    expect(await session(made.id)).toMatchObject({
      status: 'failed',
      stopReason: 'instance_lost',
    });
  });

  test('is given up although nothing was ever seen of it', async () => {
    const { create, clock, session, provider } = await open({
      isListed: false,
      address: undefined,
    });
    const { session: made } = await create();
    await clock.advance(provider.readyTimeoutMs + MINUTE_MS);
    expect(await session(made.id)).toMatchObject({ status: 'failed' });
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
  });
});

describe('a machine whose GPUs are waited for', () => {
  const HALF = { ...PROVEN, report: { ...REPORT, gpus: [] } };

  test('is not given up for one look that came while its driver was coming up', async () => {
    const { create, clock, shell, session } = await open();
    shell.next(HALF, UNREACHABLE, HALF);
    const { session: made } = await create({ readiness: 'gpu' });
    await clock.advance(MINUTE_MS);
    expect(await session(made.id)).toMatchObject({
      status: 'running',
      instances: [{ attempt: 1 }],
    });
  });

  test('is given up when it shows too few for half a minute, and each time anew', async () => {
    const { create, clock, shell, session } = await open();
    shell.next(HALF, PROVEN);
    const { session: made } = await create({ readiness: 'gpu' });
    await clock.advance(MINUTE_MS);
    expect((await session(made.id)).status).toBe('running');
    shell.answer = HALF;
    const { session: next } = await create({ readiness: 'gpu' });
    await clock.advance(25 * SECOND_MS);
    expect((await session(next.id)).status).toBe('provisioning');
    await clock.advance(10 * SECOND_MS);
    expect((await session(next.id)).instances[0]).toMatchObject({
      failure: { code: 'wrong_machine' },
    });
  });

  test('is looked at as long again by a process that starts meanwhile', async () => {
    const { create, clock, shell, session } = await open();
    shell.answer = HALF;
    const { session: made } = await create({ readiness: 'gpu' });
    await clock.advance(25 * SECOND_MS);
    await world.restart();
    await clock.advance(20 * SECOND_MS);
    shell.answer = PROVEN;
    await clock.advance(10 * SECOND_MS);
    expect((await session(made.id)).status).toBe('running');
  });
});
