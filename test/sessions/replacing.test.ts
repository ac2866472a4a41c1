import { afterEach, describe, expect, test } from 'vitest';
import type { StopCause } from '../../src/domain/instance.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import type { SessionRequest } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import {
  type FakeInstance,
  type FakeProvider,
  fakeProvider,
  refused,
} from '../support/fake-provider.ts';
import { UNREACHABLE } from '../support/fake-shell.ts';
import { manualClock } from '../support/manual-clock.ts';

const ANY = { kind: 'requirements', filter: {}, prefer: 'price' } as const;

let world: BrokerWorld;
afterEach(() => world.close());

interface Running {
  readonly id: string;
  readonly provider: FakeProvider;
  readonly machine: FakeInstance;
}

/** A session that runs on the first of three machines, and is to have another one where that is taken. */
async function running(
  overrides: Partial<SessionRequest> = {},
  policy: Partial<Policy> = {},
): Promise<Running> {
  const clock = manualClock();
  const menu = [1, 2, 3].map((number) => offer({ id: `alpha-${number}`, providerId: `${number}` }));
  const provider = fakeProvider({ clock, menu });
  world = await brokerWorld({ clock, providers: [provider], policy });
  const { session } = await world.create({
    choice: ANY,
    reservationHours: 4,
    replaces: true,
    ...overrides,
  });
  await clock.advance(10 * SECOND_MS);
  expect((await world.session(session.id)).status).toBe('running');
  const [machine] = provider.instances;
  if (!machine) throw new Error('a machine runs');
  return { id: session.id, provider, machine };
}

function stops(machine: FakeInstance, stopCause?: StopCause): void {
  machine.phase = 'stopped';
  if (stopCause) machine.shown = { stopCause };
}

const session = (id: string) => world.session(id);
const happened = (kind: ReturnType<BrokerWorld['kinds']>[number]) =>
  world.kinds().filter((one) => one === kind).length;

describe('a session that is to be given another machine', () => {
  test.each([
    ['instance_stopped', undefined],
    ['outbid', 'outbid'],
    ['contract_expired', 'contract_expired'],
  ] as const)('runs on another one after %s, for the time that was left', async (code, cause) => {
    const { id, provider, machine } = await running();
    const { runningAt = 0 } = await session(id);
    await world.clock.advance(HOUR_MS);
    const lostAt = world.clock.now();
    stops(machine, cause);
    await world.clock.advance(2 * MINUTE_MS);
    const now = await session(id);
    expect(now).toMatchObject({ status: 'running', instances: [{ state: 'gone' }, {}] });
    expect(now.instances[0]?.failure?.code).toBe(code);
    expect(now).not.toHaveProperty('interruptedAt');
    expect(now).not.toHaveProperty('leftMs');
    const leftMs = now.expiresAt - (now.runningAt ?? 0);
    const expectedMs = 4 * HOUR_MS - (lostAt - runningAt);
    expect(Math.abs(leftMs - expectedMs)).toBeLessThanOrEqual(DEFAULT_POLICY.watchIntervalMs);
    expect(provider.instances.filter(({ isGone }) => !isGone)).toHaveLength(1);
    expect(happened('session_interrupted')).toBe(1);
    expect(now.instances[1]?.offer.id).not.toBe(now.instances[0]?.offer.id);
  });

  test('is given one for a machine that has vanished, too', async () => {
    const { id, machine } = await running();
    machine.isGone = true;
    await world.clock.advance(MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'running' });
    expect((await session(id)).instances).toHaveLength(2);
  });

  test('has no second machine before the first one is known to be gone', async () => {
    const { id, provider, machine } = await running();
    provider.endsOnTerminate = false;
    stops(machine);
    await world.clock.advance(10 * MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'provisioning' });
    expect(provider.instances).toHaveLength(1);
    provider.endsOnTerminate = true;
    await world.clock.advance(2 * MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'running' });
    expect(provider.instances).toHaveLength(2);
  });

  test('keeps its hours within the hard limit over all runs', async () => {
    const hardLimitMs = HOUR_MS;
    const { id, machine } = await running({ reservationHours: 1 }, { hardLimitMs });
    await world.clock.advance(30 * MINUTE_MS);
    stops(machine);
    await world.clock.advance(2 * MINUTE_MS);
    const { ranBeforeMs = 0, runningAt = 0, expiresAt } = await session(id);
    expect(ranBeforeMs).toBeGreaterThan(29 * MINUTE_MS);
    expect(ranBeforeMs + expiresAt - runningAt).toBeLessThanOrEqual(hardLimitMs);
    const longer = world.broker.sessions.extend(id, 1);
    await expect(longer).rejects.toMatchObject({ code: 'hard_limit' });
    await world.clock.advance(32 * MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'stopped' });
  });

  test('can be extended while it waits', async () => {
    const { id, provider, machine } = await running();
    provider.menu = [];
    stops(machine);
    await world.clock.advance(5 * MINUTE_MS);
    const { leftMs = 0 } = await session(id);
    await world.broker.sessions.extend(id, 2);
    expect((await session(id)).leftMs).toBe(leftMs + 2 * HOUR_MS);
    expect((await session(id)).request.reservationHours).toBe(6);
    await expect(world.broker.sessions.extend(id, 12)).rejects.toMatchObject({
      code: 'hard_limit',
    });
  });

  test('waits for an offer, and ends for what took its machine when none comes', async () => {
    const { id, provider, machine } = await running();
    provider.menu = [];
    stops(machine, 'outbid');
    await world.clock.advance(HOUR_MS);
    expect(await session(id)).toMatchObject({ status: 'provisioning' });
    await world.clock.advance(2 * HOUR_MS);
    expect(await session(id)).toMatchObject({
      status: 'failed',
      stopReason: 'outbid',
      error: { code: 'outbid' },
    });
  });

  test('takes the first offer that comes while it waits', async () => {
    const { id, provider, machine } = await running();
    provider.menu = [];
    stops(machine);
    await world.clock.advance(20 * MINUTE_MS);
    provider.menu = [offer({ id: 'alpha-9', providerId: '9' })];
    await world.clock.advance(2 * MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'running' });
  });

  test('tries on where a replacement fails too, and adds up what all of them cost', async () => {
    const { id, provider, machine } = await running();
    provider.fault('launch', refused('no_capacity'));
    stops(machine);
    await world.clock.advance(3 * MINUTE_MS);
    const { instances, status } = await session(id);
    expect(status).toBe('running');
    expect(instances.map(({ state }) => state)).toEqual(['gone', 'refused', 'launched']);
    expect(await world.broker.costs.ofSession(id)).toBeGreaterThan(0);
  });

  test('ends when it is asked to while it waits', async () => {
    const { id, provider, machine } = await running();
    provider.menu = [];
    stops(machine);
    await world.clock.advance(5 * MINUTE_MS);
    await world.broker.sessions.done(id);
    await world.clock.advance(SECOND_MS);
    expect(await session(id)).toMatchObject({ status: 'stopped', stopReason: 'done' });
  });

  test('gets what is most like a named offer, at no more than a fifth above its price', async () => {
    const { id, provider, machine } = await running({
      choice: { kind: 'offer', offerId: 'alpha-1' },
    });
    const { price } = offer();
    const dear = { ...price, gpu: Math.round(price.gpu * 1.5) };
    provider.menu = [
      offer({ id: 'alpha-7', providerId: '7', price: dear }),
      offer({ id: 'alpha-8', providerId: '8', gpuType: 'RTX 3090' }),
    ];
    await world.clock.advance(2 * MINUTE_MS);
    stops(machine);
    await world.clock.advance(10 * MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'provisioning' });
    provider.menu = [...provider.menu, offer({ id: 'alpha-9', providerId: '9' })];
    await world.clock.advance(2 * MINUTE_MS);
    const now = await session(id);
    expect(now.status).toBe('running');
    expect(now.instances[1]?.offer.id).toBe('alpha-9');
  });

  test('goes on where it was when the process dies at any of its steps', async () => {
    const { id, provider, machine } = await running();
    stops(machine);
    world.shell.answer = UNREACHABLE;
    for (let life = 0; life < 8; life += 1) {
      await world.clock.advance(20 * SECOND_MS);
      await world.restart('killed');
    }
    world.shell.answer = { kind: 'proven', hostKey: 'SHA256:fake-host' };
    await world.clock.advance(2 * MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'running' });
    expect(provider.instances.filter(({ isGone }) => !isGone)).toHaveLength(1);
    expect(happened('session_interrupted')).toBe(1);
  });
});

