import { afterEach, describe, expect, test } from 'vitest';
import type { Offer } from '../../src/domain/offer.ts';
import type { Choice } from '../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer, request } from '../support/builders.ts';
import { fakeProvider, lost, refused } from '../support/fake-provider.ts';
import { PROVEN, UNREACHABLE } from '../support/fake-shell.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;

afterEach(() => world.close());

const ANY: Choice = { kind: 'requirements', filter: {}, prefer: 'price' };

function priced(id: string, gpu: number, more: Partial<Offer> = {}): Offer {
  return offer({ id, price: { gpu, cpu: 0, ram: 0, disk: 20_000 }, ...more });
}

async function open(...menu: readonly Offer[]) {
  const clock = manualClock();
  const provider = fakeProvider({ clock, menu });
  world = await brokerWorld({ clock, providers: [provider] });
  return { ...world, broker: world.broker };
}

async function outcome(id: string) {
  const { instances, ...session } = await world.session(id);
  return { ...session, attempts: instances.map((one) => [one.offer.id, one.state]) };
}

describe('requirements', () => {
  test('take the best offer, and the next one when that is refused, before the create is answered', async () => {
    const { create, provider } = await open(priced('c', 3), priced('a', 1), priced('b', 2));
    provider.fault('launch', refused('no_capacity'), refused('malformed'));
    const { session: made } = await create({ choice: ANY });
    expect(await outcome(made.id)).toMatchObject({
      status: 'provisioning',
      attempts: [
        ['a', 'refused'],
        ['b', 'refused'],
        ['c', 'launched'],
      ],
    });
    expect(provider.instances).toHaveLength(1);
  });

  test('move on when the instance never takes a login, and end it', async () => {
    const { create, clock, provider, shell } = await open(priced('a', 1), priced('b', 2));
    shell.answer = UNREACHABLE;
    const { session: made } = await create({ choice: ANY, readyTimeoutMs: 5 * MINUTE_MS });
    await clock.advance(5 * MINUTE_MS);
    shell.answer = { kind: 'proven', hostKey: 'SHA256:b' };
    await clock.advance(30 * SECOND_MS);
    expect(await outcome(made.id)).toMatchObject({
      status: 'running',
      attempts: [
        ['a', 'gone'],
        ['b', 'launched'],
      ],
    });
    expect(provider.instances.map(({ isGone }) => isGone)).toStrictEqual([true, false]);
  });

  test('try nothing new once the time of the search is over, and say so', async () => {
    const { create, clock, provider, shell } = await open(priced('a', 1), priced('b', 2));
    shell.answer = UNREACHABLE;
    const { session: made } = await create({
      choice: ANY,
      readyTimeoutMs: 5 * MINUTE_MS,
      searchTimeoutMs: 4 * MINUTE_MS,
    });
    await clock.advance(6 * MINUTE_MS);
    expect(provider.count('launch')).toBe(1);
    const { status, error } = await outcome(made.id);
    expect(status).toBe('failed');
    expect(error?.message).toMatch(/; the search had its 4 minutes, after which no other/);
  });

  test('wait for what comes onto the menu where nothing is left to try', async () => {
    const { create, clock, provider, shell } = await open(priced('a', 1));
    shell.answer = UNREACHABLE;
    const { session: made } = await create({ choice: ANY, readyTimeoutMs: MINUTE_MS });
    await clock.advance(10 * MINUTE_MS);
    expect(await outcome(made.id)).toMatchObject({
      status: 'provisioning',
      attempts: [['a', 'gone']],
    });
    shell.answer = PROVEN;
    provider.menu = [priced('b', 2)];
    await clock.advance(3 * MINUTE_MS);
    expect(await outcome(made.id)).toMatchObject({
      status: 'running',
      attempts: [
        ['a', 'gone'],
        ['b', 'launched'],
      ],
    });
  });

  test('wait for something better before what is unlikely to serve is tried', async () => {
    const doubted = priced('b', 2, { availabilityConfidence: 0.05 });
    const { create, clock, provider, shell } = await open(priced('a', 1), doubted);
    shell.answer = UNREACHABLE;
    const { session: made } = await create({ choice: ANY, readyTimeoutMs: MINUTE_MS });
    await clock.advance(14 * MINUTE_MS);
    expect((await outcome(made.id)).attempts).toEqual([['a', 'gone']]);
    provider.menu = [doubted, priced('c', 3)];
    await clock.advance(MINUTE_MS);
    expect((await outcome(made.id)).attempts.map(([id]) => id)).toEqual(['a', 'c']);
  });

  test('try what is unlikely to serve where nothing better has come', async () => {
    const doubted = priced('b', 2, { availabilityConfidence: 0.05 });
    const { create, clock, shell } = await open(priced('a', 1), doubted);
    shell.answer = UNREACHABLE;
    const { session: made } = await create({ choice: ANY, readyTimeoutMs: MINUTE_MS });
    await clock.advance(18 * MINUTE_MS);
    expect((await outcome(made.id)).attempts.map(([id]) => id)).toEqual(['a', 'b']);
  });

  test('wait no longer than the search lasts', async () => {
    const { create, clock, shell } = await open(priced('a', 1));
    shell.answer = UNREACHABLE;
    const { session: made } = await create({
      choice: ANY,
      readyTimeoutMs: MINUTE_MS,
      searchTimeoutMs: 10 * MINUTE_MS,
    });
    await clock.advance(9 * MINUTE_MS);
    expect((await outcome(made.id)).status).toBe('provisioning');
    await clock.advance(2 * MINUTE_MS);
    const { status, error } = await outcome(made.id);
    expect(status).toBe('failed');
    expect(error?.message).toMatch(/; the search had its 10 minutes, after which no other/);
  });

  test('spread over machines when many ask for the same at once', async () => {
    const menu = ['a', 'b', 'c', 'd'].map((id, place) =>
      priced(id, 1_000 * place, { machineId: `m-${id}` }),
    );
    const { broker, clock, provider } = await open(...menu);
    const asked = request({ choice: ANY });
    const creating = menu.map(() => broker.sessions.create({ request: asked }));
    await clock.advance(SECOND_MS);
    const made = await Promise.all(creating);
    const rented = made.map(({ session: one }) => one.instances.map(({ offer: of }) => of.id));
    expect(rented.toSorted()).toStrictEqual([['a'], ['b'], ['c'], ['d']]);
    expect(provider.count('launch')).toBe(4);
  });

  test('launch nothing new while the end of the last one is not confirmed', async () => {
    const { create, clock, provider, shell } = await open(priced('a', 1), priced('b', 2));
    shell.answer = UNREACHABLE;
    provider.endsOnTerminate = false;
    await create({ choice: ANY, readyTimeoutMs: MINUTE_MS });
    await clock.advance(10 * MINUTE_MS);
    expect(provider.count('launch')).toBe(1);
    provider.endsOnTerminate = true;
    await clock.advance(MINUTE_MS + SECOND_MS);
    expect(provider.count('launch')).toBe(2);
  });

  test('launch nothing new while a launch of unknown outcome is not settled', async () => {
    const { create, clock, provider } = await open(priced('a', 1), priced('b', 2));
    provider.fault('launch', refused('unavailable', 'unknown'));
    const { session: made } = await create({ choice: ANY });
    await clock.advance(provider.settleMs);
    expect(provider.count('launch')).toBe(1);
    await clock.advance(30 * SECOND_MS);
    expect((await outcome(made.id)).attempts).toStrictEqual([
      ['a', 'absent'],
      ['b', 'launched'],
    ]);
  });

  test('end in a refusal when every offer was tried, with what the last one said', async () => {
    const { broker, clock, provider } = await open(priced('a', 1), priced('b', 2));
    provider.faultAlways('launch', refused('no_capacity'));
    const creating = broker.sessions.create({ request: request({ choice: ANY }) });
    const refusal = expect(creating).rejects.toMatchObject({
      code: 'stale_inventory',
      details: { offer_id: 'b' },
    });
    await clock.advance(SECOND_MS);
    await refusal;
  });

  test('try so many times and no more', async () => {
    const menu = Array.from({ length: 30 }, (_, number) => priced(`o${number}`, number + 1));
    const { broker, clock, provider } = await open(...menu);
    provider.faultAlways('launch', refused('malformed'));
    const creating = broker.sessions.create({ request: request({ choice: ANY }) });
    const refusal = expect(creating).rejects.toMatchObject({ code: 'provider_unavailable' });
    await clock.advance(MINUTE_MS);
    await refusal;
    expect(provider.count('launch')).toBe(20);
  });

  test.each([
    ['invalid', 'provider_error', 'alpha refuses the request as it stands'],
    ['unauthorized', 'provider_error', 'alpha refuses the credentials of this broker'],
    ['unavailable', 'provider_unavailable', 'alpha does not answer'],
  ] as const)('do not try the same API again after %s', async (kind, code, message) => {
    const { broker, clock, provider } = await open(priced('a', 1), priced('b', 2));
    provider.fault('launch', refused(kind));
    const creating = broker.sessions.create({ request: request({ choice: ANY }) });
    const refusal = expect(creating).rejects.toMatchObject({
      code,
      message,
      details: { offer_id: 'a', provider: 'alpha', session_id: expect.stringMatching(/^sess-/) },
    });
    await clock.advance(SECOND_MS);
    await refusal;
    expect(provider.count('launch')).toBe(1);
  });

  test('are not tried again once the session ran', async () => {
    const { create, clock, provider } = await open(priced('a', 1), priced('b', 2));
    const { session: made } = await create({ choice: ANY });
    await clock.advance(10 * SECOND_MS);
    for (const one of provider.instances) one.isGone = true;
    await clock.advance(MINUTE_MS);
    expect(await outcome(made.id)).toMatchObject({ status: 'failed', stopReason: 'instance_lost' });
    expect(provider.count('launch')).toBe(1);
  });

  test('stop trying when the consumer does not want it any more', async () => {
    const { create, clock, provider, shell, broker } = await open(priced('a', 1), priced('b', 2));
    shell.answer = UNREACHABLE;
    const { session: made } = await create({ choice: ANY, readyTimeoutMs: MINUTE_MS });
    await broker.sessions.done(made.id);
    await clock.advance(10 * MINUTE_MS);
    expect(await outcome(made.id)).toMatchObject({ status: 'stopped', attempts: [['a', 'gone']] });
    expect(provider.count('launch')).toBe(1);
  });
});

