import { describe, expect, test } from 'vitest';
import {
  accrue,
  agreedPrice,
  type BillingFact,
  type BillingRule,
  burnRate,
  closeLedger,
  ledgerTotal,
  ledgerWithin,
  openLedger,
  reopenLedger,
  samePrice,
} from '../../src/domain/billing.ts';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import { PRICE_PARTS, totalPerHour } from '../../src/domain/offer.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { START } from '../support/builders.ts';

/** The disk costs from creation on, the GPU while it runs, and the disk alone when stopped. */
const DISK_FIRST: BillingRule = {
  created: ['disk'],
  running: ['gpu', 'disk'],
  stopped: ['disk'],
};
/** Everything costs from creation to the end. */
const ALL_ALONG: BillingRule = { created: PRICE_PARTS, running: PRICE_PARTS, stopped: PRICE_PARTS };
const PRICE = { gpu: 360_000, cpu: 0, ram: 0, disk: 36_000 };

const at = (minutes: number): number => START + minutes * MINUTE_MS;

function fact(overrides: Partial<BillingFact> & Pick<BillingFact, 'at'>): BillingFact {
  return { phase: 'running', price: PRICE, isFirstLook: false, ...overrides };
}

function replay(rule: BillingRule, facts: readonly BillingFact[]): readonly CostEntry[] {
  return facts.reduce<readonly CostEntry[]>(
    (entries, next) => accrue(entries, rule, next),
    openLedger(rule, PRICE, START),
  );
}

function lines(entries: readonly CostEntry[], part: CostEntry['part']) {
  return entries
    .filter((entry) => entry.part === part)
    .map(({ startedAt, endedAt, rateMicroUsdPerHour }) => [
      (startedAt - START) / MINUTE_MS,
      endedAt === undefined ? undefined : (endedAt - START) / MINUTE_MS,
      rateMicroUsdPerHour,
    ]);
}

describe('the price that is billed', () => {
  const offered = { gpu: 300_000, cpu: 20_000, ram: 10_000, disk: 30_000 };
  const RUNS = { phase: 'running' } as const;
  /** Everything while it is held, the disk alone once it is not; the only sum told is what is charged now. */
  const SUM_OF_NOW: BillingRule = { ...ALL_ALONG, stopped: ['disk'], isSumOfNow: true };

  test("is the instance's own, part by part, where the provider shows it", () => {
    expect(agreedPrice(offered, { ...RUNS, price: PRICE, totalPerHour: 1 }, ALL_ALONG)).toBe(PRICE);
  });

  test('is the offered one where the provider shows none', () => {
    expect(agreedPrice(offered, RUNS, ALL_ALONG)).toBe(offered);
  });

  test('keeps the offered parts and puts the difference on the GPU, where only a sum is shown', () => {
    expect(agreedPrice(offered, { ...RUNS, totalPerHour: 400_000 }, ALL_ALONG)).toStrictEqual({
      ...offered,
      gpu: 340_000,
    });
  });

  test.each([0, 59_999, 60_000, 60_001, 1_000_000])(
    'adds up to a shown sum of %i, be it less than the other parts',
    (sum) => {
      expect(totalPerHour(agreedPrice(offered, { ...RUNS, totalPerHour: sum }, ALL_ALONG))).toBe(
        sum,
      );
    },
  );

  test('of a stopped machine whose disk alone is charged: the sum is that of the disk, and the rest waits', () => {
    const seen = { phase: 'stopped', totalPerHour: 33_000 } as const;
    expect(agreedPrice(offered, seen, SUM_OF_NOW)).toStrictEqual({ ...offered, disk: 33_000 });
  });

  test('of a stopped machine that still holds its GPUs is the sum of everything', () => {
    const seen = { phase: 'stopped', holdsGpus: true, totalPerHour: 400_000 } as const;
    expect(agreedPrice(offered, seen, SUM_OF_NOW)).toStrictEqual({ ...offered, gpu: 340_000 });
  });

  test('of a stopped machine stays what running was agreed to cost, where the sum told is that', () => {
    const seen = { phase: 'stopped', totalPerHour: 400_000 } as const;
    expect(agreedPrice(offered, seen, DISK_FIRST)).toStrictEqual({ ...offered, gpu: 340_000 });
  });

  test.each(['stopping', 'unknown'] as const)(
    'is not touched by the sum that is told while it is %s, which may be of anything',
    (phase) => {
      expect(agreedPrice(offered, { phase, totalPerHour: 1 }, SUM_OF_NOW)).toBe(offered);
    },
  );

  test('is the same only when every part is', () => {
    expect(samePrice(PRICE, { ...PRICE })).toBe(true);
    for (const part of PRICE_PARTS) {
      expect(samePrice(PRICE, { ...PRICE, [part]: PRICE[part] + 1 })).toBe(false);
    }
  });
});

