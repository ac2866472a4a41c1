import { afterEach, describe, expect, test } from 'vitest';
import { BrokerError, FAILURE_KINDS, type FailureKind } from '../../src/domain/errors.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, toRfc3339 } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld, type WorldSetUp } from '../support/broker-world.ts';
import { offer, PUBLIC_KEY, request } from '../support/builders.ts';
import { fakeProvider, lost, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;

/** The one offer there is, in a refusal's words. */
const ALPHA = {
  offer_id: 'alpha-1',
  provider: 'alpha',
  gpu_type: 'RTX 4090',
  gpu_count: 1,
  location: 'Amsterdam, NL',
  price_per_hour: 0.4,
};

async function open(setUp?: WorldSetUp): Promise<BrokerWorld> {
  world = await brokerWorld(setUp);
  return world;
}

afterEach(() => world.close());

/** What a create was refused with. */
async function refusal(work: Promise<unknown>): Promise<BrokerError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof BrokerError) return error;
  throw new Error(`it was not refused: ${String(error)}`);
}

describe('the whole way', () => {
  test('a session is created, runs, is done and stopped, and costs what the instance was there for', async () => {
    const { create, session, broker, clock, provider } = await open();
    const { session: made, privateKey } = await create();
    expect(made.status).toBe('provisioning');
    expect(privateKey).toBe(`private key of ${made.id}`);
    await clock.advance(10 * SECOND_MS);
    const running = await session(made.id);
    expect(running).toMatchObject({
      status: 'running',
      instances: [{ hostKey: 'SHA256:fake-host' }],
    });
    expect(running.expiresAt).toBe((running.runningAt ?? 0) + 2 * HOUR_MS);
    await clock.advance(HOUR_MS - 11 * SECOND_MS);
    await broker.sessions.done(made.id);
    await clock.advance(SECOND_MS);
    expect(await session(made.id)).toMatchObject({ status: 'stopped', stopReason: 'done' });
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
    expect(await broker.costs.ofSession(made.id)).toBe(400_000);
    await clock.advance(HOUR_MS);
    expect(await broker.costs.ofSession(made.id)).toBe(400_000);
  });

  test('is told event by event, in order', async () => {
    const { create, store, broker, clock } = await open();
    const { session: made } = await create();
    await clock.advance(10 * SECOND_MS);
    await broker.sessions.done(made.id);
    await clock.advance(SECOND_MS);
    const kinds = (await store.events(made.id, 100)).map(({ kind }) => kind);
    expect(kinds).toStrictEqual([
      'session_created',
      'attempt_intended',
      'launch_started',
      'session_status_changed',
      'launch_accepted',
      'access_granted',
      'instance_located',
      'machine_seen',
      'login_proven',
      'session_status_changed',
      'session_status_changed',
      'terminate_asked',
      'instance_gone',
      'session_status_changed',
    ]);
  });

  test('the caller’s own key is used, and no private key is made or returned', async () => {
    const { create, session, clock, shell } = await open();
    const own = `${PUBLIC_KEY}-own`;
    const created = await create({ sshPublicKey: own });
    expect(created).not.toHaveProperty('privateKey');
    await clock.advance(10 * SECOND_MS);
    const running = await session(created.session.id);
    expect(running).toMatchObject({ status: 'running', publicKey: own });
    expect(running).not.toHaveProperty('sealedPrivateKey');
    expect(shell.logins.at(-1)).not.toHaveProperty('privateKey');
  });
});