describe('no other machine is rented', () => {
  test('unless that was asked for', async () => {
    const clock = manualClock();
    const menu = [1, 2].map((number) => offer({ id: `alpha-${number}`, providerId: `${number}` }));
    const provider = fakeProvider({ clock, menu });
    world = await brokerWorld({ clock, providers: [provider] });
    const created = await world.create({ choice: ANY });
    await clock.advance(10 * SECOND_MS);
    for (const machine of provider.instances) stops(machine, 'outbid');
    await clock.advance(5 * MINUTE_MS);
    expect(await session(created.session.id)).toMatchObject({
      status: 'failed',
      stopReason: 'outbid',
    });
    expect(provider.instances).toHaveLength(1);
  });

  test('for the last minutes of a reservation', async () => {
    const { id, provider, machine } = await running({ reservationHours: 1 });
    await world.clock.advance(57 * MINUTE_MS);
    stops(machine);
    await world.clock.advance(2 * MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'failed', stopReason: 'instance_stopped' });
    expect(provider.instances).toHaveLength(1);
  });

  test('where the account has no credit and there is no other', async () => {
    const { id, machine } = await running();
    stops(machine, 'out_of_credit');
    await world.clock.advance(2 * MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'failed', stopReason: 'out_of_credit' });
  });

  test('but at another marketplace, where one has no credit', async () => {
    const clock = manualClock();
    const alpha = fakeProvider({ clock, menu: [offer({ id: 'alpha-1' })] });
    const other = offer({
      id: 'beta-1',
      provider: 'beta',
      api: 'beta',
      price: { ...offer().price, gpu: 9_000_000 },
    });
    const beta = fakeProvider({ clock, api: 'beta', menu: [other] });
    world = await brokerWorld({ clock, providers: [alpha, beta] });
    const created = await world.create({ choice: ANY, reservationHours: 4, replaces: true });
    await clock.advance(10 * SECOND_MS);
    for (const machine of alpha.instances) stops(machine, 'out_of_credit');
    await clock.advance(3 * MINUTE_MS);
    expect(await session(created.session.id)).toMatchObject({ status: 'running' });
    expect(beta.instances).toHaveLength(1);
  });

  test('when its time is over', async () => {
    const { id, provider } = await running({ reservationHours: 1 });
    await world.clock.advance(HOUR_MS + MINUTE_MS);
    expect(await session(id)).toMatchObject({ status: 'stopped', stopReason: 'expired' });
    expect(provider.instances).toHaveLength(1);
  });
});
