import { describe, expect, test } from 'vitest';
import type { FailureCode, Instance } from '../../src/domain/instance.ts';
import { NOWHERE } from '../../src/domain/odds/place.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { MAX_LAUNCHES, TrackRecord } from '../../src/inventory/track-record.ts';
import { instance, offer, START, session, sessionId } from '../support/builders.ts';

const NOW = START + MINUTE_MS;
const MACHINE = offer({ machineId: 'machine-1', hostId: 'host-1', fetchedAt: NOW });

let made = 0;

function ended(rented: Offer, fields: Partial<Instance>) {
  made += 1;
  const id = sessionId(made);
  const base = { sessionId: id, offer: rented, state: 'gone', launchAttempts: 1 } as const;
  return session({ id, instances: [instance({ ...base, ...fields })] });
}

function failed(rented: Offer, code: FailureCode, at = START) {
  return ended(rented, { failure: { code, message: '' }, terminateAskedAt: at, intendedAt: at });
}

function ran(rented: Offer, at = START) {
  return ended(rented, { runningAt: at, intendedAt: at });
}

function confidenceIn(record: TrackRecord, rented: Offer, now = NOW): number {
  return record.estimated([{ ...rented, fetchedAt: now }], now)[0]?.availabilityConfidence ?? -1;
}

describe('the record', () => {
  test('leaves offers as they are where nothing is known, list and all', () => {
    const offers = [MACHINE, offer({ id: 'other', fetchedAt: NOW })];
    expect(new TrackRecord().estimated(offers, NOW)).toBe(offers);
  });

  test('tells the prior and the own estimate of an offer that was chosen', () => {
    const record = new TrackRecord();
    record.learn(failed(MACHINE, 'never_ready'), NOW);
    const [shown = MACHINE] = record.estimated([MACHINE], NOW);
    expect(shown.availabilityConfidence).toBeLessThan(0.4);
    const kept = record.withOdds(shown, MACHINE, NOW);
    expect(kept).toMatchObject({ ...shown, odds: { prior: 0.9 } });
    expect(kept.odds?.own).toBeLessThan(0.4);
  });

  test('tells nothing beside an offer of which nothing is known', () => {
    expect(new TrackRecord().withOdds(MACHINE, MACHINE, NOW)).toBe(MACHINE);
  });

  test('keeps the object of an estimate that stays the same', () => {
    const record = new TrackRecord();
    record.learn(failed(MACHINE, 'never_ready'), NOW);
    const list = [MACHINE];
    const [estimate] = record.estimated(list, NOW);
    expect(estimate).not.toBe(MACHINE);
    expect(record.estimated(list, NOW + 1)[0]).toBe(estimate);
  });

  test('does not take one attempt for two, and turns a success that was lost early into a failure', () => {
    const record = new TrackRecord();
    const running = ran(MACHINE);
    expect(record.learn(running, NOW)).toMatchObject([{ outcome: { kind: 'ran' } }]);
    expect(record.learn(running, NOW)).toStrictEqual([]);
    const before = confidenceIn(record, MACHINE);
    const lost = {
      ...running,
      instances: running.instances.map((one) => ({
        ...one,
        failure: { code: 'instance_lost', message: '' } as const,
        goneAt: START + 5 * MINUTE_MS,
      })),
    };
    expect(record.learn(lost, NOW)).toMatchObject([{ outcome: { kind: 'broken' }, hasRun: true }]);
    expect(confidenceIn(record, MACHINE)).toBeLessThan(before - 0.3);
    expect(record.near({ ...NOWHERE, machine: 'machine-1' })).toHaveLength(1);
  });

  test('a failure at one host leaves the others of its marketplace nearly where they were', () => {
    const record = new TrackRecord();
    const elsewhere = offer({ id: 'b', machineId: 'machine-9', hostId: 'host-9', fetchedAt: NOW });
    record.learn(failed(MACHINE, 'never_ready'), NOW);
    record.learn(failed({ ...MACHINE, machineId: 'machine-2' }, 'wrong_machine'), NOW);
    expect(confidenceIn(record, elsewhere)).toBeGreaterThan(0.7);
    expect(confidenceIn(record, offer({ id: 'beta-1', api: 'beta' }))).toBe(0.9);
  });

  test('hides a machine after two failures, and shows it again after a success', () => {
    const record = new TrackRecord();
    record.learn(failed(MACHINE, 'never_ready'), NOW);
    expect(record.hiddenMachines(NOW).size).toBe(0);
    record.learn(failed(MACHINE, 'no_driver'), NOW);
    expect([...record.hiddenMachines(NOW).keys()]).toStrictEqual(['machine-1']);
    const until = record.hiddenMachines(NOW).get('machine-1') ?? 0;
    expect(until).toBeGreaterThan(NOW + 10 * HOUR_MS);
    expect(record.hiddenMachines(until - 1).size).toBe(1);
    expect(record.hiddenMachines(until).size).toBe(0);
    record.learn(ran(MACHINE), NOW);
    expect(record.hiddenMachines(NOW).size).toBe(0);
  });

  test('forgets the oldest launches beyond its bound, and what is a week old', () => {
    const record = new TrackRecord();
    record.learn(failed(MACHINE, 'never_ready', START), NOW);
    const week = START + 7 * DAY_MS;
    record.learn(ran(offer({ id: 'new' }), week), week + HOUR_MS);
    expect(record.near({ ...NOWHERE, offer: 'alpha-1' })).toStrictEqual([]);
    for (let count = 0; count < MAX_LAUNCHES; count += 1)
      record.learn(ran(offer({ id: `o${count}` }), week), week + HOUR_MS);
    expect(record.near({ ...NOWHERE, offer: 'new' })).toStrictEqual([]);
    expect(record.near({ ...NOWHERE, offer: 'o0' })).toHaveLength(1);
    expect([...record.places()].filter(([level]) => level === 'offer')).toHaveLength(MAX_LAUNCHES);
  });

  test('recalls what earlier processes wrote down, and keeps what it has seen itself', () => {
    const [past] = failed(MACHINE, 'never_ready').instances;
    const mine = ran(MACHINE);
    const [same] = mine.instances;
    if (!past || !same) throw new Error('both have an attempt');
    const record = new TrackRecord();
    record.learn(mine, NOW);
    const order = { workload: { kind: 'ssh' } } as const;
    const { runningAt: _not, ...older } = same;
    const stale = { ...older, failure: { code: 'never_ready', message: '' } as const };
    record.recall(
      [past, stale].map((attempt) => ({ attempt, order })),
      NOW,
    );
    const kinds = record
      .near({ ...NOWHERE, machine: 'machine-1' })
      .map(({ outcome }) => outcome.kind);
    expect(kinds).toStrictEqual(['broken', 'ran']);
  });
});