describe('a launch that the provider refuses', () => {
  const EXPECTED: Readonly<Record<FailureKind, readonly [string, boolean]>> = {
    no_capacity: ['stale_inventory', true],
    not_found: ['stale_inventory', true],
    rate_limited: ['provider_unavailable', true],
    unauthorized: ['provider_error', false],
    invalid: ['provider_error', false],
    insufficient_funds: ['provider_error', false],
    unavailable: ['provider_unavailable', true],
    malformed: ['provider_unavailable', true],
  };

  test.each(FAILURE_KINDS)(
    '%s is told in the caller’s terms, costs nothing, and leaves nothing',
    async (kind) => {
      const { broker, clock, provider, store } = await open();
      provider.faultAlways('launch', refused(kind));
      const creating = refusal(broker.sessions.create({ request: request() }));
      await clock.advance(MINUTE_MS);
      const { code, details } = await creating;
      const [expected, retrySuggested] = EXPECTED[kind];
      expect(code).toBe(expected);
      expect(details).toMatchObject({
        offer_id: 'alpha-1',
        provider: 'alpha',
        retry_suggested: retrySuggested,
      });
      const { sessions } = await store.page({ limit: 10, offset: 0 });
      expect(sessions).toMatchObject([{ status: 'failed', stopReason: 'launch_failed' }]);
      expect(sessions[0]?.error?.code).toBe(kind);
      expect(await broker.costs.ofSession(sessions[0]?.id ?? '')).toBe(0);
      expect(provider.instances).toStrictEqual([]);
    },
  );

  test('for its rate is tried again in the provider’s own time, and goes through', async () => {
    const { broker, clock, provider } = await open();
    const limited = refused('rate_limited', 'not_done', { retryAfterMs: 20 * SECOND_MS });
    provider.fault('launch', limited);
    const creating = broker.sessions.create({ request: request() });
    await clock.advance(19 * SECOND_MS);
    expect(provider.count('launch')).toBe(1);
    await clock.advance(SECOND_MS);
    expect(provider.count('launch')).toBe(2);
    expect((await creating).session.status).toBe('provisioning');
  });

  test('for its rate again and again is given up, not tried for ever', async () => {
    const { broker, clock, provider } = await open();
    provider.faultAlways('launch', refused('rate_limited'));
    const creating = refusal(broker.sessions.create({ request: request() }));
    await clock.advance(2 * MINUTE_MS);
    await creating;
    expect(provider.count('launch')).toBe(6);
  });

  test('for its rate with an hour to wait is refused now, not kept waiting', async () => {
    const { broker, clock, provider } = await open();
    provider.fault('launch', refused('rate_limited', 'not_done', { retryAfterMs: HOUR_MS }));
    const creating = refusal(broker.sessions.create({ request: request() }));
    await clock.advance(SECOND_MS);
    expect((await creating).code).toBe('provider_unavailable');
  });

  test('takes the offer off the menu when it is gone, so that nobody else runs into it', async () => {
    const { broker, clock, provider } = await open();
    provider.fault('launch', refused('no_capacity'));
    const creating = refusal(broker.sessions.create({ request: request() }));
    await clock.advance(SECOND_MS);
    await creating;
    expect(broker.menu.get('alpha-1')).toBeUndefined();
  });

  test('and that left an instance behind is refused all the same, and the leftover is ended', async () => {
    const { broker, clock, provider, store } = await open();
    const leftover = provider.add({ id: 'left' });
    provider.fault('launch', refused('insufficient_funds', 'not_done', { leftover: 'left' }));
    const creating = refusal(broker.sessions.create({ request: request() }));
    await clock.advance(10 * SECOND_MS);
    expect((await creating).code).toBe('provider_error');
    expect(leftover.isGone).toBe(true);
    const { sessions } = await store.page({ limit: 10, offset: 0 });
    expect(sessions).toMatchObject([{ status: 'failed', instances: [{ state: 'gone' }] }]);
  });
});

