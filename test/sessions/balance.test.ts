import { afterEach, describe, expect, test } from 'vitest';
import { BrokerError } from '../../src/domain/errors.ts';
import type { SessionRequest } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer, request } from '../support/builders.ts';
import { type FakeProvider, fakeProvider, refused } from '../support/fake-provider.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { stoppedWorld } from './kept-world.ts';

const USD = 1_000_000;
const ANY: SessionRequest['choice'] = { kind: 'requirements', filter: {}, prefer: 'price' };

let world: BrokerWorld;
afterEach(() => world.close());

/** A marketplace with one machine an offer, and this much on the account; undefined where it does not tell. */
function shop(
  clock: ManualClock,
  { name, usd, perHour }: { name: string; usd: number | undefined; perHour: number },
): FakeProvider {
  const menu = [1, 2, 3].map((number) =>
    offer({
      id: `${name}-${number}`,
      provider: name,
      api: name,
      price: { gpu: perHour * USD - 20_000, cpu: 0, ram: 0, disk: 20_000 },
    }),
  );
  const provider = fakeProvider({ clock, api: name, menu });
  provider.balance = async () => (usd === undefined ? undefined : { amount: usd * USD });
  return provider;
}

async function open(...shops: Parameters<typeof shop>[1][]): Promise<BrokerWorld> {
  const clock = manualClock();
  world = await brokerWorld({ clock, providers: shops.map((one) => shop(clock, one)) });
  return world;
}

const refusal = (error: unknown) =>
  error instanceof BrokerError ? { code: error.code, ...error.details } : error;

describe('a launch that its account cannot pay for to the end of the reservation', () => {
  test('goes on to a like offer elsewhere, where the request says so', async () => {
    const { create, provider, broker } = await open(
      { name: 'alpha', usd: 3, perHour: 2 },
      { name: 'beta', usd: 30, perHour: 2 },
    );
    const choice = {
      kind: 'offer-or-like',
      offerId: 'alpha-1',
      scope: 'any',
      maxRetries: 1,
    } as const;
    const { session: made } = await create({ choice, reservationHours: 2 });
    expect((await broker.sessions.get(made.id))?.instances[0]?.provider).toBe('beta');
    expect(provider.count('launch')).toBe(0);
  });

  test('is refused with what it needs and what is there, and nothing is asked of the marketplace', async () => {
    const { create, provider, store } = await open({ name: 'alpha', usd: 3, perHour: 2 });
    const given = { kind: 'offer', offerId: 'alpha-1' } as const;
    const refused = await create({ choice: given, reservationHours: 2 }).catch(refusal);
    expect(refused).toEqual({
      code: 'provider_error',
      offer_id: 'alpha-1',
      provider: 'alpha',
      retry_suggested: false,
      needed_usd: 4,
      balance_usd: 3,
    });
    expect(provider.count('launch')).toBe(0);
    expect((await store.page({ limit: 1, offset: 0 })).total).toBe(0);
  });

  test('is made when it is for fewer hours', async () => {
    const { create } = await open({ name: 'alpha', usd: 3, perHour: 2 });
    const { session } = await create({ choice: ANY, reservationHours: 1 });
    expect(session.instances).toHaveLength(1);
  });

  test('is made at another marketplace where the choice is free', async () => {
    const { create } = await open(
      { name: 'alpha', usd: 3, perHour: 2 },
      { name: 'beta', usd: 50, perHour: 4 },
    );
    const { session } = await create({ choice: ANY, reservationHours: 2 });
    expect(session.instances.map(({ provider }) => provider)).toEqual(['beta']);
  });

  test('is refused when no account can pay, for the best of the offers', async () => {
    const { create } = await open(
      { name: 'alpha', usd: 3, perHour: 2 },
      { name: 'beta', usd: 5, perHour: 4 },
    );
    const told = await create({ choice: ANY, reservationHours: 2 }).catch(refusal);
    expect(told).toMatchObject({ code: 'provider_error', provider: 'alpha', needed_usd: 4 });
  });

  test('is made where the marketplace does not tell its balance', async () => {
    const { create } = await open({ name: 'alpha', usd: undefined, perHour: 2 });
    const { session } = await create({ choice: ANY, reservationHours: 12 });
    expect(session.instances).toHaveLength(1);
  });
});