describe('a new ledger', () => {
  test('has a line for each part that is charged from creation on, and no other', () => {
    expect(openLedger(DISK_FIRST, PRICE, START)).toStrictEqual([
      { part: 'disk', rateMicroUsdPerHour: 36_000, startedAt: START },
    ]);
    expect(openLedger(ALL_ALONG, PRICE, START).map(({ part }) => part)).toStrictEqual(PRICE_PARTS);
  });
});

describe('an instance is followed through its phases', () => {
  test('what is charged while running begins when it is seen running', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(1), phase: 'starting', isFirstLook: true }),
      fact({ at: at(3) }),
      fact({ at: at(4) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[3, undefined, 360_000]]);
    expect(lines(entries, 'disk')).toStrictEqual([[0, undefined, 36_000]]);
  });

  test('a look that comes late loses nothing, where the provider says since when it runs', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(1), phase: 'starting', isFirstLook: true }),
      fact({ at: at(30), runningSince: at(2) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[2, undefined, 360_000]]);
  });

  test('a running time before its creation, or after the look, is not believed', () => {
    const early = replay(DISK_FIRST, [
      fact({ at: at(5), isFirstLook: true, runningSince: at(-60) }),
    ]);
    expect(lines(early, 'gpu')).toStrictEqual([[0, undefined, 360_000]]);
    const late = replay(DISK_FIRST, [fact({ at: at(5), isFirstLook: true, runningSince: at(60) })]);
    expect(lines(late, 'gpu')).toStrictEqual([[5, undefined, 360_000]]);
  });

  test('the running time does not move what is charged from creation on anyway', () => {
    const entries = replay(ALL_ALONG, [
      fact({ at: at(5), isFirstLook: true, runningSince: at(4) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[0, undefined, 360_000]]);
  });

  test('stopped, it goes on to cost its disk alone; running again, the GPU as well', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(1), isFirstLook: true }),
      fact({ at: at(10), phase: 'stopped' }),
      fact({ at: at(30), runningSince: at(25) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([
      [1, 10, 360_000],
      [25, undefined, 360_000],
    ]);
    expect(lines(entries, 'disk')).toStrictEqual([[0, undefined, 36_000]]);
  });

  test('stopped with its GPUs held for it, it costs what it cost running, until they are given back', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(1), isFirstLook: true }),
      fact({ at: at(10), phase: 'stopped', holdsGpus: true }),
      fact({ at: at(20), phase: 'stopped' }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[1, 20, 360_000]]);
    expect(lines(entries, 'disk')).toStrictEqual([[0, undefined, 36_000]]);
  });

  test('a part that is charged again never begins before its last line ended', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(1), isFirstLook: true, runningSince: at(1) }),
      fact({ at: at(10), phase: 'starting' }),
      fact({ at: at(11), runningSince: at(1) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([
      [1, 10, 360_000],
      [10, undefined, 360_000],
    ]);
  });

  test('failed, it costs what it costs before it runs', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(1), isFirstLook: true }),
      fact({ at: at(10), phase: 'failed' }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[1, 10, 360_000]]);
    expect(lines(entries, 'disk')).toStrictEqual([[0, undefined, 36_000]]);
  });

  test.each(['stopping', 'unknown'] as const)('%s says nothing about the bill', (phase) => {
    const before = replay(DISK_FIRST, [fact({ at: at(1), isFirstLook: true })]);
    expect(accrue(before, DISK_FIRST, fact({ at: at(9), phase }))).toBe(before);
  });

  test('a look that brings nothing new changes no line', () => {
    const before = replay(DISK_FIRST, [fact({ at: at(1), isFirstLook: true })]);
    expect(accrue(before, DISK_FIRST, fact({ at: at(2) }))).toStrictEqual(before);
  });

  test('a clock that was set back closes no line before it began', () => {
    const before = replay(DISK_FIRST, [fact({ at: at(10), isFirstLook: true })]);
    const after = accrue(before, DISK_FIRST, fact({ at: at(5), phase: 'stopped' }));
    expect(lines(after, 'gpu')).toStrictEqual([[10, 10, 360_000]]);
  });
});