describe('before anything is launched', () => {
  test('an offer that is not on the menu is not found', async () => {
    const { broker, clock } = await open();
    const creating = refusal(
      broker.sessions.create({ request: request({ choice: { kind: 'offer', offerId: 'x' } }) }),
    );
    await clock.advance(SECOND_MS);
    expect((await creating).code).toBe('not_found');
  });

  test('an offer that was on the menu a moment ago is stale inventory, and no session is made', async () => {
    const { broker, clock, provider, store } = await open();
    provider.menu = [];
    await clock.advance(2 * MINUTE_MS);
    const { code, details } = await refusal(broker.sessions.create({ request: request() }));
    expect([code, details]).toStrictEqual([
      'stale_inventory',
      {
        offer_id: 'alpha-1',
        provider: 'alpha',
        retry_suggested: true,
        message:
          'The selected offer is no longer available. Please refresh inventory and select a different offer.',
      },
    ]);
    expect((await store.page({ limit: 1, offset: 0 })).total).toBe(0);
  });

  test('more disk than the offer can give is refused with what it can give', async () => {
    const { broker, provider } = await open();
    const { code, details } = await refusal(
      broker.sessions.create({ request: request({ diskGb: 501 }) }),
    );
    expect([code, details]).toStrictEqual([
      'insufficient_disk',
      { available_gb: 500, requested_gb: 501 },
    ]);
    expect(provider.count('launch')).toBe(0);
  });

  test('an offer above the ceiling is refused with its price', async () => {
    const { broker } = await open();
    const { code, details } = await refusal(
      broker.sessions.create({ request: request({ maxPricePerHour: 399_999 }) }),
    );
    expect([code, details]).toStrictEqual([
      'no_matching_offer',
      { offer_id: 'alpha-1', price_per_hour: 0.4 },
    ]);
  });

  test('requirements that nothing meets are refused with the filter to blame and the nearest miss', async () => {
    const { broker } = await open();
    const { code, details } = await refusal(
      broker.sessions.create({
        request: request({
          choice: { kind: 'requirements', filter: { minVramGb: 80 }, prefer: 'price' },
        }),
      }),
    );
    expect(code).toBe('no_matching_offer');
    expect(details).toStrictEqual({
      total_offers: 1,
      most_restrictive: { filter: 'min_vram', removed: 1 },
      nearest_miss: {
        offer_id: 'alpha-1',
        missing: ['min_vram'],
        price_per_hour: 0.4,
        values: { min_vram: 24 },
      },
      filters: [{ filter: 'min_vram', removed: 1, removed_alone: 1 }],
      near_misses: [{ ...ALPHA, missing: [{ filter: 'min_vram', wanted: 80, offered: 24 }] }],
    });
  });

  test('requirements that something met lately are refused with when that was', async () => {
    const { broker, clock, provider } = await open();
    const lastSeenAt = broker.menu.get('alpha-1')?.fetchedAt ?? 0;
    provider.menu = [offer({ id: 'alpha-2', gpuType: 'RTX 3090' })];
    await clock.advance(MINUTE_MS);
    const { details } = await refusal(
      broker.sessions.create({
        request: request({
          choice: { kind: 'requirements', filter: { gpuTypes: ['4090'] }, prefer: 'price' },
        }),
      }),
    );
    expect(details).toMatchObject({
      most_restrictive: { filter: 'gpu_type' },
      last_match_offer: ALPHA,
    });
    expect(details['last_match_at']).toBe(toRfc3339(lastSeenAt));
  });

  test('requirements that only the disk rules out are refused for its sake', async () => {
    const { broker } = await open();
    const { details } = await refusal(
      broker.sessions.create({
        request: request({
          diskGb: 501,
          choice: { kind: 'requirements', filter: {}, prefer: 'price' },
        }),
      }),
    );
    expect(details).toMatchObject({
      total_offers: 1,
      most_restrictive: { filter: 'disk_gb', removed: 1 },
      near_misses: [{ missing: [{ filter: 'disk_gb', wanted: 501, offered: 500 }] }],
    });
  });
});

describe('a launch of unknown outcome', () => {
  test('is answered while it is settled, adopted by its tag, and never launched twice', async () => {
    const { create, session, clock, provider, kinds } = await open();
    provider.fault('launch', lost('unavailable', 'unknown'));
    const { session: made } = await create();
    expect(made.instances[0]?.state).toBe('unsettled');
    await clock.advance(20 * SECOND_MS);
    expect(await session(made.id)).toMatchObject({ status: 'running' });
    expect(provider.count('launch')).toBe(1);
    expect(kinds()).toContain('instance_adopted');
  });

  test('that shows up late is adopted when it does', async () => {
    const { create, session, clock, provider } = await open();
    provider.onLaunch = (instance) => {
      instance.isListed = false;
    };
    provider.fault('launch', lost('unavailable', 'unknown'));
    const { session: made } = await create();
    await clock.advance(45 * SECOND_MS);
    for (const instance of provider.instances) instance.isListed = true;
    await clock.advance(20 * SECOND_MS);
    expect(await session(made.id)).toMatchObject({ status: 'running' });
    expect(provider.count('launch')).toBe(1);
  });

  test('that never settles is written off by two lists after its time, and no sooner', async () => {
    const { create, session, clock, provider, kinds } = await open();
    provider.fault('launch', refused('unavailable', 'unknown'));
    const { session: made } = await create();
    await clock.advance(provider.settleMs);
    expect(await session(made.id)).toMatchObject({ instances: [{ state: 'unsettled' }] });
    await clock.advance(30 * SECOND_MS);
    expect(await session(made.id)).toMatchObject({
      status: 'failed',
      error: { code: 'launch_unconfirmed' },
      instances: [{ state: 'absent', costs: [] }],
    });
    expect(kinds()).toContain('launch_never_happened');
  });

  test('is not written off while lists fail, however long', async () => {
    const { create, session, clock, provider } = await open();
    provider.fault('launch', refused('unavailable', 'unknown'));
    provider.faultAlways('list', refused('unavailable', 'unknown'));
    const { session: made } = await create();
    await clock.advance(2 * HOUR_MS);
    expect(await session(made.id)).toMatchObject({ instances: [{ state: 'unsettled' }] });
  });

  test('is not launched anew on the word of one list that misses it', async () => {
    const { create, session, clock, provider } = await open();
    provider.fault('launch', lost('unavailable', 'unknown'));
    provider.onLaunch = (instance) => {
      instance.isListed = false;
    };
    const requirements = { kind: 'requirements', filter: {}, prefer: 'price' } as const;
    const { session: made } = await create({ choice: requirements });
    const settled = provider.settleMs + clock.now();
    while (clock.now() < settled + 3 * SECOND_MS) await clock.advance(SECOND_MS);
    for (const instance of provider.instances) instance.isListed = true;
    await clock.advance(20 * SECOND_MS);
    expect(await session(made.id)).toMatchObject({
      status: 'running',
      instances: [{ attempt: 1 }],
    });
  });
});

