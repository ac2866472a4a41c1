import { afterEach, describe, expect, test } from 'vitest';
import { makeTag } from '../../src/domain/ids.ts';
import type { HoldReason } from '../../src/domain/orphan.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { DEPLOYMENT, offer, sessionId } from '../support/builders.ts';
import { type FakeInstance, fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

const { orphanGraceMs } = DEFAULT_POLICY;
const LONG_ENOUGH_MS = orphanGraceMs + 2 * MINUTE_MS;

let world: BrokerWorld;

afterEach(() => world.close());

function nobodysTag(number = 1): string {
  return makeTag({ deploymentId: DEPLOYMENT, sessionId: sessionId(90_000 + number), attempt: 1 });
}

/** A world in which so many orphans have been found and are held. */
async function holding(
  count: number,
  policy: Partial<Policy>,
): Promise<{ readonly orphans: readonly FakeInstance[]; readonly ids: readonly string[] }> {
  world = await brokerWorld({ policy });
  const orphans = Array.from({ length: count }, (_, index) =>
    world.provider.add({ tag: nobodysTag(index) }),
  );
  await world.clock.advance(LONG_ENOUGH_MS);
  expect(world.provider.count('terminate')).toBe(0);
  return { orphans, ids: orphans.map(({ id }) => `alpha-${id}`) };
}

const OVER_LIMIT = { destroyLimitPerSweep: 0 };

function at(list: readonly string[], index = 0): string {
  const id = list[index];
  if (id === undefined) throw new Error(`no id ${index}`);
  return id;
}

async function reasons(): Promise<readonly (HoldReason | undefined)[]> {
  const page = await world.broker.orphans.page({ limit: 100, offset: 0 });
  return page.orphans.map(({ heldFor }) => heldFor);
}

describe('a held orphan', () => {
  test('that a person says is to end is asked to end at once, and is forgotten when it is gone', async () => {
    const { orphans, ids } = await holding(2, OVER_LIMIT);
    await world.broker.orphans.terminate(at(ids));
    await world.clock.advance(SECOND_MS);
    expect(orphans.map(({ isGone }) => isGone)).toStrictEqual([true, false]);
    expect(await world.broker.orphans.get(at(ids))).toBeUndefined();
    expect(await world.broker.orphans.get(at(ids, 1))).toMatchObject({ state: 'held' });
    expect(world.kinds().slice(-3)).toStrictEqual([
      'orphan_end_confirmed',
      'orphan_terminate_asked',
      'orphan_gone',
    ]);
  });

  test('whose end is refused is asked for again and again, across restarts, until it is gone', async () => {
    const { orphans, ids } = await holding(1, OVER_LIMIT);
    world.provider.faultAlways('terminate', refused('unavailable'));
    await world.broker.orphans.terminate(at(ids));
    await world.clock.advance(10 * MINUTE_MS);
    await world.restart('killed');
    await world.clock.advance(10 * MINUTE_MS);
    expect(world.provider.count('terminate')).toBeGreaterThan(20);
    expect(await world.broker.orphans.get(at(ids))).toMatchObject({ state: 'ending' });
    world.provider.faultAlways('terminate', undefined);
    await world.clock.advance(MINUTE_MS);
    expect(orphans[0]?.isGone).toBe(true);
    expect(world.broker.incidents()).toStrictEqual([]);
  });

  test('that a person has ignored is left alone for good, restarts included', async () => {
    const { orphans, ids } = await holding(1, OVER_LIMIT);
    await world.broker.orphans.ignore(at(ids));
    await world.clock.advance(MINUTE_MS);
    expect(world.broker.incidents()).toStrictEqual([]);
    await world.restart('killed');
    await world.clock.advance(10 * MINUTE_MS);
    expect(orphans[0]?.isGone).toBe(false);
    expect(world.provider.count('terminate')).toBe(0);
    expect(await world.broker.orphans.get(at(ids))).toMatchObject({ state: 'ignored' });
    expect((await world.broker.fleet()).orphans).toStrictEqual([
      { provider: 'alpha', state: 'ignored', count: 1 },
    ]);
  });

  test('is counted from the rows, at each decision and at a start, whatever lists say', async () => {
    const { ids } = await holding(2, OVER_LIMIT);
    const held = () =>
      world.broker.incidents().filter(({ facts }) => facts.kind === 'orphans_held');
    world.provider.faultAlways('list', refused('unavailable'));
    await world.broker.orphans.ignore(at(ids));
    expect(held()).toMatchObject([{ facts: { count: 1 } }]);
    await world.restart('killed');
    expect(held()).toMatchObject([{ facts: { count: 1 } }]);
    await world.broker.orphans.ignore(at(ids, 1));
    expect(held()).toStrictEqual([]);
  });

  test('that was ignored can still be ended by a person’s second word', async () => {
    const { orphans, ids } = await holding(1, OVER_LIMIT);
    await world.broker.orphans.ignore(at(ids));
    await world.broker.orphans.terminate(at(ids));
    await world.clock.advance(SECOND_MS);
    expect(orphans[0]?.isGone).toBe(true);
  });

  test('goes on waiting after a restart, and the incident is told again', async () => {
    const { orphans, ids } = await holding(1, OVER_LIMIT);
    await world.restart('killed');
    await world.clock.advance(10 * MINUTE_MS);
    expect(orphans[0]?.isGone).toBe(false);
    expect(await world.broker.orphans.get(at(ids))).toMatchObject({ heldFor: 'over_limit' });
    expect(world.broker.incidents()).toMatchObject([{ facts: { kind: 'orphans_held', count: 1 } }]);
  });

  test('that ends by itself, or in the console, is forgotten after a while, and a list alone does not make that so', async () => {
    const { orphans, ids } = await holding(1, OVER_LIMIT);
    const [machine] = orphans;
    if (!machine) throw new Error('it was made');
    machine.isListed = false;
    await world.clock.advance(30 * MINUTE_MS);
    expect(await world.broker.orphans.get(at(ids))).toBeDefined();
    machine.isGone = true;
    await world.clock.advance(2 * MINUTE_MS);
    expect(await world.broker.orphans.get(at(ids))).toBeUndefined();
    expect(world.broker.incidents()).toStrictEqual([]);
    expect(world.kinds()).toContain('orphan_gone');
  });

  test.each([
    ['neither listed nor known', { isListed: false, isGone: true }],
    ['listed without its name', { tag: undefined }],
    ['listed under another name', { tag: 'somebody-else' }],
  ] as const)('and ignored is not forgotten when it is %s for some minutes', async (_, odd) => {
    const { orphans, ids } = await holding(1, OVER_LIMIT);
    const [machine] = orphans;
    if (!machine) throw new Error('it was made');
    await world.broker.orphans.ignore(at(ids));
    await world.clock.advance(MINUTE_MS);
    const before = { ...machine };
    Object.assign(machine, odd);
    await world.clock.advance(8 * MINUTE_MS);
    Object.assign(machine, before);
    await world.clock.advance(30 * MINUTE_MS);
    expect(machine.isGone).toBe(false);
    expect(await world.broker.orphans.get(at(ids))).toMatchObject({ state: 'ignored' });
  });

  test('that somebody renames for good is not ours any more, and is forgotten', async () => {
    const { orphans, ids } = await holding(1, OVER_LIMIT);
    const [machine] = orphans;
    if (machine) machine.tag = 'mine-now';
    await world.clock.advance(15 * MINUTE_MS);
    expect(await world.broker.orphans.get(at(ids))).toBeUndefined();
    expect(world.kinds()).toContain('orphan_cleared');
    expect(world.provider.count('terminate')).toBe(0);
  });

  test('at an API that is not configured any more cannot be decided about, and says so', async () => {
    const { ids } = await holding(1, OVER_LIMIT);
    const orphan = await world.store.findOrphan(at(ids));
    if (!orphan) throw new Error('it is held');
    await world.store.saveOrphan(
      { ...orphan, id: 'old-1', version: 0, api: 'old', provider: 'old' },
      [],
    );
    await expect(world.broker.orphans.terminate('old-1')).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('ends of orphans', () => {
  test('do not wait for each other, nor the next sweep for them', async () => {
    world = await brokerWorld();
    const { clock, provider } = world;
    let answer = (): void => {};
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const machines = Array.from({ length: 4 }, (_, index) =>
      provider.add({ tag: nobodysTag(index) }),
    );
    provider.fault('terminate', { kind: 'hangs', until });
    await clock.advance(LONG_ENOUGH_MS);
    expect(machines.filter(({ isGone }) => isGone)).toHaveLength(4);
    expect(provider.count('terminate')).toBe(4);
    const late = provider.add({ tag: nobodysTag(9), createdAt: clock.now() - 60 * MINUTE_MS });
    await clock.advance(2 * MINUTE_MS);
    expect(late.isGone).toBe(true);
    answer();
    await clock.advance(MINUTE_MS);
    expect(await reasons()).toStrictEqual([]);
  });

  test('that fail are told of, and asked for ever more slowly', async () => {
    world = await brokerWorld();
    const { clock, provider, kinds } = world;
    provider.add({ tag: nobodysTag() });
    provider.faultAlways('terminate', refused('unauthorized'));
    await clock.advance(LONG_ENOUGH_MS + 60 * MINUTE_MS);
    const asked = provider.count('terminate');
    expect(asked).toBeGreaterThan(55);
    expect(asked).toBeLessThan(75);
    expect(kinds().filter((kind) => kind === 'orphan_terminate_failed')).toHaveLength(asked);
  });

  test('go on when nothing can be written down', async () => {
    let isFull = false;
    const full = () => Promise.reject(new Error('database or disk is full'));
    world = await brokerWorld({
      policy: OVER_LIMIT,
      around: (store) => ({
        ...store,
        saveOrphan: (orphan, events) => (isFull ? full() : store.saveOrphan(orphan, events)),
        dropOrphan: (orphan, events) => (isFull ? full() : store.dropOrphan(orphan, events)),
      }),
    });
    const { clock, provider, broker } = world;
    const machine = provider.add({ tag: nobodysTag() });
    await clock.advance(LONG_ENOUGH_MS);
    provider.faultAlways('terminate', refused('unavailable'));
    await broker.orphans.terminate(`alpha-${machine.id}`);
    await clock.advance(SECOND_MS);
    isFull = true;
    provider.faultAlways('terminate', undefined);
    await clock.advance(2 * MINUTE_MS);
    expect(machine.isGone).toBe(true);
    isFull = false;
    await clock.advance(2 * MINUTE_MS);
    expect(await reasons()).toStrictEqual([]);
  });

  test('and what cannot be written down for one keeps no other one waiting', async () => {
    world = await brokerWorld({
      around: (store) => ({
        ...store,
        saveOrphan: (orphan, events) =>
          orphan.providerInstanceId.endsWith('i1')
            ? Promise.reject(new Error('this one is poison'))
            : store.saveOrphan(orphan, events),
      }),
    });
    const { clock, provider } = world;
    const [poison, other] = [1, 2].map((number) => provider.add({ tag: nobodysTag(number) }));
    await clock.advance(LONG_ENOUGH_MS);
    expect([poison?.isGone, other?.isGone]).toStrictEqual([false, true]);
  });
});

test('a person’s word about a machine holds for the other API of its marketplace, which shows it too', async () => {
  const clock = manualClock();
  const first = fakeProvider({ clock, menu: [offer()] });
  const second = fakeProvider({ clock, api: 'alpha-2', name: 'alpha' });
  world = await brokerWorld({ clock, providers: [first, second], policy: OVER_LIMIT });
  const tag = nobodysTag();
  const [one, two] = [first.add({ tag }), second.add({ id: 'known-as-this-here', tag })];
  await clock.advance(LONG_ENOUGH_MS);
  const { orphans, total } = await world.broker.orphans.page({ limit: 10, offset: 0 });
  expect(total).toBe(1);
  await world.broker.orphans.ignore(at(orphans.map(({ id }) => id)));
  await world.restart();
  await clock.advance(LONG_ENOUGH_MS);
  expect([one.isGone, two.isGone]).toStrictEqual([false, false]);
  await world.broker.orphans.terminate(at(orphans.map(({ id }) => id)));
  await clock.advance(MINUTE_MS);
  expect(first.count('terminate') + second.count('terminate')).toBeGreaterThan(0);
});

describe('a person’s word', () => {
  test('about what is not there is not found', async () => {
    world = await brokerWorld();
    const { orphans } = world.broker;
    for (const say of [orphans.terminate('alpha-x'), orphans.ignore('alpha-x')]) {
      await expect(say).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  test('to keep what was asked to end comes too late', async () => {
    const { ids } = await holding(1, OVER_LIMIT);
    world.provider.faultAlways('terminate', refused('unavailable'));
    await world.broker.orphans.terminate(at(ids));
    await world.broker.orphans.terminate(at(ids));
    await expect(world.broker.orphans.ignore(at(ids))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is not taken before the broker is ready', async () => {
    world = await brokerWorld({ start: 'not yet' });
    const { orphans } = world.broker;
    await expect(orphans.terminate('alpha-x')).rejects.toMatchObject({ code: 'not_ready' });
    await expect(orphans.ignore('alpha-x')).rejects.toMatchObject({ code: 'not_ready' });
    await world.broker.start();
  });
});

describe('a dry run of the sweep', () => {
  test('ends nothing and holds all, also what a row would take back; without it all is ended', async () => {
    const policy = { isSweepDryRun: true };
    const { orphans } = await holding(1, policy);
    world.provider.fault('launch', refused('unavailable', 'unknown'));
    const { session: made } = await world.create();
    await world.clock.advance(5 * MINUTE_MS);
    const late = world.provider.add({ tag: made.instances[0]?.tag });
    await world.clock.advance(LONG_ENOUGH_MS);
    expect(await reasons()).toStrictEqual(['dry_run', 'dry_run']);
    expect(world.provider.count('terminate')).toBe(0);
    policy.isSweepDryRun = false;
    await world.restart();
    await world.clock.advance(LONG_ENOUGH_MS);
    expect([late.isGone, orphans[0]?.isGone]).toStrictEqual([true, true]);
    expect(await reasons()).toStrictEqual([]);
    expect((await world.session(made.id)).instances).toMatchObject([{ state: 'gone' }]);
  });

  test('that is switched on later stops what sweeps had begun to end, and not what a person asked for', async () => {
    const policy = { isSweepDryRun: false };
    world = await brokerWorld({ policy });
    const { clock, provider } = world;
    const [first, second] = [1, 2].map((number) => provider.add({ tag: nobodysTag(number) }));
    provider.faultAlways('terminate', refused('unavailable'));
    await clock.advance(LONG_ENOUGH_MS);
    await world.broker.orphans.terminate(`alpha-${first?.id}`);
    policy.isSweepDryRun = true;
    await world.restart();
    provider.faultAlways('terminate', undefined);
    await clock.advance(LONG_ENOUGH_MS);
    expect([first?.isGone, second?.isGone]).toStrictEqual([true, false]);
    expect(await reasons()).toStrictEqual(['dry_run']);
  });
});

describe('another broker with the same deployment id', () => {
  test('loses nothing that it launches while this one runs', async () => {
    world = await brokerWorld();
    await world.clock.advance(10 * MINUTE_MS);
    const theirs = world.provider.add({ tag: nobodysTag() });
    await world.clock.advance(30 * MINUTE_MS);
    expect(theirs.isGone).toBe(false);
    expect(await reasons()).toStrictEqual(['not_launched_here']);
    expect(world.broker.incidents()).toMatchObject([{ facts: { kind: 'orphans_held' } }]);
    await world.restart();
    await world.clock.advance(LONG_ENOUGH_MS);
    expect(theirs.isGone).toBe(false);
  });
});

test('an attempt’s tag at another marketplace is another machine: it is ended and paid for there', async () => {
  const clock = manualClock();
  const alpha = fakeProvider({ clock, menu: [offer()] });
  const beta = fakeProvider({ clock, api: 'beta', name: 'beta' });
  world = await brokerWorld({ clock, providers: [alpha, beta] });
  const { session: made } = await world.create();
  await clock.advance(10 * SECOND_MS);
  const forgotten = beta.add({ tag: made.instances[0]?.tag });
  await clock.advance(LONG_ENOUGH_MS);
  expect(forgotten.isGone).toBe(true);
  expect(alpha.instances[0]?.isGone).toBe(false);
  expect(await world.session(made.id)).toMatchObject({
    status: 'running',
    instances: [
      { api: 'alpha', state: 'launched' },
      { role: 'stray', provider: 'beta', api: 'beta', state: 'gone' },
    ],
  });
});
