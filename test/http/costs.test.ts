import { describe, expect, it } from 'vitest';
import type { SummaryQuery } from '../../src/costs/cost-service.ts';
import { errorOf, problemsOf, SESSION_ID, world } from './http-world.ts';

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

const reconciled = {
  billed: 31_120_000,
  traffic: 840_000,
  estimated: 30_270_000,
  sessions: 9,
  asOf: Date.UTC(2026, 0, 29, 11, 45),
};
const RECONCILED = {
  billed_total: 31.12,
  traffic: 0.84,
  estimated_total: 30.27,
  drift: 0.01,
  sessions: 9,
  as_of: '2026-01-29T11:45:00Z',
};

describe('what providers have charged', () => {
  it.each(['/costs', `/costs?session_id=${SESSION_ID}`, '/costs/summary'])(
    'stands beside the estimate of %s, with the drift',
    async (path) => {
      const { total_cost: estimate } = (await world().inject(path)).json();
      const answer = (await world({ reconciled }).inject(path)).json();
      expect(answer.reconciled).toEqual(RECONCILED);
      expect(answer.total_cost).toBe(estimate);
    },
  );
});

describe('GET /costs of a session', () => {
  it('is one number', async () => {
    expect((await world().inject(`/costs?session_id=${SESSION_ID}`)).json()).toEqual({
      session_id: SESSION_ID,
      total_cost: 1.35,
      currency: 'USD',
    });
  });

  it.each(['sess-0000000000000000', 'anything'])('is 404 for %s', async (id) => {
    const answer = await world().inject(`/costs?session_id=${id}`);
    expect(answer.statusCode).toBe(404);
    expect(errorOf(answer).error_type).toBe('not_found');
  });

  it('stands alone', async () => {
    const answer = await world().inject(
      `/costs?session_id=${SESSION_ID}&consumer_id=me&start_date=2026-01-01&period=daily`,
    );
    expect(problemsOf(answer)).toEqual([
      'consumer_id: cannot be given together with session_id',
      'period: cannot be given together with session_id',
      'start_date: cannot be given together with session_id',
    ]);
  });
});

describe('GET /costs of a window', () => {
  it('sums up the current month by default', async () => {
    const answer = await world().inject('/costs?consumer_id=my-application');
    expect(answer.json()).toEqual({
      consumer_id: 'my-application',
      total_cost: 45.67,
      currency: 'USD',
      session_count: 12,
      hours_used: 98.5,
      by_provider: { vastai: 30, tensordock: 15.67 },
      by_gpu_type: { 'RTX 4090': 25, A100: 20.67 },
      period_start: '2026-01-01T00:00:00Z',
      period_end: '2026-01-31T23:59:59Z',
    });
  });

  it('adds the periods that were asked for', async () => {
    expect((await world().inject('/costs?period=daily')).json()).toMatchObject({
      periods: [
        {
          start: '2026-01-01T00:00:00Z',
          end: '2026-01-31T23:59:59Z',
          total_cost: 45.67,
          session_count: 12,
          hours_used: 98.5,
        },
      ],
    });
  });

  it.each([
    ['start_date=2026-01-10&end_date=2026-01-10', '2026-01-10', '2026-01-11'],
    ['start_date=2025-12-01&end_date=2026-01-15', '2025-12-01', '2026-01-16'],
    ['start_date=2025-12-20', '2025-12-20', '2026-02-01'],
    ['start_date=2026-03-20', '2026-03-20', '2026-04-01'],
    ['end_date=2026-01-15', '2026-01-01', '2026-01-16'],
    ['end_date=2025-11-15', '2025-11-01', '2025-11-16'],
    ['start_date=2024-02-29&end_date=2024-02-29', '2024-02-29', '2024-03-01'],
  ])('takes whole UTC days, both ends included: %s', async (query, from, to) => {
    const { inject, summaryQueries } = world();
    expect((await inject(`/costs?${query}`)).statusCode).toBe(200);
    expect(summaryQueries).toEqual([{ window: { from: day(from), to: day(to) } }]);
  });

  it.each([
    ['start_date=2026-01-02&end_date=2026-01-01', 'start_date: must not be after end_date'],
    ['start_date=2026-02-30', 'start_date: must be a date that exists'],
    ['end_date=2025-02-29', 'end_date: must be a date that exists'],
    ['start_date=01.02.2026', 'start_date: must be a date as YYYY-MM-DD'],
    ['start_date=', 'start_date: must be a date as YYYY-MM-DD'],
    ['period=weekly', 'period: must be one of daily, monthly'],
    ['session_id=', 'session_id: must not be empty'],
    ['start_date=2000-01-01', 'start_date: must be at most 3660 days before the end'],
    ['start_date=2024-01-01&period=daily', 'period: can be daily for at most 366 days'],
    ['stat_date=2024-01-01', 'stat_date: is not known; did you mean start_date?'],
  ])('refuses %s', async (query, problem) => {
    const { inject, summaryQueries } = world();
    const answer = await inject(`/costs?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([problem]);
    expect(summaryQueries).toEqual([]);
  });
});

describe('GET /costs/summary', () => {
  it('is the current month of everybody', async () => {
    const { inject, summaryQueries } = world();
    expect((await inject('/costs/summary')).json()).toMatchObject({ consumer_id: '' });
    expect(summaryQueries).toEqual([
      { window: { from: day('2026-01-01'), to: day('2026-02-01') } },
    ]);
  });

  it('can be of one consumer', async () => {
    const { inject, summaryQueries } = world();
    expect((await inject('/costs/summary?consumer_id=me')).json()).toMatchObject({
      consumer_id: 'me',
    });
    expect(summaryQueries[0]?.consumerId).toBe('me');
  });

  it('takes no dates', async () => {
    expect((await world().inject('/costs/summary?start_date=2026-01-01')).statusCode).toBe(400);
  });
});

it('tells hours to four decimals, and money exactly', async () => {
  const exact = { hoursUsed: 0.027818055555555554, totalCost: 12_346 };
  const summary = async ({ window }: SummaryQuery) => ({
    window,
    sessionCount: 1,
    byProvider: {},
    byGpuType: {},
    ...exact,
  });
  const { costs } = world().parts;
  const answer = await world({ costs: { ...costs, summary } }).inject('/costs/summary');
  expect(answer.json()).toMatchObject({ hours_used: 0.0278, total_cost: 0.012346 });
});