describe('two creates with one key', () => {
  const idempotency = { key: 'k1', bodyHash: 'a'.repeat(64) };

  test('at once launch once, and both are answered alike', async () => {
    const { broker, clock, provider, store } = await open();
    const creation = { request: request(), idempotency };
    const both = Promise.all([broker.sessions.create(creation), broker.sessions.create(creation)]);
    await clock.advance(SECOND_MS);
    const [one, other] = await both;
    expect(other).toStrictEqual(one);
    expect(provider.count('launch')).toBe(1);
    expect((await store.page({ limit: 10, offset: 0 })).total).toBe(1);
  });

  test('while the first is in flight, the second waits for it', async () => {
    const { broker, clock, provider } = await open();
    let answer = (): void => {};
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    provider.fault('launch', { kind: 'hangs', until });
    const creation = { request: request(), idempotency };
    let answered = 0;
    const count = (): void => {
      answered += 1;
    };
    const first = broker.sessions.create(creation).finally(count);
    await clock.advance(30 * SECOND_MS);
    const second = broker.sessions.create(creation).finally(count);
    await clock.advance(30 * SECOND_MS);
    expect(answered).toBe(0);
    answer();
    await clock.advance(0);
    expect(answered).toBe(2);
    expect((await second).session.id).toBe((await first).session.id);
  });

  test('one after another give the same session and the same key', async () => {
    const { broker, clock } = await open();
    const creation = { request: request(), idempotency };
    const first = broker.sessions.create(creation);
    await clock.advance(SECOND_MS);
    const second = broker.sessions.create(creation);
    await clock.advance(SECOND_MS);
    expect((await second).privateKey).toBe((await first).privateKey);
    expect((await second).session.id).toBe((await first).session.id);
  });

  test('give the same session though its offer is off the menu by now', async () => {
    const { broker, clock, provider } = await open();
    const creation = { request: request(), idempotency };
    const first = broker.sessions.create(creation);
    await clock.advance(SECOND_MS);
    provider.menu = [];
    await clock.advance(2 * MINUTE_MS);
    expect(broker.menu.get('alpha-1')).toBeUndefined();
    const second = broker.sessions.create(creation);
    await clock.advance(SECOND_MS);
    expect((await second).session.id).toBe((await first).session.id);
    expect((await second).privateKey).toBe((await first).privateKey);
  });

  test('and two bodies are a conflict, and launch once', async () => {
    const { broker, clock, provider } = await open();
    const first = broker.sessions.create({ request: request(), idempotency });
    const other = { ...idempotency, bodyHash: 'b'.repeat(64) };
    const second = refusal(broker.sessions.create({ request: request(), idempotency: other }));
    await clock.advance(SECOND_MS);
    await first;
    expect((await second).code).toBe('idempotency_conflict');
    expect(provider.count('launch')).toBe(1);
  });

  test('at once are refused alike, and launch once', async () => {
    const { broker, clock, provider } = await open();
    provider.fault('launch', refused('insufficient_funds'));
    const creation = { request: request(), idempotency };
    const first = refusal(broker.sessions.create(creation));
    const second = refusal(broker.sessions.create(creation));
    await clock.advance(SECOND_MS);
    expect((await second).details).toStrictEqual((await first).details);
    expect(provider.count('launch')).toBe(1);
  });

  test('after a refusal make one session between them, however many ask, and another life too', async () => {
    const { broker, clock, provider, restart } = await open();
    provider.fault('launch', refused('insufficient_funds'));
    const creation = { request: request(), idempotency };
    const first = refusal(broker.sessions.create(creation));
    await clock.advance(SECOND_MS);
    const refusedId = (await first).details['session_id'];
    await restart('killed');
    const retries = [1, 2, 3].map(() => world.broker.sessions.create(creation));
    await clock.advance(SECOND_MS);
    const made = new Set((await Promise.all(retries)).map(({ session }) => session.id));
    expect(made.size).toBe(1);
    expect(made).not.toContain(refusedId);
    expect(provider.count('launch')).toBe(2);
    const again = world.broker.sessions.create(creation);
    await clock.advance(SECOND_MS);
    expect(made).toContain((await again).session.id);
  });

  test('after a refusal that left a machine make no other session before that is gone', async () => {
    const { broker, clock, provider } = await open();
    const leftover = provider.add().id;
    provider.fault('launch', refused('unavailable', 'not_done', { leftover }));
    provider.endsOnTerminate = false;
    const creation = { request: request(), idempotency };
    const first = refusal(broker.sessions.create(creation));
    await clock.advance(SECOND_MS);
    const second = refusal(broker.sessions.create(creation));
    await clock.advance(MINUTE_MS);
    expect(provider.count('launch')).toBe(1);
    provider.endsOnTerminate = true;
    await clock.advance(MINUTE_MS);
    expect((await second).details).toStrictEqual((await first).details);
    const third = broker.sessions.create(creation);
    await clock.advance(SECOND_MS);
    expect((await third).session.instances[0]?.state).toBe('launched');
  });

  test('of which the second has another body are a conflict, also after a refusal', async () => {
    const { broker, clock, provider } = await open();
    provider.fault('launch', refused('insufficient_funds'));
    const first = refusal(broker.sessions.create({ request: request(), idempotency }));
    await clock.advance(SECOND_MS);
    await first;
    const other = { ...idempotency, bodyHash: 'b'.repeat(64) };
    const second = refusal(broker.sessions.create({ request: request(), idempotency: other }));
    await clock.advance(SECOND_MS);
    expect((await second).code).toBe('idempotency_conflict');
  });

  test('after a session that was answered and then came to nothing give that session again', async () => {
    const { broker, clock, provider } = await open();
    provider.fault('launch', refused('unavailable', 'unknown'));
    const creation = { request: request(), idempotency };
    const first = broker.sessions.create(creation);
    await clock.advance(5 * MINUTE_MS);
    const second = broker.sessions.create(creation);
    await clock.advance(SECOND_MS);
    expect((await second).session).toMatchObject({
      id: (await first).session.id,
      status: 'failed',
    });
  });
});

