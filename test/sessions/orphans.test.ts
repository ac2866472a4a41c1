import { afterEach, describe, expect, test } from 'vitest';
import { makeTag } from '../../src/domain/ids.ts';
import { costOver } from '../../src/domain/money.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld, type WorldSetUp } from '../support/broker-world.ts';
import { DEPLOYMENT, request, sessionId } from '../support/builders.ts';
import { refused } from '../support/fake-provider.ts';

let world: BrokerWorld;

async function open(setUp?: WorldSetUp): Promise<BrokerWorld> {
  world = await brokerWorld(setUp);
  return world;
}

afterEach(() => world.close());

/** A tag of ours that no session ever had. */
function nobodysTag(number = 1): string {
  return makeTag({ deploymentId: DEPLOYMENT, sessionId: sessionId(90_000 + number), attempt: 1 });
}

const { orphanGraceMs } = DEFAULT_POLICY;

describe('an instance of ours that no row knows', () => {
  test('is ended after its grace period, and not before', async () => {
    const { clock, provider, kinds } = await open();
    const orphan = provider.add({ tag: nobodysTag() });
    await clock.advance(orphanGraceMs - SECOND_MS);
    expect(orphan.isGone).toBe(false);
    expect(provider.count('terminate')).toBe(0);
    await clock.advance(MINUTE_MS);
    expect(orphan.isGone).toBe(true);
    expect(kinds()).toStrictEqual(['orphan_detected', 'orphan_terminate_asked', 'orphan_gone']);
  });

  test('however old, is not ended on one sighting', async () => {
    const { clock, provider } = await open({ start: 'not yet' });
    const orphan = provider.add({ tag: nobodysTag(), createdAt: clock.now() - 60 * MINUTE_MS });
    const starting = world.broker.start();
    await clock.advance(0);
    await starting;
    await clock.advance(DEFAULT_POLICY.evidenceGapMs - 1);
    expect(orphan.isGone).toBe(false);
    await clock.advance(MINUTE_MS);
    expect(orphan.isGone).toBe(true);
  });

  test('that a list shows and the provider, asked directly, does not have is left alone', async () => {
    const { clock, provider, kinds } = await open();
    provider.add({ tag: nobodysTag() });
    const { get } = provider;
    provider.get = async () => undefined;
    await clock.advance(10 * MINUTE_MS);
    expect(provider.count('terminate')).toBe(0);
    expect(kinds()).toStrictEqual([]);
    provider.get = get;
  });

  test('that was renamed since the list is not ours any more', async () => {
    const { clock, provider } = await open();
    const orphan = provider.add({ tag: nobodysTag() });
    const { get } = provider;
    provider.get = async (id) => {
      const seen = await get(id);
      return seen && { ...seen, tag: 'keep-this-one' };
    };
    await clock.advance(10 * MINUTE_MS);
    expect(orphan.isGone).toBe(false);
    expect(provider.count('terminate')).toBe(0);
    provider.get = get;
  });

  test('whose end fails is asked to end again at each sweep, and counted once', async () => {
    const { clock, provider, kinds } = await open();
    const orphan = provider.add({ tag: nobodysTag() });
    provider.faultAlways('terminate', refused('unavailable'));
    await clock.advance(orphanGraceMs + 5 * MINUTE_MS);
    expect(orphan.isGone).toBe(false);
    expect(provider.count('terminate')).toBeGreaterThan(5);
    expect(kinds().filter((kind) => kind === 'orphan_detected')).toHaveLength(1);
    provider.faultAlways('terminate', undefined);
    await clock.advance(MINUTE_MS);
    expect(orphan.isGone).toBe(true);
  });

  test('among more of them than the limit is held, and the rest with it, for a person to decide', async () => {
    const { clock, provider, broker, kinds } = await open();
    for (let number = 0; number < 11; number += 1) provider.add({ tag: nobodysTag(number) });
    await clock.advance(20 * MINUTE_MS);
    expect(provider.count('terminate')).toBe(0);
    const { orphans, total } = await broker.orphans.page({ limit: 3, offset: 0 });
    expect(total).toBe(11);
    expect(orphans).toHaveLength(3);
    expect(orphans[0]).toMatchObject({ state: 'held', heldFor: 'over_limit' });
    expect(broker.incidents()).toMatchObject([{ facts: { kind: 'orphans_held', count: 11 } }]);
    expect(kinds().filter((kind) => kind === 'orphan_held')).toHaveLength(11);
    expect(kinds().filter((kind) => kind === 'incident_raised')).toHaveLength(1);
  });

  test('among just as many as the limit is ended with them', async () => {
    const { clock, provider } = await open();
    for (let number = 0; number < 10; number += 1) provider.add({ tag: nobodysTag(number) });
    await clock.advance(orphanGraceMs + MINUTE_MS);
    expect(provider.instances.every((one) => one.isGone)).toBe(true);
  });

  test('is not ended by a broker without its reconciler, which shows that it was that', async () => {
    const nets = { ...DEFAULT_POLICY.nets, reconciler: false };
    const { clock, provider } = await open({ policy: { nets } });
    const orphan = provider.add({ tag: nobodysTag() });
    await clock.advance(20 * MINUTE_MS);
    expect(orphan.isGone).toBe(false);
  });
});

