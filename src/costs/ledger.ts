import type { SessionId } from '../domain/ids.ts';
import type { MicroUsd, Span } from '../domain/money.ts';
import { DAY_MS, type EpochMs, HOUR_MS, utcDayStart, utcMonthStart } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { CostRow, Store } from '../ports/store.ts';
import { joined, type Reconciled } from './charge-book.ts';
import type { CostService, CostSummary, CostTotals, SummaryQuery } from './cost-service.ts';

/** Reads the ledger; nothing is stored in sums, so nothing can drift from its lines. */
export class Ledger implements CostService {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  ofSession(id: SessionId): Promise<MicroUsd | undefined> {
    return this.#store.sessionCost(id, this.#clock.now());
  }

  async reconciledOf(sessionId: SessionId): Promise<Reconciled | undefined> {
    return joined(await this.#store.reconciledCosts({ sessionId }));
  }

  /** One moment for the whole and all its periods, so that they add up while lines run on. */
  async summary(query: SummaryQuery): Promise<CostSummary> {
    const now = this.#clock.now();
    const rows = await this.#rows(query, query.window, now);
    const reconciled = await this.#reconciled(query);
    const summary = {
      ...totals(rows, query.window),
      byProvider: sumBy(rows, (row) => row.provider),
      byGpuType: sumBy(rows, (row) => row.gpuType),
      ...(reconciled ? { reconciled } : {}),
    };
    if (query.period === undefined) return summary;
    const periods: CostTotals[] = [];
    for (const window of split(query.window, query.period)) {
      periods.push(totals(await this.#rows(query, window, now), window));
    }
    return { ...summary, periods };
  }

  currentMonth(): Span {
    const now = this.#clock.now();
    return { from: utcMonthStart(now), to: utcMonthStart(now, 1) };
  }

  async #reconciled({ consumerId, window }: SummaryQuery): Promise<Reconciled | undefined> {
    const query = { window, ...(consumerId === undefined ? {} : { consumerId }) };
    return joined(await this.#store.reconciledCosts(query));
  }

  #rows(query: SummaryQuery, window: Span, now: EpochMs): Promise<readonly CostRow[]> {
    const { consumerId } = query;
    return this.#store.costs({ window, ...(consumerId === undefined ? {} : { consumerId }) }, now);
  }
}

function totals(rows: readonly CostRow[], window: Span): CostTotals {
  return {
    window,
    totalCost: rows.reduce((sum, row) => sum + row.cost, 0),
    sessionCount: new Set(rows.map((row) => row.sessionId)).size,
    hoursUsed: rows.reduce((sum, row) => sum + row.billedMs, 0) / HOUR_MS,
  };
}

function sumBy(
  rows: readonly CostRow[],
  keyOf: (row: CostRow) => string,
): Record<string, MicroUsd> {
  const sums = new Map<string, MicroUsd>();
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0) + row.cost);
  return Object.fromEntries([...sums].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The window's UTC days or months, the first and last cut to the window. */
function split(window: Span, period: 'daily' | 'monthly'): Span[] {
  const next = (at: number): number =>
    period === 'daily' ? utcDayStart(at) + DAY_MS : utcMonthStart(at, 1);
  const spans: Span[] = [];
  for (let from = window.from; from < window.to; from = next(from)) {
    spans.push({ from, to: Math.min(next(from), window.to) });
  }
  return spans;
}