describe('a given offer and its like', () => {
  const like = (scope: 'same_gpu' | 'same_vram' | 'any', maxRetries = 3): Choice => ({
    kind: 'offer-or-like',
    offerId: 'given',
    scope,
    maxRetries,
  });
  const given = priced('given', 80_000);

  test.each([
    ['same_gpu', 100_000, 100_001],
    ['same_vram', 130_000, 130_001],
    ['any', 180_000, 180_001],
  ] as const)(
    '%s is replaced up to its price limit, and not above it',
    async (scope, atLimit, above) => {
      const { create, provider } = await open(
        given,
        priced('too-dear', above),
        priced('ok', atLimit),
      );
      provider.fault('launch', refused('no_capacity'));
      const { session: made } = await create({ choice: like(scope) });
      expect((await outcome(made.id)).attempts).toStrictEqual([
        ['given', 'refused'],
        ['ok', 'launched'],
      ]);
    },
  );

  test('is never replaced by what costs more than the caller’s own ceiling', async () => {
    const { broker, clock, provider } = await open(given, priced('b', 90_000));
    provider.fault('launch', refused('no_capacity'));
    const creating = broker.sessions.create({
      request: request({ choice: like('any'), maxPricePerHour: 105_000 }),
    });
    const refusal = expect(creating).rejects.toMatchObject({ code: 'stale_inventory' });
    await clock.advance(SECOND_MS);
    await refusal;
  });

  test('says that nothing else fits where nothing is left to try', async () => {
    const { create, clock, shell } = await open(given);
    shell.answer = UNREACHABLE;
    const { session: made } = await create({ choice: like('any'), readyTimeoutMs: MINUTE_MS });
    await clock.advance(2 * MINUTE_MS);
    const { error } = await outcome(made.id);
    expect(error?.message).toMatch(/; no other offer that fits is on the menu$/);
  });

  test('is replaced so many times and no more', async () => {
    const menu = [given, ...[1, 2, 3, 4].map((gpu) => priced(`o${gpu}`, gpu))];
    const { broker, clock, provider } = await open(...menu);
    provider.faultAlways('launch', refused('malformed'));
    const creating = broker.sessions.create({ request: request({ choice: like('any', 2) }) });
    const refusal = expect(creating).rejects.toMatchObject({ code: 'provider_unavailable' });
    await clock.advance(MINUTE_MS);
    await refusal;
    expect(provider.count('launch')).toBe(3);
  });

  test('without any retry is tried once, whatever else is on offer', async () => {
    const { broker, clock, provider } = await open(given, priced('b', 1));
    provider.fault('launch', refused('no_capacity'));
    const creating = broker.sessions.create({
      request: request({ choice: { kind: 'offer', offerId: 'given' } }),
    });
    const refusal = expect(creating).rejects.toMatchObject({ code: 'stale_inventory' });
    await clock.advance(SECOND_MS);
    await refusal;
    expect(provider.count('launch')).toBe(1);
  });
});

