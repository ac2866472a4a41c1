import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceAt, type Experience, shareLeft } from '../../../src/domain/odds/own-chance.ts';
import { placeOf } from '../../../src/domain/odds/place.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { offer, START } from '../../support/builders.ts';
import { HERE, launchAt } from './launches.ts';

const PLACE = placeOf(offer(HERE));
const at = (near: readonly Experience[], now = START) => chanceAt(PLACE, 0.6, { near, now });

/** Somewhere that has a level in common with HERE, or none. */
const WHERE = [
  HERE,
  { ...HERE, id: 'alpha-2' },
  { ...HERE, id: 'alpha-2', machineId: 'machine-2' },
  { ...HERE, id: 'alpha-2', machineId: 'machine-2', hostId: 'host-2' },
  { ...HERE, id: 'alpha-2', machineId: 'machine-2', hostId: 'host-2', gpuType: 'A100' },
] as const;
const somewhere = fc.constantFrom(...WHERE);
const past = fc.integer({ min: 0, max: 5 * DAY_MS }).map((ageMs) => START - ageMs);
const anyLaunch = fc
  .record({ where: somewhere, kind: fc.constantFrom('ran', 'gone', 'broken'), when: past })
  .map(({ where, kind, when }) => launchAt(where, { kind, at: when }));
const launches = fc.array(anyLaunch, { maxLength: 30 });
const NEAR_ENOUGH = 1e-9;

describe('what is believed of a launch', () => {
  test('is what its adapter knows where nothing was launched near by', () => {
    expect(at([])).toBe(0.6);
    expect(at([launchAt({ id: 'other' }, { kind: 'broken' })])).toBeCloseTo(0.6);
  });

  test('is never raised by a failure, nor lowered by a success', () => {
    fc.assert(
      fc.property(launches, somewhere, past, (near, where, when) => {
        const before = at(near);
        for (const kind of ['gone', 'broken'] as const) {
          const after = at([...near, launchAt(where, { kind, at: when })]);
          expect(after).toBeLessThanOrEqual(before + NEAR_ENOUGH);
        }
        const success = at([...near, launchAt(where, { kind: 'ran', at: when })]);
        expect(success).toBeGreaterThanOrEqual(before - NEAR_ENOUGH);
      }),
    );
  });

  test('stays a probability', () => {
    fc.assert(
      fc.property(launches, fc.double({ min: 0, max: 1, noNaN: true }), (near, prior) => {
        const chance = chanceAt(PLACE, prior, { near, now: START });
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('goes back to what the adapter knows as time passes, each day nearer', () => {
    fc.assert(
      fc.property(somewhere, fc.constantFrom('ran', 'gone', 'broken'), (where, kind) => {
        const near = [launchAt(where, { kind, at: START })];
        const distances = [0, 1, 2, 4, 30].map((days) =>
          Math.abs(at(near, START + days * DAY_MS) - 0.6),
        );
        const sorted = distances.toSorted((left, right) => right - left);
        expect(distances).toStrictEqual(sorted);
        expect(distances.at(-1)).toBeLessThan(0.001);
      }),
    );
  });

  test('a success of its own outweighs many failures at the same site', () => {
    const [, , , , siteOnly] = WHERE;
    const failures = Array.from({ length: 10 }, () => launchAt(siteOnly, { kind: 'broken' }));
    expect(at(failures)).toBeLessThan(0.25);
    expect(at([...failures, launchAt(HERE, { kind: 'ran' })])).toBeGreaterThan(0.6);
  });

  test('the nearer a failure, the lower it is', () => {
    const chances = WHERE.map((where) => at([launchAt(where, { kind: 'broken' })]));
    const [own, machine, host] = chances;
    expect(own).toBeCloseTo(machine ?? 0);
    expect(machine).toBeLessThan((host ?? 0) - 0.2);
    for (const wide of chances.slice(2)) expect(wide).toBeGreaterThan(0.4);
  });

  test('counts a launch once, at the most telling level that it shares', () => {
    const one = at([launchAt(HERE, { kind: 'broken', at: START })]);
    // Beta with a strength of 0.6: (0.6 * 0.6) / (0.6 + 1).
    expect(one).toBeCloseTo(0.36 / 1.6);
  });

  test('a machine that somebody else has got is not held against its host', () => {
    const [, , host] = WHERE;
    expect(at([launchAt(host, { kind: 'gone', at: START })])).toBeCloseTo(0.6);
    expect(at([launchAt(host, { kind: 'broken', at: START })])).toBeLessThan(0.55);
  });

  test('that an offer is gone is forgotten within a day, that its machine is broken is not', () => {
    const later = START + DAY_MS;
    expect(at([launchAt(HERE, { kind: 'gone', at: START })], later)).toBeGreaterThan(0.59);
    expect(at([launchAt(HERE, { kind: 'broken', at: START })], later)).toBeLessThan(0.3);
  });
});

describe('the age of a row', () => {
  test('takes nothing away within two refreshes, and more and more after them', () => {
    const machine = { machineId: 'machine-1' };
    const shares = [0, 2, 5, 10, 60].map((minutes) => shareLeft(machine, minutes * MINUTE_MS));
    expect(shares.slice(0, 2)).toStrictEqual([1, 1]);
    expect(shares[2]).toBeLessThan(1);
    expect(shares[3]).toBeCloseTo(0.758, 2);
    expect(shares[4]).toBeLessThan(0.2);
  });

  test('takes less from a site that has many machines', () => {
    expect(shareLeft({}, 10 * MINUTE_MS)).toBeGreaterThan(0.9);
  });

  test('of a clock that was set back is none', () => {
    expect(shareLeft({}, -HOUR_MS)).toBe(1);
  });
});
