import { afterEach, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;

afterEach(() => world.close());

/** A store whose disk can be full: then no write is made, and reads go on. */
function fillable() {
  let isFull = false;
  const full = () => Promise.reject(new Error('database or disk is full'));
  return {
    fill: () => {
      isFull = true;
    },
    clear: () => {
      isFull = false;
    },
    around: (store: Store): Store => ({
      ...store,
      create: (creation) => (isFull ? full() : store.create(creation)),
      save: (session, events) => (isFull ? full() : store.save(session, events)),
      append: (events) => (isFull ? full() : store.append(events)),
      saveOrphan: (orphan, events) => (isFull ? full() : store.saveOrphan(orphan, events)),
      dropOrphan: (orphan, events) => (isFull ? full() : store.dropOrphan(orphan, events)),
    }),
  };
}

test('lists that fail again and again are an incident, until one is answered', async () => {
  world = await brokerWorld();
  const { clock, provider, broker, kinds } = world;
  provider.faultAlways('list', refused('unauthorized'));
  await clock.advance(2 * MINUTE_MS);
  expect(broker.incidents()).toStrictEqual([]);
  await clock.advance(2 * MINUTE_MS);
  expect(broker.incidents()).toMatchObject([
    { facts: { kind: 'list_failing', failure: 'unauthorized' }, place: { api: 'alpha' } },
  ]);
  provider.faultAlways('list', undefined);
  await clock.advance(MINUTE_MS);
  expect(broker.incidents()).toStrictEqual([]);
  expect(kinds()).toStrictEqual(['incident_raised', 'incident_cleared']);
  expect(world.recorder.events.at(-1)).toMatchObject({ lastedMs: expect.any(Number) });
});

test('an incident at one provider says nothing of another', async () => {
  const clock = manualClock();
  const alpha = fakeProvider({ clock, menu: [offer()] });
  const beta = fakeProvider({ clock, api: 'beta', name: 'beta' });
  world = await brokerWorld({ clock, providers: [alpha, beta] });
  beta.faultAlways('list', refused('unavailable'));
  await clock.advance(5 * MINUTE_MS);
  expect(world.broker.incidents()).toMatchObject([{ place: { provider: 'beta', api: 'beta' } }]);
});

test('what stands at an API that is not configured is an incident from the start on', async () => {
  const clock = manualClock();
  const alpha = fakeProvider({ clock, menu: [offer()] });
  const beta = fakeProvider({ clock, api: 'beta', name: 'beta' });
  const providers = [alpha, beta];
  world = await brokerWorld({ clock, providers });
  await world.create();
  await clock.advance(10 * SECOND_MS);
  providers.splice(0, 1);
  await world.restart();
  expect(world.broker.incidents()).toMatchObject([
    { facts: { kind: 'api_not_configured', instances: 1 }, place: { api: 'alpha' } },
  ]);
  expect(alpha.count('terminate')).toBe(0);
});

test('a database that takes no writes is an incident that is told, and over when it takes one', async () => {
  const disk = fillable();
  world = await brokerWorld({ around: disk.around });
  const { broker, clock, kinds } = world;
  await world.create();
  await clock.advance(10 * SECOND_MS);
  disk.fill();
  await expect(world.create()).rejects.toThrow('full');
  expect(broker.incidents()).toMatchObject([
    { facts: { kind: 'store_failing' }, place: undefined },
  ]);
  await clock.advance(MINUTE_MS);
  expect(broker.incidents()).toHaveLength(1);
  disk.clear();
  await clock.advance(10 * SECOND_MS);
  expect(broker.incidents()).toStrictEqual([]);
  expect(kinds().filter((kind) => kind.startsWith('incident_'))).toStrictEqual([
    'incident_raised',
    'incident_cleared',
  ]);
});

test('a full disk keeps no machine past its time: it is asked to end, and the record follows', async () => {
  const disk = fillable();
  world = await brokerWorld({ around: disk.around });
  const { clock, provider } = world;
  const { session: made } = await world.create({ reservationHours: 1 });
  await clock.advance(10 * SECOND_MS);
  disk.fill();
  await clock.advance(HOUR_MS - MINUTE_MS);
  expect(provider.instances[0]?.isGone).toBe(false);
  await clock.advance(2 * MINUTE_MS);
  expect(provider.instances[0]?.isGone).toBe(true);
  expect((await world.session(made.id)).status).toBe('running');
  disk.clear();
  await clock.advance(MINUTE_MS);
  expect(await world.session(made.id)).toMatchObject({ status: 'stopped', stopReason: 'expired' });
});

test('a full disk keeps no server past its time that came up elsewhere meanwhile', async () => {
  const disk = fillable();
  world = await brokerWorld({ around: disk.around });
  const { clock, provider } = world;
  const portsAt = (port: number) => [{ internal: 8080, host: '192.0.2.1', port }];
  provider.onLaunch = (instance) => {
    instance.openPorts = portsAt(40_000);
  };
  const workload = { kind: 'entrypoint', image: 'team/app:1', ports: [8080] } as const;
  await world.create({ reservationHours: 1, workload });
  await clock.advance(10 * SECOND_MS);
  disk.fill();
  for (const instance of provider.instances) instance.openPorts = portsAt(41_000);
  await clock.advance(HOUR_MS + MINUTE_MS);
  expect(provider.instances[0]?.isGone).toBe(true);
  disk.clear();
});

test('a full disk keeps no machine that was asked to end before', async () => {
  const disk = fillable();
  world = await brokerWorld({ around: disk.around });
  const { clock, provider, broker } = world;
  const { session: made } = await world.create();
  await clock.advance(10 * SECOND_MS);
  provider.endsOnTerminate = false;
  await broker.sessions.done(made.id);
  await clock.advance(10 * SECOND_MS);
  disk.fill();
  provider.endsOnTerminate = true;
  await clock.advance(2 * MINUTE_MS);
  expect(provider.instances[0]?.isGone).toBe(true);
  disk.clear();
  await clock.advance(MINUTE_MS);
  expect((await world.session(made.id)).status).toBe('stopped');
});

test('a full disk ends nobody whose time is not over', async () => {
  const disk = fillable();
  world = await brokerWorld({ around: disk.around });
  const { clock, provider } = world;
  await world.create({ reservationHours: 12 });
  await clock.advance(10 * SECOND_MS);
  disk.fill();
  await clock.advance(2 * HOUR_MS);
  expect(provider.count('terminate')).toBe(0);
});

test('a full disk keeps no incident from being told, and no list from being read', async () => {
  const disk = fillable();
  world = await brokerWorld({ around: disk.around });
  const { clock, provider, broker, recorder } = world;
  disk.fill();
  provider.faultAlways('list', refused('unavailable'));
  await clock.advance(4 * MINUTE_MS);
  const kinds = broker.incidents().map(({ facts }) => facts.kind);
  expect(kinds).toStrictEqual(['list_failing', 'store_failing']);
  expect(recorder.notes.filter(({ kind }) => kind === 'loop_failed')).toStrictEqual([]);
  provider.faultAlways('list', undefined);
  disk.clear();
  await clock.advance(MINUTE_MS);
  expect(broker.incidents()).toStrictEqual([]);
});