describe('while the broker is not ready', () => {
  test('nothing is rented and nothing is ended, and it says so', async () => {
    const { broker, provider } = await open({ start: 'not yet' });
    expect(broker.phase()).toBe('starting');
    const creating = refusal(broker.sessions.create({ request: request() }));
    expect((await creating).code).toBe('not_ready');
    expect(provider.count('launch')).toBe(0);
  });

  test('one provider that does not answer its sweep delays it for a time, and no longer', async () => {
    const clock = manualClock();
    const hanging = fakeProvider({ clock, menu: [offer()] });
    let answer = (): void => {};
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    hanging.faultAlways('list', { kind: 'hangs', until });
    const { broker } = await open({ clock, providers: [hanging], start: 'not yet' });
    const starting = broker.start();
    await clock.advance(2 * MINUTE_MS - 1);
    expect(broker.phase()).toBe('starting');
    await clock.advance(1);
    await starting;
    expect(broker.phase()).toBe('running');
    answer();
  });

  test('stopping, it waits for no read of a menu', async () => {
    const { broker, clock, provider } = await open();
    let answer = (): void => {};
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    provider.faultAlways('offers', { kind: 'hangs', until });
    await clock.advance(2 * MINUTE_MS);
    let isStopped = false;
    const stopping = broker.stop().then(() => {
      isStopped = true;
    });
    await clock.advance(SECOND_MS);
    expect(isStopped).toBe(true);
    answer();
    const asked = provider.count('offers');
    await clock.advance(10 * MINUTE_MS);
    expect(provider.count('offers')).toBe(asked);
    await stopping;
  });

  test('stopping, it rents nothing', async () => {
    const { broker, clock } = await open();
    const stopping = broker.stop();
    expect(broker.phase()).toBe('stopping');
    expect((await refusal(broker.sessions.create({ request: request() }))).code).toBe('not_ready');
    await clock.advance(SECOND_MS);
    await stopping;
  });
});

test('a failure that no adapter should throw leaves the launch to be looked for', async () => {
  const { create, session, clock, provider, recorder } = await open();
  const odd = new TypeError('undefined is not an object');
  const { launch } = provider;
  provider.launch = async (order) => {
    provider.launch = launch;
    await launch(order);
    throw odd;
  };
  const creating = create();
  await clock.advance(MINUTE_MS);
  const { session: made } = await creating;
  expect(await session(made.id)).toMatchObject({ status: 'running' });
  expect(provider.count('launch')).toBe(1);
  expect(recorder.notes).toContainEqual({
    kind: 'step_failed',
    sessionId: made.id,
    error: odd,
  });
});
