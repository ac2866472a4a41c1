import type { SessionId } from '../domain/ids.ts';
import type { MicroUsd, Span } from '../domain/money.ts';
import {
  DAY_MS,
  type EpochMs,
  HOUR_MS,
  MINUTE_MS,
  utcDayStart,
  utcMonthStart,
} from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { CostSums, Store } from '../ports/store.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { joined, type Reconciled } from './charge-book.ts';
import type { CostService, CostSummary, CostTotals, SummaryQuery } from './cost-service.ts';

/** What was charged changes every quarter of an hour, and its sums over many machines take long to reckon. */
const CHARGED_FOR_MS = MINUTE_MS;
const MAX_CHARGED = 1_000;

interface Charged {
  readonly readMs: number;
  readonly reconciled: Reconciled | undefined;
}

/** Reads the ledger, whose sums over what has ended the store keeps with its lines. */
export class Ledger implements CostService {
  readonly #store: Store;
  readonly #clock: Clock;
  /** By query. */
  readonly #charged = new BoundedMap<string, Charged>(MAX_CHARGED);

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
    const sums = await this.#sums(query, query.window, now);
    const reconciled = await this.#reconciled(query);
    const summary = {
      ...totals(sums, query.window),
      byProvider: sumBy(sums, (part) => part.provider),
      byGpuType: sumBy(sums, (part) => part.gpuType),
      ...(reconciled ? { reconciled } : {}),
    };
    if (query.period === undefined) return summary;
    const periods: CostTotals[] = [];
    for (const window of split(query.window, query.period)) {
      periods.push(totals(await this.#sums(query, window, now), window));
    }
    return { ...summary, periods };
  }

  currentMonth(): Span {
    const now = this.#clock.now();
    return { from: utcMonthStart(now), to: utcMonthStart(now, 1) };
  }

  async #reconciled({ consumerId, window }: SummaryQuery): Promise<Reconciled | undefined> {
    const query = { window, ...(consumerId === undefined ? {} : { consumerId }) };
    const key = JSON.stringify(query);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#charged.get(key);
    if (known && nowMs - known.readMs < CHARGED_FOR_MS) return known.reconciled;
    const reconciled = joined(await this.#store.reconciledCosts(query));
    this.#charged.set(key, { readMs: nowMs, reconciled });
    return reconciled;
  }

  #sums({ consumerId }: SummaryQuery, window: Span, now: EpochMs): Promise<CostSums> {
    const query = { window, ...(consumerId === undefined ? {} : { consumerId }) };
    return this.#store.costSums(query, now);
  }
}

function totals({ parts, sessions }: CostSums, window: Span): CostTotals {
  return {
    window,
    totalCost: parts.reduce((sum, part) => sum + part.cost, 0),
    sessionCount: sessions,
    hoursUsed: parts.reduce((sum, part) => sum + part.billedMs, 0) / HOUR_MS,
  };
}

function sumBy(
  { parts }: CostSums,
  keyOf: (part: CostSums['parts'][number]) => string,
): Record<string, MicroUsd> {
  const sums = new Map<string, MicroUsd>();
  for (const part of parts) sums.set(keyOf(part), (sums.get(keyOf(part)) ?? 0) + part.cost);
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
