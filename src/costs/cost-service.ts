import type { SessionId } from '../domain/ids.ts';
import type { MicroUsd, Span } from '../domain/money.ts';

/** Reads of the ledger. Dates are whole UTC days turned into a half-open span by the caller. */
export interface CostService {
  /** Undefined when there is no such session. */
  ofSession(id: SessionId): Promise<MicroUsd | undefined>;
  summary(query: SummaryQuery): Promise<CostSummary>;
  /** The current UTC month, half open. */
  currentMonth(): Span;
}

export interface SummaryQuery {
  readonly consumerId?: string;
  readonly window: Span;
  readonly period?: 'daily' | 'monthly';
}

export interface CostTotals {
  readonly window: Span;
  readonly totalCost: MicroUsd;
  readonly sessionCount: number;
  readonly hoursUsed: number;
}

export interface CostSummary extends CostTotals {
  readonly byProvider: Readonly<Record<string, MicroUsd>>;
  readonly byGpuType: Readonly<Record<string, MicroUsd>>;
  /** One for each day or month of the window, when a period was asked for. */
  readonly periods?: readonly CostTotals[];
}