test('a substitute for an offer that cannot be paid for is no measure of those after it', async () => {
  const clock = manualClock();
  const alpha = shop(clock, { name: 'alpha', usd: 3, perHour: 2 });
  const beta = shop(clock, { name: 'beta', usd: 50, perHour: 2.3 });
  const gamma = shop(clock, { name: 'gamma', usd: 50, perHour: 2.7 });
  beta.faultAlways('launch', refused('unavailable'));
  world = await brokerWorld({ clock, providers: [alpha, beta, gamma] });
  const choice = {
    kind: 'offer-or-like',
    offerId: 'alpha-1',
    scope: 'same_gpu',
    maxRetries: 3,
  } as const;
  const told = await world.create({ choice, reservationHours: 2 }).catch(refusal);
  expect(told).toMatchObject({ code: 'provider_unavailable' });
  expect([alpha.count('launch'), gamma.count('launch')]).toEqual([0, 0]);
  expect(beta.count('launch')).toBeGreaterThan(0);
});

test('nothing stays held for a launch that broke before it was written down', async () => {
  const { create, provider } = await open({ name: 'alpha', usd: 5, perHour: 2 });
  const wish = { choice: ANY, reservationHours: 2 };
  const { readyTimeoutMs } = provider;
  Object.defineProperty(provider, 'readyTimeoutMs', {
    configurable: true,
    get: () => {
      throw new Error('broken');
    },
  });
  for (const _time of [1, 2]) await expect(create(wish)).rejects.toThrow('broken');
  Object.defineProperty(provider, 'readyTimeoutMs', { value: readyTimeoutMs });
  expect((await create(wish)).session.instances).toHaveLength(1);
});

test('what is promised to others counts, from the moment in which it is', async () => {
  const { create, clock } = await open({ name: 'alpha', usd: 9, perHour: 2 });
  await create({ choice: ANY, reservationHours: 2 });
  const told = await create({ choice: ANY, reservationHours: 3 }).catch(refusal);
  expect(told).toMatchObject({ code: 'provider_error', balance_usd: expect.any(Number) });
  const { session } = await create({ choice: ANY, reservationHours: 2 });
  expect(session.instances).toHaveLength(1);
  await clock.advance(MINUTE_MS);
});

test('a retry goes to an account that can pay', async () => {
  const clock = manualClock();
  const alpha = shop(clock, { name: 'alpha', usd: 50, perHour: 1 });
  const beta = shop(clock, { name: 'beta', usd: 1, perHour: 2 });
  const gamma = shop(clock, { name: 'gamma', usd: 50, perHour: 3 });
  alpha.faultAlways('launch', refused('unavailable'));
  world = await brokerWorld({ clock, providers: [alpha, beta, gamma] });
  const { session } = await world.create({ choice: ANY, reservationHours: 2 });
  const { instances } = await world.session(session.id);
  expect(instances.map(({ provider }) => provider)).toEqual(['alpha', 'gamma']);
  expect(beta.count('launch')).toBe(0);
});

test('switched off, an empty account refuses nothing by itself', async () => {
  const clock = manualClock();
  const providers = [shop(clock, { name: 'alpha', usd: 0, perHour: 2 })];
  world = await brokerWorld({ clock, providers, policy: { checksBalance: false } });
  const { session } = await world.create({ choice: ANY });
  expect(session.instances).toHaveLength(1);
  await clock.advance(HOUR_MS);
});

test('a kept session is not resumed while its account cannot pay for it, and is once it can', async () => {
  const kept = await stoppedWorld();
  world = kept.world;
  kept.provider.balance = async () => ({ amount: 100_000 });
  await world.clock.advance(4 * MINUTE_MS);
  const told = await world.broker.sessions.resume(kept.id).catch(refusal);
  expect(told).toMatchObject({ code: 'provider_error', retry_suggested: false });
  expect(kept.provider.count('start')).toBe(0);
  kept.provider.balance = async () => ({ amount: 100 * USD });
  await world.clock.advance(4 * MINUTE_MS);
  const resuming = world.broker.sessions.resume(kept.id);
  await world.clock.advance(SECOND_MS);
  expect((await resuming).id).toBe(kept.id);
});