describe('what is not ours is never touched, nor asked for', () => {
  test.each([
    ['without a tag', undefined],
    ['with a name of its own', 'training-42'],
    ["with another deployment's tag", nobodysTag().replace(DEPLOYMENT, 'other9')],
    [
      'with a tag of a deployment whose id begins like ours',
      nobodysTag().replace(DEPLOYMENT, `${DEPLOYMENT}x`),
    ],
    ['with our tag and more', `${nobodysTag()}-old`],
    ['with our tag in upper case', nobodysTag().toUpperCase()],
    ['with our tag and a space', `${nobodysTag()} `],
  ])('%s', async (_, tag) => {
    const { clock, provider } = await open();
    const foreign = provider.add({ tag });
    await clock.advance(15 * MINUTE_MS);
    expect(foreign.isGone).toBe(false);
    expect(provider.calls.filter(({ about }) => about === foreign.id)).toStrictEqual([]);
  });
});

describe('an instance that belongs to a session', () => {
  test('whose launch was written off comes back into its row, is ended and paid for', async () => {
    const { create, clock, provider, session, broker } = await open();
    provider.fault('launch', refused('unavailable', 'unknown'));
    const { session: made } = await create();
    await clock.advance(5 * MINUTE_MS);
    expect((await session(made.id)).status).toBe('failed');
    const late = provider.add({ tag: made.instances[0]?.tag, createdAt: clock.now() });
    await clock.advance(orphanGraceMs + 2 * MINUTE_MS);
    expect(late.isGone).toBe(true);
    expect(await session(made.id)).toMatchObject({
      status: 'failed',
      instances: [{ state: 'gone', providerInstanceId: late.id }],
    });
    expect(await broker.costs.ofSession(made.id)).toBeGreaterThan(0);
  });

  test('and that was believed gone is ended again, and paid for without a gap', async () => {
    const { create, clock, provider, session, broker } = await open();
    const { session: made } = await create();
    await clock.advance(10 * SECOND_MS);
    const [instance] = provider.instances;
    if (!instance) throw new Error('it was launched');
    const destroying = broker.sessions.destroy(made.id);
    await clock.advance(SECOND_MS);
    await destroying;
    instance.isGone = false;
    await clock.advance(orphanGraceMs + 2 * MINUTE_MS);
    expect(instance.isGone).toBe(true);
    const after = await session(made.id);
    expect(after).toMatchObject({ status: 'stopped', instances: [{ state: 'gone' }] });
    const spanMs = (after.instances[0]?.goneAt ?? 0) - instance.createdAt;
    expect(await broker.costs.ofSession(made.id)).toBe(
      costOver(380_000, spanMs) + costOver(20_000, spanMs),
    );
  });

  test('as a second one under the same tag is a stray: ended and paid for, while the first serves on', async () => {
    const { create, clock, provider, session, broker } = await open();
    const { session: made } = await create();
    await clock.advance(10 * SECOND_MS);
    const stray = provider.add({ tag: made.instances[0]?.tag });
    await clock.advance(orphanGraceMs + 2 * MINUTE_MS);
    expect(stray.isGone).toBe(true);
    expect(provider.instances[0]?.isGone).toBe(false);
    expect(await session(made.id)).toMatchObject({
      status: 'running',
      instances: [
        { role: 'attempt', state: 'launched' },
        { role: 'stray', state: 'gone', providerInstanceId: stray.id },
      ],
    });
    const all = (await session(made.id)).instances.flatMap(({ costs }) => costs);
    expect(all.filter(({ endedAt }) => endedAt === undefined)).toHaveLength(4);
    expect(await broker.costs.ofSession(made.id)).toBeGreaterThan(0);
  });

  test('that is being launched is wanted, however slowly the launch is answered', async () => {
    const { clock, provider, broker } = await open();
    let answer = (): void => {};
    const until = new Promise<void>((resolve) => {
      answer = resolve;
    });
    provider.fault('launch', { kind: 'hangs', until });
    const creating = broker.sessions.create({ request: request() });
    await clock.advance(10 * MINUTE_MS);
    answer();
    await clock.advance(SECOND_MS);
    await creating;
    expect(provider.count('terminate')).toBe(0);
    expect(provider.instances[0]?.isGone).toBe(false);
  });

  test('is left alone while the list fails that would have to show it twice', async () => {
    const { clock, provider } = await open();
    const orphan = provider.add({ tag: nobodysTag() });
    provider.faultAlways('list', refused('unavailable'));
    await clock.advance(20 * MINUTE_MS);
    expect(orphan.isGone).toBe(false);
    provider.faultAlways('list', undefined);
    await clock.advance(2 * MINUTE_MS + orphanGraceMs);
    expect(orphan.isGone).toBe(true);
  });
});
