import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { learningStore, recallLaunches } from '../../src/inventory/learning-store.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { DEPLOYMENT, instance, offer, session, sessionId } from '../support/builders.ts';
import { failure, fakeProvider } from '../support/fake-provider.ts';
import { UNREACHABLE } from '../support/fake-shell.ts';
import { manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

let close = async (): Promise<void> => {};
afterEach(() => close());

const BAD = offer({ id: 'alpha-1', machineId: 'm1' });
const SIBLING = offer({ id: 'alpha-2', machineId: 'm1', gpuCount: 2 });
const OTHER = offer({ id: 'alpha-3', machineId: 'm3' });

async function open(): Promise<BrokerWorld> {
  const clock = manualClock();
  const provider = fakeProvider({ clock, menu: [BAD, SIBLING, OTHER] });
  const world = await brokerWorld({ clock, providers: [provider] });
  close = world.close;
  return world;
}

const confidence = ({ broker }: BrokerWorld, id: string) =>
  broker.menu.get(id)?.availabilityConfidence ?? -1;

/** A launch that is accepted and never takes a login. */
async function failOnce(world: BrokerWorld, offerId: string): Promise<void> {
  const answers = world.shell.answer;
  world.shell.answer = UNREACHABLE;
  await world.create({ choice: { kind: 'offer', offerId } });
  await world.clock.advance(30 * MINUTE_MS);
  world.shell.answer = answers;
}

describe('what became of a launch', () => {
  test('is on the menu as soon as it is known: its machine is doubted, others hardly', async () => {
    const world = await open();
    await failOnce(world, 'alpha-1');
    expect(confidence(world, 'alpha-1')).toBeLessThan(0.5);
    expect(confidence(world, 'alpha-2')).toBeLessThan(0.5);
    expect(confidence(world, 'alpha-3')).toBeGreaterThan(0.75);
  });

  test('takes all of a machine that failed twice off the menu, and says until when', async () => {
    const world = await open();
    await failOnce(world, 'alpha-1');
    await failOnce(world, 'alpha-2');
    expect(confidence(world, 'alpha-1')).toBe(-1);
    expect(confidence(world, 'alpha-2')).toBe(-1);
    const { rows } = world.broker.offerHealth.page({ offerId: 'alpha-2', limit: 10, offset: 0 });
    const machine = rows.find(({ level }) => level === 'machine');
    expect(machine).toMatchObject({ key: 'm1', failures: 2, successes: 0, prior: 0.9 });
    expect(machine?.heldUntil).toBeGreaterThan(world.clock.now());
    expect(rows.map(({ key }) => key)).not.toContain('alpha-1');
  });

  test('is what a success was, once it is known', async () => {
    const world = await open();
    await world.create({ choice: { kind: 'offer', offerId: 'alpha-1' } });
    await world.clock.advance(10 * SECOND_MS);
    const notes = world.recorder.notes.filter(({ kind }) => kind === 'launch_judged');
    expect(notes).toMatchObject([{ outcome: 'ran', confidence: 0.9, provider: 'alpha' }]);
  });

  test('is known again after a restart', async () => {
    const world = await open();
    await failOnce(world, 'alpha-1');
    const before = confidence(world, 'alpha-1');
    await world.restart('killed');
    await world.clock.advance(SECOND_MS);
    expect(confidence(world, 'alpha-1')).toBeCloseTo(before, 2);
  });

  test('of an offer that is gone is told for as long as it is off the menu', async () => {
    const world = await open();
    const gone = failure('no_capacity');
    world.provider.fault('launch', { kind: 'before', failure: gone });
    await world.create({ choice: { kind: 'offer', offerId: 'alpha-3' } }).catch(() => undefined);
    expect(world.broker.menu.get('alpha-3')).toBeUndefined();
    const { rows } = world.broker.offerHealth.page({ offerId: 'alpha-3', limit: 10, offset: 0 });
    const held = rows.find(({ level }) => level === 'offer');
    expect(held?.heldUntil).toBeGreaterThan(world.clock.now());
    await world.clock.advance(6 * MINUTE_MS);
    expect(confidence(world, 'alpha-3')).toBeLessThan(0.6);
  });

  test('is not held against an offer where the API was away', async () => {
    const world = await open();
    world.provider.faultAlways('launch', { kind: 'before', failure: failure('unavailable') });
    await world.create({ choice: { kind: 'offer', offerId: 'alpha-1' } }).catch(() => undefined);
    expect(confidence(world, 'alpha-1')).toBe(0.9);
    expect(world.broker.offerHealth.page({ limit: 10, offset: 0 }).total).toBe(0);
  });
});

test('a new process reads from a real file what became of launches, in pages, oldest last', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-record-'));
  close = async () => rmSync(folder, { recursive: true });
  const clock = manualClock();
  const recorder = recordingRecorder();
  const openFile = () =>
    openStore({ path: join(folder, 'broker.db'), newDeploymentId: () => DEPLOYMENT });
  const parts = (record: TrackRecord) => ({
    record,
    clock,
    recorder,
    shelf: new Shelf({ sources: [], clock, policy: DEFAULT_POLICY, record }),
  });

  const first = new TrackRecord();
  const { store: raw } = await openFile();
  const store = learningStore(raw, parts(first));
  for (let number = 1; number <= 300; number += 1) {
    const id = sessionId(number);
    const made = session({ id, createdAt: clock.now() });
    await store.create({ session: made, events: [] });
    const attempt = instance({
      sessionId: id,
      offer: number % 3 === 0 ? BAD : OTHER,
      launchAttempts: 1,
      intendedAt: clock.now() + number,
      failure: { code: 'never_ready', message: '' },
    });
    await store.save({ ...made, instances: [attempt] }, []);
  }
  await raw.close();

  const second = new TrackRecord();
  const { store: reopened } = await openFile();
  const recalling = recallLaunches(reopened, parts(second), () => false);
  for (let turn = 0; turn < 50; turn += 1) await clock.advance(20);
  await recalling;
  const health = (record: TrackRecord) =>
    [...record.places()].map(([level, key, launches]) => [level, key, launches.length]);
  expect(health(second)).toStrictEqual(health(first));
  const now = clock.now();
  const [was] = first.estimated([{ ...BAD, fetchedAt: now }], now);
  const [is] = second.estimated([{ ...BAD, fetchedAt: now }], now);
  expect(is?.availabilityConfidence).toBe(was?.availabilityConfidence);
  await reopened.close();
});