describe('a resume', () => {
  /** Twelve hours at 40 cents, of which the hard limit leaves eleven after a few seconds. */
  async function kept(usd: number) {
    const { world: made, id, provider } = await stoppedWorld({ request: { reservationHours: 12 } });
    world = made;
    provider.balance = async () => ({ amount: usd * USD });
    await world.clock.advance(4 * MINUTE_MS);
    const resume = async () => {
      const resuming = world.broker.sessions.resume(id).catch(refusal);
      await world.clock.advance(SECOND_MS);
      return resuming;
    };
    return { id, resume };
  }

  test('needs what the hours that are left will cost, and its own disk once', async () => {
    const { resume } = await kept(4.41);
    expect(await resume()).toMatchObject({ request: { reservationHours: 11 } });
  });

  test('is refused with exactly that', async () => {
    const { resume } = await kept(4.39);
    expect(await resume()).toMatchObject({ code: 'provider_error', needed_usd: 4.4 });
  });

  test('that is asked for twice at once, with money for one, is a conflict the second time', async () => {
    const { id } = await kept(4.5);
    const both = [1, 2].map(() => world.broker.sessions.resume(id).catch(refusal));
    await world.clock.advance(SECOND_MS);
    const [first, second] = await Promise.all(both);
    expect(first).toMatchObject({ id });
    expect(second).toMatchObject({ code: 'conflict' });
  });

  test("needs it at the machine's own price", async () => {
    const { id, resume } = await kept(4.41);
    const row = await world.session(id);
    const instances = row.instances.map((one) => ({
      ...one,
      price: { ...one.price, gpu: one.price.gpu + 100_000 },
    }));
    await world.store.save({ ...row, instances }, []);
    expect(await resume()).toMatchObject({ code: 'provider_error', needed_usd: 5.5 });
  });

  test('has its money from before it is written down: a launch meanwhile does not get it', async () => {
    const { id, resume } = await kept(4.5);
    const { save } = world.store;
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: typeof save = async (session, events) => {
      if (session.id === id) await released;
      return save(session, events);
    };
    Object.assign(world.store, { save: slow });
    const resuming = resume();
    await world.clock.advance(0);
    const told = await world.create({ reservationHours: 2 }).catch(refusal);
    release();
    expect(told).toMatchObject({ code: 'provider_error', needed_usd: 5.24 });
    await world.clock.advance(SECOND_MS);
    expect(await resuming).toMatchObject({ id });
  });

  test('holds nothing after it could not be written down', async () => {
    const { id, resume } = await kept(4.5);
    const { save } = world.store;
    const broken = async () => {
      throw new Error('the disk is full');
    };
    Object.assign(world.store, { save: broken });
    await expect(world.broker.sessions.resume(id)).rejects.toThrow('the disk is full');
    Object.assign(world.store, { save });
    expect(await resume()).toMatchObject({ id, status: 'provisioning' });
  });
});

describe('an extension', () => {
  /** A session of an hour at two dollars, with this much on the account afterwards. */
  async function extended(usd: number, hours: number) {
    const { create, provider, clock } = await open({ name: 'alpha', usd: 100, perHour: 2 });
    const { session } = await create({ choice: ANY, reservationHours: 1 });
    await clock.advance(MINUTE_MS);
    provider.balance = async () => ({ amount: usd * USD });
    await clock.advance(4 * MINUTE_MS);
    const extending = world.broker.sessions.extend(session.id, hours).catch(refusal);
    await clock.advance(SECOND_MS);
    return { outcome: await extending, id: session.id };
  }

  test('is refused where the account does not carry it to its end, and changes nothing', async () => {
    const { outcome, id } = await extended(5, 2);
    expect(outcome).toMatchObject({ code: 'provider_error', provider: 'alpha' });
    expect(await world.session(id)).toMatchObject({ request: { reservationHours: 1 } });
  });

  test('is granted where it does, for the hours that are added beside what is reserved', async () => {
    const { outcome, id } = await extended(6, 2);
    expect(outcome).toBeGreaterThan(0);
    expect(await world.session(id)).toMatchObject({ request: { reservationHours: 3 } });
  });

  test('holds its money: a launch in the same moment does not get it', async () => {
    const { create, provider, clock } = await open({ name: 'alpha', usd: 100, perHour: 2 });
    const { session } = await create({ choice: ANY, reservationHours: 1 });
    await clock.advance(MINUTE_MS);
    provider.balance = async () => ({ amount: 7 * USD });
    await clock.advance(4 * MINUTE_MS);
    const extending = world.broker.sessions.extend(session.id, 2);
    const told = world.broker.sessions
      .create({ request: request({ choice: ANY, reservationHours: 1 }) })
      .catch(refusal);
    await clock.advance(SECOND_MS);
    await extending;
    expect(await told).toMatchObject({ code: 'provider_error' });
  });
});