test('each attempt has a tag of its own, and every cost of a failed one stays with the session', async () => {
  const { create, clock, shell, session, broker } = await open(
    priced('a', 80_000),
    priced('b', 80_001),
  );
  shell.answer = UNREACHABLE;
  const { session: made } = await create({ choice: ANY, readyTimeoutMs: 30 * MINUTE_MS });
  await clock.advance(30 * MINUTE_MS);
  shell.answer = { kind: 'proven', hostKey: 'SHA256:b' };
  await clock.advance(MINUTE_MS);
  const now = await session(made.id);
  expect(now.status).toBe('running');
  expect(new Set(now.instances.map(({ tag }) => tag)).size).toBe(2);
  expect(await broker.costs.ofSession(made.id)).toBeGreaterThanOrEqual(50_000);
});

test.each([
  ['insufficient_funds', ANY],
  ['unauthorized', ANY],
  ['unavailable', ANY],
  ['insufficient_funds', { kind: 'offer-or-like', offerId: 'a', scope: 'any', maxRetries: 1 }],
] as const)('a second provider is tried when the first says %s', async (kind, choice) => {
  const clock = manualClock();
  const menu = [priced('a', 1), priced('a2', 2), priced('a3', 3)];
  const first = fakeProvider({ clock, api: 'alpha', menu });
  const betaOffer = priced('b', 4, { provider: 'beta', api: 'beta' });
  const second = fakeProvider({ clock, api: 'beta', menu: [betaOffer] });
  world = await brokerWorld({ clock, providers: [first, second] });
  first.faultAlways('launch', refused(kind));
  const { session: made } = await world.create({ choice });
  await clock.advance(10 * SECOND_MS);
  expect(await outcome(made.id)).toMatchObject({
    status: 'running',
    attempts: [
      ['a', 'refused'],
      ['b', 'launched'],
    ],
  });
  expect(second.instances).toHaveLength(1);
});