describe('what happened between two looks', () => {
  const seenBefore = at(8);
  const running = [fact({ at: at(1), isFirstLook: true, runningSince: at(1) })];

  test('a stop is dated to the middle between them', () => {
    const entries = replay(DISK_FIRST, [
      ...running,
      fact({ at: at(10), phase: 'stopped', seenBefore }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[1, 9, 360_000]]);
  });

  test('a new price holds from the middle, and nothing between the prices is left out', () => {
    const entries = replay(ALL_ALONG, [
      ...running,
      fact({ at: at(10), seenBefore, price: { ...PRICE, gpu: 720_000 } }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([
      [0, 9, 360_000],
      [9, undefined, 720_000],
    ]);
  });

  test('a start of which no time is told is dated to the middle', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(1), phase: 'starting', isFirstLook: true }),
      fact({ at: at(10), seenBefore }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[9, undefined, 360_000]]);
  });

  test('a stop and a start are found by the time since when it runs', () => {
    const entries = replay(DISK_FIRST, [
      ...running,
      fact({ at: at(30), seenBefore, runningSince: at(20) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([
      [1, 14, 360_000],
      [20, undefined, 360_000],
    ]);
    expect(lines(entries, 'disk')).toStrictEqual([[0, undefined, 36_000]]);
  });

  test('a machine that ran on is charged without a gap', () => {
    const entries = replay(DISK_FIRST, [
      ...running,
      fact({ at: at(30), seenBefore, runningSince: at(1) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[1, undefined, 360_000]]);
  });

  test('nothing is dated to before its line began, nor by a look before that is later', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(9), isFirstLook: true, runningSince: at(9) }),
      fact({ at: at(10), phase: 'stopped', seenBefore: at(2) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[9, 9.5, 360_000]]);
    const late = replay(DISK_FIRST, [
      ...running,
      fact({ at: at(10), phase: 'stopped', seenBefore: at(60) }),
    ]);
    expect(lines(late, 'gpu')).toStrictEqual([[1, 10, 360_000]]);
  });

  test('a look that is older than an end charges nothing before it', () => {
    const entries = replay(DISK_FIRST, [
      ...running,
      fact({ at: at(10), phase: 'stopped' }),
      fact({ at: at(9), runningSince: at(1) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([
      [1, 10, 360_000],
      [10, undefined, 360_000],
    ]);
  });
});

describe('while nothing is heard from its host', () => {
  const AWAY: BillingRule = { ...DISK_FIRST, away: [] };
  const gone = { phase: 'unknown', isAway: true } as const;
  const back = { runningSince: at(0), isBack: true };

  test('nothing is charged where the provider says so, and all of it from when it is back', () => {
    const entries = replay(AWAY, [
      fact({ at: at(0) }),
      fact({ at: at(10), ...gone }),
      fact({ at: at(30), ...back }),
      fact({ at: at(40), runningSince: at(0) }),
    ]);
    expect(lines(entries, 'gpu')).toEqual([
      [0, 10, PRICE.gpu],
      [30, undefined, PRICE.gpu],
    ]);
    expect(lines(entries, 'disk')).toEqual([
      [0, 10, PRICE.disk],
      [30, undefined, PRICE.disk],
    ]);
  });

  test('its leaving and its coming back are dated to the middle between two looks', () => {
    const entries = replay(AWAY, [
      fact({ at: at(0) }),
      fact({ at: at(10), seenBefore: at(8), ...gone }),
      fact({ at: at(30), seenBefore: at(28), ...back }),
    ]);
    expect(lines(entries, 'gpu')).toEqual([
      [0, 9, PRICE.gpu],
      [29, undefined, PRICE.gpu],
    ]);
  });

  test('a bill of which the provider says nothing for that time runs on', () => {
    const entries = replay(DISK_FIRST, [fact({ at: at(0) }), fact({ at: at(10), ...gone })]);
    expect(lines(entries, 'gpu')).toEqual([[0, undefined, PRICE.gpu]]);
  });
});

test('on the way to a stop, what ceases then is not charged where the provider says so', () => {
  const rule: BillingRule = { ...DISK_FIRST, stopping: ['disk'] };
  const entries = replay(rule, [
    fact({ at: at(1), isFirstLook: true }),
    fact({ at: at(10), phase: 'stopping' }),
    fact({ at: at(11), phase: 'stopped' }),
  ]);
  expect(lines(entries, 'gpu')).toStrictEqual([[1, 10, 360_000]]);
});

describe('a creation time that the provider shows', () => {
  test.each([
    ['earlier', -2],
    ['later', 2],
    ['equal', 0],
  ])('moves the first lines to it when %s than assumed', (_, minutes) => {
    const entries = replay(ALL_ALONG, [
      fact({ at: at(5), isFirstLook: true, createdAt: at(minutes) }),
    ]);
    for (const part of PRICE_PARTS) {
      expect(lines(entries, part)).toStrictEqual([[minutes, undefined, PRICE[part]]]);
    }
  });

  test('counts at the first look alone: a provider that changes its mind later moves no money', () => {
    const entries = replay(ALL_ALONG, [
      fact({ at: at(5), isFirstLook: true, createdAt: at(1) }),
      fact({ at: at(6), createdAt: at(-50) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[1, undefined, 360_000]]);
  });

  test('moves nothing when there is no line to move', () => {
    const nothing: BillingRule = { created: [], running: ['gpu'], stopped: [] };
    const entries = replay(nothing, [
      fact({ at: at(5), isFirstLook: true, createdAt: at(1), runningSince: at(2) }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([[2, undefined, 360_000]]);
  });

  test('leaves a line that began after it where it is', () => {
    const first = openLedger(DISK_FIRST, PRICE, START);
    const later: CostEntry = { part: 'gpu', rateMicroUsdPerHour: 1, startedAt: at(4) };
    const entries = accrue(
      [...first, later],
      DISK_FIRST,
      fact({ at: at(5), isFirstLook: true, createdAt: at(2) }),
    );
    expect(lines(entries, 'disk')).toStrictEqual([[2, undefined, 36_000]]);
    expect(lines(entries, 'gpu')).toStrictEqual([[4, undefined, 360_000]]);
  });

  test('that lies after the end of a line leaves it without length, and not with a negative one', () => {
    const closed = closeLedger(openLedger(DISK_FIRST, PRICE, START), at(3));
    const entries = accrue(
      closed,
      DISK_FIRST,
      fact({ at: at(5), phase: 'starting', isFirstLook: true, createdAt: at(4) }),
    );
    expect(lines(entries, 'disk')).toStrictEqual([
      [3, 3, 36_000],
      [5, undefined, 36_000],
    ]);
  });
});

describe('a price that changes', () => {
  const dearer = { ...PRICE, gpu: 720_000 };

  test('is charged from the look that shows it, and what was charged stays', () => {
    const entries = replay(ALL_ALONG, [
      fact({ at: at(1), isFirstLook: true }),
      fact({ at: at(60), price: dearer }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([
      [0, 60, 360_000],
      [60, undefined, 720_000],
    ]);
    expect(lines(entries, 'disk')).toStrictEqual([[0, undefined, 36_000]]);
    expect(ledgerTotal(entries, at(120))).toBe(360_000 + 720_000 + 72_000);
  });

  test('has held since creation, when the first look shows another one than the offer', () => {
    const entries = replay(ALL_ALONG, [fact({ at: at(30), price: dearer, isFirstLook: true })]);
    expect(lines(entries, 'gpu')).toStrictEqual([[0, undefined, 720_000]]);
  });

  test('twice in one moment leaves no line without length', () => {
    const entries = replay(ALL_ALONG, [
      fact({ at: at(1), isFirstLook: true }),
      fact({ at: at(60), price: dearer }),
      fact({ at: at(60), price: { ...PRICE, gpu: 540_000 } }),
    ]);
    expect(lines(entries, 'gpu')).toStrictEqual([
      [0, 60, 360_000],
      [60, undefined, 540_000],
    ]);
  });
});

describe('the end of a ledger', () => {
  test('closes every open line, none before it began, and leaves closed ones alone', () => {
    const entries: CostEntry[] = [
      { part: 'gpu', rateMicroUsdPerHour: 1, startedAt: at(0), endedAt: at(1) },
      { part: 'gpu', rateMicroUsdPerHour: 2, startedAt: at(1) },
      { part: 'disk', rateMicroUsdPerHour: 3, startedAt: at(9) },
    ];
    expect(closeLedger(entries, at(5)).map(({ endedAt }) => endedAt)).toStrictEqual([
      at(1),
      at(5),
      at(9),
    ]);
  });

  test('that came too early is undone: the lines run on as if it had never been', () => {
    const entries = replay(DISK_FIRST, [
      fact({ at: at(1), isFirstLook: true }),
      fact({ at: at(10), phase: 'stopped' }),
    ]);
    expect(reopenLedger(closeLedger(entries, at(20)))).toStrictEqual(entries);
  });

  test('undone, it charges no part twice, even when a price changed in the moment of the end', () => {
    const changed = replay(ALL_ALONG, [
      fact({ at: at(1), isFirstLook: true }),
      fact({ at: at(20), price: { ...PRICE, gpu: 720_000 } }),
    ]);
    const reopened = reopenLedger(closeLedger(changed, at(20)));
    expect(reopened).toStrictEqual(changed);
    expect(burnRate(reopened)).toBe(720_000 + 36_000);
  });

  test('undone where nothing was ever charged, there is still nothing', () => {
    expect(reopenLedger([])).toStrictEqual([]);
  });
});

test('what runs up now is the sum of the open lines', () => {
  const entries = replay(DISK_FIRST, [
    fact({ at: at(1), isFirstLook: true }),
    fact({ at: at(10), phase: 'stopped' }),
  ]);
  expect(burnRate(entries)).toBe(36_000);
  expect(burnRate(closeLedger(entries, at(11)))).toBe(0);
});

test('a line that begins in the future costs nothing yet, in any window', () => {
  const entries = openLedger(DISK_FIRST, PRICE, at(60));
  expect(ledgerTotal(entries, START)).toBe(0);
  expect(ledgerWithin(entries, { from: START, to: START + HOUR_MS }, START)).toBe(0);
});
