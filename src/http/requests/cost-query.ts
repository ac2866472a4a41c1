import type { Static } from '@sinclair/typebox';
import type { SummaryQuery } from '../../costs/cost-service.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { Span } from '../../domain/money.ts';
import { DAY_MS, type EpochMs, utcMonthStart } from '../../domain/time.ts';
import type { CostsQuery } from '../schemas/cost-schemas.ts';
import { type Problem, refuseProblems } from '../validation/problem.ts';
import { known } from '../views/known.ts';

type CostParameters = Static<typeof CostsQuery>;

export type CostQuestion =
  | { readonly kind: 'session'; readonly sessionId: SessionId }
  | { readonly kind: 'summary'; readonly query: SummaryQuery };

/** Days in the longest window, about ten years, and in the longest that is told day by day. */
const MAX_DAYS = 3660;
const MAX_DAILY_PERIODS = 366;

export function costQuestion(parameters: CostParameters, currentMonth: Span): CostQuestion {
  const window = windowOf(parameters, currentMonth);
  refuseProblems([
    ...aloneProblems(parameters),
    ...dateProblems(parameters),
    ...windowProblems(parameters, window),
  ]);
  if (parameters.session_id !== undefined) {
    return { kind: 'session', sessionId: parameters.session_id };
  }
  const { consumer_id: consumerId, period } = parameters;
  return { kind: 'summary', query: { window, ...known({ consumerId, period }) } };
}

function aloneProblems(parameters: CostParameters): readonly Problem[] {
  if (parameters.session_id === undefined) return [];
  return Object.keys(parameters)
    .filter((path) => path !== 'session_id')
    .map((path) => ({ path, message: 'cannot be given together with session_id' }));
}

function dateProblems(parameters: CostParameters): readonly Problem[] {
  const dates = [
    { path: 'start_date', text: parameters.start_date },
    { path: 'end_date', text: parameters.end_date },
  ];
  return dates
    .filter(({ text }) => text !== undefined && dayStart(text) === undefined)
    .map(({ path }) => ({ path, message: 'must be a date that exists' }));
}

function windowProblems(parameters: CostParameters, window: Span): readonly Problem[] {
  const days = (window.to - window.from) / DAY_MS;
  if (days <= 0) return [{ path: 'start_date', message: 'must not be after end_date' }];
  if (days > MAX_DAYS)
    return [{ path: 'start_date', message: `must be at most ${MAX_DAYS} days before the end` }];
  return parameters.period === 'daily' && days > MAX_DAILY_PERIODS
    ? [{ path: 'period', message: `can be daily for at most ${MAX_DAILY_PERIODS} days` }]
    : [];
}

/** An end that is not given is the month's: of the other end where that lies outside the current month, else the current. */
function windowOf(parameters: CostParameters, month: Span): Span {
  const start = dayStart(parameters.start_date);
  const lastDay = dayStart(parameters.end_date);
  const from = start ?? Math.min(month.from, utcMonthStart(lastDay ?? month.from));
  const to = lastDay === undefined ? Math.max(month.to, utcMonthStart(from, 1)) : lastDay + DAY_MS;
  return { from, to };
}

/** Start of the UTC day, or undefined for a date that the calendar does not have. */
function dayStart(text: string | undefined): EpochMs | undefined {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(`${text}T`) ? at : undefined;
}
