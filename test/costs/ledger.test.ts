import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Ledger } from '../../src/costs/ledger.ts';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import { DAY_MS, HOUR_MS, toRfc3339 } from '../../src/domain/time.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { DEPLOYMENT, instance, offer, request, session, sessionId } from '../support/builders.ts';
import { manualClock } from '../support/manual-clock.ts';

const JANUARY = Date.UTC(2026, 0, 1);
const FEBRUARY = Date.UTC(2026, 1, 1);
const RATE = 360_000;

let store: Store;

beforeEach(async () => {
  ({ store } = await openStore({ path: ':memory:', newDeploymentId: () => DEPLOYMENT }));
});

afterEach(() => store.close());

function line(startedAt: number, endedAt?: number): CostEntry {
  const open = { part: 'gpu' as const, rateMicroUsdPerHour: RATE, startedAt };
  return endedAt === undefined ? open : { ...open, endedAt };
}

interface Kept {
  readonly consumerId?: string;
  readonly provider?: string;
  readonly gpuType?: string;
  readonly costs: readonly CostEntry[];
}

let made = 0;

async function keep({ consumerId = 'c1', provider = 'alpha', gpuType = 'A100', costs }: Kept) {
  made += 1;
  const id = sessionId(made);
  const rented = offer({ id: `${provider}-1`, provider, api: provider, gpuType });
  const one = instance({ sessionId: id, offer: rented, state: 'launched', costs });
  await store.create({
    session: session({ id, request: request({ consumerId }), instances: [one] }),
    events: [],
  });
  return id;
}

function ledgerAt(now: number, clock: Clock = manualClock({ startAt: now })): Ledger {
  return new Ledger(store, clock);
}

const days = (number: number) => JANUARY + number * DAY_MS;

test('a session costs what its lines come to by now; one that nobody knows costs nothing at all', async () => {
  const id = await keep({ costs: [line(days(1), days(1) + HOUR_MS), line(days(2))] });
  expect(await ledgerAt(days(2) + 2 * HOUR_MS).ofSession(id)).toBe(3 * RATE);
  expect(await ledgerAt(days(2)).ofSession(sessionId(999_999))).toBeUndefined();
});

describe('a summary', () => {
  test('counts cost, sessions and hours by provider and by GPU type', async () => {
    await keep({ costs: [line(days(1), days(1) + HOUR_MS)] });
    await keep({ provider: 'beta', costs: [line(days(2), days(2) + 2 * HOUR_MS)] });
    await keep({ gpuType: 'H100', costs: [line(days(3), days(3) + 3 * HOUR_MS)] });
    const window = { from: JANUARY, to: FEBRUARY };
    expect(await ledgerAt(FEBRUARY).summary({ window })).toStrictEqual({
      window,
      totalCost: 6 * RATE,
      sessionCount: 3,
      hoursUsed: 6,
      byProvider: { alpha: 4 * RATE, beta: 2 * RATE },
      byGpuType: { A100: 3 * RATE, H100: 3 * RATE },
    });
  });

  test('is one consumer’s own where one is named', async () => {
    await keep({ costs: [line(days(1), days(1) + HOUR_MS)] });
    await keep({ consumerId: 'c2', costs: [line(days(1), days(1) + 2 * HOUR_MS)] });
    const window = { from: JANUARY, to: FEBRUARY };
    const summary = await ledgerAt(FEBRUARY).summary({ window, consumerId: 'c2' });
    expect(summary).toMatchObject({ totalCost: 2 * RATE, sessionCount: 1, hoursUsed: 2 });
  });

  test('of a window takes only what falls into it', async () => {
    await keep({ costs: [line(days(1) - HOUR_MS, days(1) + HOUR_MS)] });
    const window = { from: days(1), to: days(2) };
    const summary = await ledgerAt(FEBRUARY).summary({ window });
    expect(summary).toMatchObject({ totalCost: RATE, hoursUsed: 1 });
  });

  test('of nothing is nothing, with every day of it where days were asked for', async () => {
    const window = { from: days(0), to: days(2) };
    expect(await ledgerAt(FEBRUARY).summary({ window, period: 'daily' })).toMatchObject({
      totalCost: 0,
      sessionCount: 0,
      hoursUsed: 0,
      byProvider: {},
      byGpuType: {},
      periods: [{ totalCost: 0 }, { totalCost: 0 }],
    });
  });

  test('shows what runs up now at once', async () => {
    await keep({ costs: [line(days(1))] });
    const window = { from: JANUARY, to: FEBRUARY };
    const summary = await ledgerAt(days(1) + 1_000).summary({ window });
    expect(summary.totalCost).toBe(100);
  });
});

