import { afterEach, describe, expect, test } from 'vitest';
import type { Policy } from '../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from './support/broker-world.ts';
import { offer, request } from './support/builders.ts';
import { type FakeProvider, fakeProvider, lost } from './support/fake-provider.ts';
import { manualClock } from './support/manual-clock.ts';

let world: BrokerWorld;

afterEach(() => world.close());

/** A market that sells so many machines. */
async function open(
  machines: number,
  policy: Partial<Policy> = {},
): Promise<BrokerWorld & { readonly ids: readonly string[] }> {
  const clock = manualClock();
  const ids = Array.from({ length: machines }, (_, number) => `alpha-${number + 1}`);
  const provider = fakeProvider({ clock, menu: ids.map((id) => offer({ id })) });
  world = await brokerWorld({ clock, providers: [provider], policy });
  return Object.assign(world, { ids });
}

function chosen(offerId: string) {
  return { choice: { kind: 'offer', offerId } } as const;
}

test('an end does not wait for launches that are not answered, however many', async () => {
  const { create, clock, provider, broker, ids } = await open(60);
  const [first = '', ...others] = ids;
  const { session: made } = await create(chosen(first));
  await clock.advance(10 * SECOND_MS);
  let answer = (): void => {};
  const until = new Promise<void>((resolve) => {
    answer = resolve;
  });
  provider.faultAlways('launch', { kind: 'hangs', until });
  const creating = others.map((id) => broker.sessions.create({ request: request(chosen(id)) }));
  await clock.advance(SECOND_MS);
  const destroying = broker.sessions.destroy(made.id);
  await clock.advance(SECOND_MS);
  expect(provider.instances[0]?.isGone).toBe(true);
  expect(await destroying).toBe('destroyed');
  answer();
  await clock.advance(MINUTE_MS);
  await Promise.all(creating);
});

test('an end does not wait for logins that hang, however many', async () => {
  const { create, clock, provider, shell, broker, ids } = await open(120);
  const [first = '', ...others] = ids;
  const { session: made } = await create(chosen(first));
  await clock.advance(10 * SECOND_MS);
  const hung = hangingLogins();
  shell.prove = hung.prove;
  for (const id of others) await create(chosen(id));
  await clock.advance(20 * SECOND_MS);
  const destroying = broker.sessions.destroy(made.id);
  await clock.advance(SECOND_MS);
  expect(provider.instances[0]?.isGone).toBe(true);
  expect(await destroying).toBe('destroyed');
  hung.release();
});

test('no more logins are tried at once than the process can bear', async () => {
  const { create, clock, shell, ids } = await open(12, { maxProofs: 8 });
  const hung = hangingLogins();
  shell.prove = hung.prove;
  for (const id of ids) await create(chosen(id));
  await clock.advance(MINUTE_MS);
  expect(hung.tried()).toBe(8);
  hung.release();
});

/** Logins that are not answered until they are let go. */
function hangingLogins() {
  let tried = 0;
  let release = (): void => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    prove: async () => {
      tried += 1;
      await until;
      return { kind: 'timed_out', phase: 'connect' } as const;
    },
    tried: () => tried,
    release: () => release(),
  };
}

describe('while a list leaves out too much to be believed', () => {
  /** Four that run, and a list that shows only the last of them. */
  async function inDoubt(): Promise<{
    readonly provider: FakeProvider;
    readonly ids: readonly string[];
  }> {
    const { create, clock, provider, ids } = await open(5);
    for (const id of ids.slice(0, 4)) await create(chosen(id));
    await clock.advance(30 * SECOND_MS);
    for (const one of provider.instances.slice(0, 3)) one.isListed = false;
    await clock.advance(MINUTE_MS);
    return { provider, ids };
  }

  test('a new session comes up by what the list does show', async () => {
    const { provider, ids } = await inDoubt();
    provider.onLaunch = (instance) => {
      instance.phase = 'starting';
    };
    const { session: made } = await world.create(chosen(ids[4] ?? ''));
    const last = provider.instances.at(-1);
    if (last) last.phase = 'running';
    await world.clock.advance(MINUTE_MS);
    expect((await world.session(made.id)).status).toBe('running');
  });

  test('a launch whose answer was lost is adopted when the list shows it', async () => {
    const { provider, ids } = await inDoubt();
    provider.fault('launch', lost('unavailable', 'unknown'));
    const { session: made } = await world.create(chosen(ids[4] ?? ''));
    await world.clock.advance(MINUTE_MS);
    expect((await world.session(made.id)).status).toBe('running');
  });

  test('one that was missed before and is shown in between is not lost', async () => {
    const { provider } = await inDoubt();
    const [first, second, third, last] = provider.instances;
    if (!first || !second || !third || !last) throw new Error('four were launched');
    const asked = provider.count('get');
    for (let turn = 0; turn < 10; turn += 1) {
      // Missing from a list that is believed, then shown by one that is not.
      for (const one of [first, second, third]) one.isListed = true;
      last.isListed = false;
      await world.clock.advance(5 * SECOND_MS);
      for (const one of [first, second, third]) one.isListed = false;
      last.isListed = true;
      await world.clock.advance(5 * SECOND_MS);
    }
    expect(provider.count('get')).toBe(asked);
  });
});

describe('a login that cannot even be tried', () => {
  test('is given up in its time, and the instance is ended', async () => {
    const { create, clock, shell, provider, session } = await open(1);
    shell.prove = () => Promise.reject(new Error('the key cannot be opened'));
    const { session: made } = await create();
    await clock.advance(30 * MINUTE_MS);
    expect(await session(made.id)).toMatchObject({ status: 'failed', stopReason: 'never_ready' });
    expect(provider.instances[0]?.isGone).toBe(true);
  });

  test('is given up also by a process that finds the time over when it starts', async () => {
    const { create, clock, shell, provider, session, restart, broker } = await open(1);
    shell.prove = () => Promise.reject(new Error('the key cannot be opened'));
    const { session: made } = await create();
    await clock.advance(10 * SECOND_MS);
    const stopping = broker.stop();
    await clock.advance(30 * MINUTE_MS);
    await stopping;
    await restart('killed');
    await clock.advance(5 * MINUTE_MS);
    expect((await session(made.id)).status).toBe('failed');
    expect(provider.instances[0]?.isGone).toBe(true);
  });
});

test('an instance whose address shows after the consumer’s time, because the broker was away, is logged in to once', async () => {
  const { create, clock, provider, session, restart, broker } = await open(1);
  provider.onLaunch = (instance) => {
    instance.address = undefined;
  };
  const { session: made } = await create({ readyTimeoutMs: MINUTE_MS });
  await clock.advance(10 * SECOND_MS);
  const stopping = broker.stop();
  await clock.advance(10 * MINUTE_MS);
  await stopping;
  const [instance] = provider.instances;
  if (instance) instance.address = { host: '192.0.2.9', port: 22, user: 'root' };
  await restart('killed');
  await clock.advance(10 * SECOND_MS);
  expect((await session(made.id)).status).toBe('running');
});
