import type { SessionId } from '../domain/ids.ts';
import type { MicroUsd, Span } from '../domain/money.ts';
import type { Reconciled } from './charge-book.ts';

/** Reads of the ledger. Dates are whole UTC days turned into a half-open span by the caller. */
export interface CostService {
  /** Undefined when there is no such session. */
  ofSession(id: SessionId): Promise<MicroUsd | undefined>;
  /** What providers have charged for the session's machines that are gone; undefined while none has said. */
  reconciledOf(id: SessionId): Promise<Reconciled | undefined>;
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
  /** Of the machines that ended in the window; undefined where no provider has said what it charged for any of them. */
  readonly reconciled?: Reconciled;
  /** One for each day or month of the window, when a period was asked for. */
  readonly periods?: readonly CostTotals[];
}