describe('the periods of a summary', () => {
  const starts = (spans: readonly { readonly window: { readonly from: number } }[] | undefined) =>
    spans?.map(({ window }) => toRfc3339(window.from));

  test('are the UTC days of the window, the first and the last cut to it', async () => {
    const window = { from: days(1) + HOUR_MS, to: days(3) + HOUR_MS };
    const { periods } = await ledgerAt(FEBRUARY).summary({ window, period: 'daily' });
    expect(starts(periods)).toStrictEqual([
      '2026-01-02T01:00:00Z',
      '2026-01-03T00:00:00Z',
      '2026-01-04T00:00:00Z',
    ]);
    expect(periods?.at(-1)?.window.to).toBe(window.to);
  });

  test('are the UTC months of the window, whatever their length', async () => {
    const window = { from: Date.UTC(2025, 10, 15), to: Date.UTC(2026, 2, 1) };
    const { periods } = await ledgerAt(FEBRUARY).summary({ window, period: 'monthly' });
    expect(starts(periods)).toStrictEqual([
      '2025-11-15T00:00:00Z',
      '2025-12-01T00:00:00Z',
      '2026-01-01T00:00:00Z',
      '2026-02-01T00:00:00Z',
    ]);
  });

  test('split a session over midnight, and count it in both days', async () => {
    await keep({ costs: [line(days(1) - HOUR_MS, days(1) + 2 * HOUR_MS)] });
    const window = { from: days(0), to: days(2) };
    const { periods } = await ledgerAt(FEBRUARY).summary({ window, period: 'daily' });
    expect(periods).toMatchObject([
      { totalCost: RATE, sessionCount: 1, hoursUsed: 1 },
      { totalCost: 2 * RATE, sessionCount: 1, hoursUsed: 2 },
    ]);
  });

  test('sum to the total exactly, to the micro-dollar', async () => {
    const costs = [0, 1, 2].map((number) => ({
      ...line(days(number) + 777, days(number + 2) + 12_345),
      rateMicroUsdPerHour: 333_333,
    }));
    for (const cost of costs) await keep({ costs: [cost] });
    const window = { from: days(0), to: days(9) };
    const { totalCost, periods } = await ledgerAt(FEBRUARY).summary({ window, period: 'daily' });
    expect(periods?.reduce((sum, one) => sum + one.totalCost, 0)).toBe(totalCost);
  });

  test('sum to the total exactly while lines run up and time goes on between the reads', async () => {
    await keep({ costs: [line(days(1))] });
    const clock = manualClock({ startAt: days(3) });
    const hurried: Clock = {
      ...clock,
      now: () => {
        clock.jump(HOUR_MS);
        return clock.now();
      },
    };
    const window = { from: days(0), to: days(9) };
    const summary = await ledgerAt(0, hurried).summary({ window, period: 'daily' });
    expect(summary.periods?.reduce((sum, one) => sum + one.totalCost, 0)).toBe(summary.totalCost);
  });
});

test('the current month is that of the clock, in UTC and half open', () => {
  expect(ledgerAt(FEBRUARY - 1).currentMonth()).toStrictEqual({ from: JANUARY, to: FEBRUARY });
  expect(ledgerAt(FEBRUARY).currentMonth().from).toBe(FEBRUARY);
});