test('a provider at which every launch hangs holds up no session at another one', async () => {
  const clock = manualClock();
  let answer = (): void => {};
  const until = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const many = Array.from({ length: 40 }, (_, number) => priced(`a${number}`, 1));
  const hanging = fakeProvider({ clock, api: 'alpha', menu: many });
  const betaOffer = priced('b', 2, { provider: 'beta', api: 'beta' });
  const other = fakeProvider({ clock, api: 'beta', menu: [betaOffer] });
  world = await brokerWorld({ clock, providers: [hanging, other] });
  hanging.faultAlways('launch', { kind: 'hangs', until });
  const creating = many.map(({ id }) =>
    world.broker.sessions.create({
      request: request({ choice: { kind: 'offer', offerId: id } }),
    }),
  );
  await clock.advance(SECOND_MS);
  const { session: made } = await world.create({ choice: { kind: 'offer', offerId: 'b' } });
  expect(made.instances[0]?.state).toBe('launched');
  answer();
  await clock.advance(SECOND_MS);
  await Promise.all(creating);
});

test('a launch of unknown outcome that did happen is never followed by another one', async () => {
  const { create, clock, provider } = await open(priced('a', 1), priced('b', 2));
  provider.fault('launch', lost('unavailable', 'unknown'));
  const { session: made } = await create({ choice: ANY });
  await clock.advance(5 * MINUTE_MS);
  expect(await outcome(made.id)).toMatchObject({
    status: 'running',
    attempts: [['a', 'launched']],
  });
  expect(provider.instances).toHaveLength(1);
});
