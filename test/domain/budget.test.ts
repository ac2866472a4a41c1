import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  balanceLeft,
  lastsForMs,
  NOTHING_COMMITTED,
  reservationOf,
  resumptionOf,
  shortfallOf,
} from '../../src/domain/budget.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { instance, offer, request, START } from '../support/builders.ts';

const USD = 1_000_000;
const balance = (usd: number, at = START) => ({ amount: usd * USD, at });

describe('a balance', () => {
  test('is less by what ran up since it was read', () => {
    expect(balanceLeft(balance(10), 2 * USD, START + 30 * MINUTE_MS)).toBe(9 * USD);
  });

  test('lasts as long as what runs up now lets it, and not less than no time', () => {
    expect(lastsForMs(balance(10), 2 * USD, START)).toBe(5 * HOUR_MS);
    expect(lastsForMs(balance(10), 2 * USD, START + HOUR_MS)).toBe(4 * HOUR_MS);
    expect(lastsForMs(balance(-1), 2 * USD, START)).toBe(0);
    expect(lastsForMs(balance(10), 0, START)).toBeUndefined();
  });
});

describe('what an account lacks for a launch', () => {
  // 0.40 USD an hour for two hours.
  const lacks = (
    usd: number,
    commitment: Partial<typeof NOTHING_COMMITTED> = {},
    asked: Parameters<typeof request>[0] = {},
  ) =>
    shortfallOf(
      { balance: balance(usd), commitment: { ...NOTHING_COMMITTED, ...commitment }, now: START },
      reservationOf(offer(), request({ reservationHours: 2, ...asked })),
    );

  test('is nothing when it pays for the whole reservation, to the cent', () => {
    expect(lacks(0.8)).toBeUndefined();
    expect(lacks(0.79)).toEqual({ needed: 800_000, balance: 790_000 });
  });

  test('counts what is promised to reservations that are open', () => {
    expect(lacks(1.8, { promised: USD })).toBeUndefined();
    expect(lacks(1.7, { promised: USD })).toEqual({ needed: 1_800_000, balance: 1_700_000 });
  });

  test('counts kept disks for as long as the new reservation lasts', () => {
    const kept = { keptPerHour: 50_000, burnPerHour: 50_000 };
    expect(lacks(0.9, kept)).toBeUndefined();
    expect(lacks(0.89, kept)).toMatchObject({ needed: 900_000 });
  });

  test('counts the disk of a machine that is to run again once, and at its own price', () => {
    const line = { part: 'disk', rateMicroUsdPerHour: 20_000, startedAt: START } as const;
    const over = { ...line, part: 'gpu', endedAt: START } as const;
    const price = { gpu: 480_000, cpu: 0, ram: 0, disk: 20_000 };
    const resumption = resumptionOf(instance({ price, costs: [over, line] }), 3);
    const needed = (keptPerHour: number) =>
      shortfallOf(
        { balance: balance(0), commitment: { ...NOTHING_COMMITTED, keptPerHour }, now: START },
        resumption,
      )?.needed;
    expect(needed(20_000)).toBe(3 * 500_000);
    expect(needed(50_000)).toBe(3 * 530_000);
    // Where the rows were read before the disk was kept.
    expect(needed(0)).toBe(3 * 500_000);
  });

  test('is reckoned with the disk and the bid that are asked for', () => {
    expect(lacks(0.8, {}, { diskGb: 500 })).toMatchObject({ needed: 2 * (380_000 + 200_000) });
    expect(lacks(0.5, {}, { bidPerHour: 200_000 })).toBeUndefined();
  });

  test('only grows with what is committed, and is never said where twice as much is there', () => {
    fc.assert(
      fc.property(fc.nat(1e8), fc.nat(1e8), fc.nat(1e6), (promised, more, keptPerHour) => {
        const few = lacks(20, { promised, keptPerHour });
        const many = lacks(20, { promised: promised + more, keptPerHour });
        if (few) expect(many?.needed).toBeGreaterThanOrEqual(few.needed);
        if (many) expect(lacks((many.needed * 2) / USD, { promised, keptPerHour })).toBeUndefined();
      }),
    );
  });
});
