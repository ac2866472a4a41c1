import { expect, test } from 'vitest';
import type { Instance } from '../../src/domain/instance.ts';
import type { Session } from '../../src/domain/session.ts';
import { DEPLOYMENT, instance, orphan, START, session } from '../support/builders.ts';
import { LeakMeter, type Lifetime } from './leak-meter.ts';

const ID = 'i-1';

test('an instance leaks from the commit that says that nobody wants it', () => {
  const { meter, at } = meterAt(0);
  meter.noteCommit(running());
  at(5_000);
  meter.noteCommit({ ...running(), stopAskedAt: START });
  expect(meter.leaks([machine({ goneAt: START + 12_000 })]).leakedMs).toEqual([7_000]);
});

test('one that goes while it is wanted leaks not at all', () => {
  const { meter } = meterAt(0);
  meter.noteCommit(running());
  expect(meter.leaks([machine({ goneAt: START + 12_000 })]).leakedMs).toEqual([0]);
});

test('one that no row ever wanted leaks from its first moment', () => {
  const { meter } = meterAt(30_000);
  expect(meter.leaks([machine({})]).leakedMs).toEqual([30_000]);
});

test('one that an old copy of the rows does not know leaks from when that took their place', () => {
  const { meter, at } = meterAt(0);
  meter.noteCommit(running());
  at(20_000);
  meter.goBackTo([]);
  expect(meter.leaks([machine({ goneAt: START + 50_000 })]).leakedMs).toEqual([30_000]);
});

test('one that waited for a person is counted apart', () => {
  const { meter } = meterAt(30_000);
  meter.noteOrphan(orphan({ providerInstanceId: ID, state: 'held', heldFor: 'over_limit' }));
  expect(meter.leaks([machine({})])).toEqual({ leakedMs: [], heldMs: [30_000] });
});

test('nobody else’s instances are counted', () => {
  const { meter } = meterAt(30_000);
  expect(meter.leaks([machine({ label: 'gpub-other1-aaaaaaaaaaaaaaaa-1' })]).leakedMs).toEqual([]);
});

function meterAt(ms: number) {
  let now = START + ms;
  const at = (later: number): void => {
    now = START + later;
  };
  return { meter: new LeakMeter(DEPLOYMENT, () => now), at };
}

function launched(): Instance {
  return instance({ state: 'launched', providerInstanceId: ID });
}

function running(): Session {
  return session({ status: 'running', runningAt: START, instances: [launched()] });
}

function machine(overrides: Partial<Lifetime>): Lifetime {
  return { id: ID, label: launched().tag, createdAt: START, goneAt: null, ...overrides };
}
