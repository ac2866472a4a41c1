import type { Static } from '@sinclair/typebox';
import { driftOf, type Reconciled } from '../../costs/charge-book.ts';
import type { CostSummary, CostTotals } from '../../costs/cost-service.ts';
import type { SessionId } from '../../domain/ids.ts';
import { type MicroUsd, type Span, toUsd } from '../../domain/money.ts';
import { SECOND_MS, toRfc3339 } from '../../domain/time.ts';
import type {
  CostSummaryAnswer,
  ReconciledAnswer,
  SessionCostAnswer,
} from '../schemas/cost-schemas.ts';

export function sessionCostView(
  sessionId: SessionId,
  { cost, reconciled }: { readonly cost: MicroUsd; readonly reconciled: Reconciled | undefined },
): Static<typeof SessionCostAnswer> {
  return {
    session_id: sessionId,
    total_cost: toUsd(cost),
    currency: 'USD',
    ...(reconciled ? { reconciled: reconciledView(reconciled) } : {}),
  };
}

export function costSummaryView(
  summary: CostSummary,
  consumerId: string,
): Static<typeof CostSummaryAnswer> {
  return {
    consumer_id: consumerId,
    total_cost: toUsd(summary.totalCost),
    currency: 'USD',
    session_count: summary.sessionCount,
    hours_used: shownHours(summary.hoursUsed),
    by_provider: inUsd(summary.byProvider),
    by_gpu_type: inUsd(summary.byGpuType),
    period_start: toRfc3339(summary.window.from),
    period_end: lastSecond(summary.window),
    ...(summary.reconciled ? { reconciled: reconciledView(summary.reconciled) } : {}),
    ...(summary.periods ? { periods: summary.periods.map(periodView) } : {}),
  };
}

function reconciledView(reconciled: Reconciled): Static<typeof ReconciledAnswer> {
  return {
    billed_total: toUsd(reconciled.billed),
    traffic: toUsd(reconciled.traffic),
    estimated_total: toUsd(reconciled.estimated),
    drift: toUsd(driftOf(reconciled)),
    sessions: reconciled.sessions,
    as_of: toRfc3339(reconciled.asOf),
  };
}

function periodView(totals: CostTotals) {
  return {
    start: toRfc3339(totals.window.from),
    end: lastSecond(totals.window),
    total_cost: toUsd(totals.totalCost),
    session_count: totals.sessionCount,
    hours_used: shownHours(totals.hoursUsed),
  };
}

/** Callers name both ends of a window as days included, so its end is shown on the last of these days. */
function lastSecond(window: Span): string {
  return toRfc3339(window.to - SECOND_MS);
}

/** To a third of a second; the money is reckoned from the exact time. */
function shownHours(hours: number): number {
  return Math.round(hours * 10_000) / 10_000;
}

function inUsd(amounts: Readonly<Record<string, MicroUsd>>): Record<string, number> {
  return Object.fromEntries(Object.entries(amounts).map(([name, cost]) => [name, toUsd(cost)]));
}
