import type { MicroUsd } from '../domain/money.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProviderCost, ReconciledCosts, Store } from '../ports/store.ts';

/** What providers say they have charged, beside what the ledger says of the same machines. */
export interface Reconciled extends Omit<ProviderCost, 'provider'> {
  readonly sessions: number;
}

/** By how much the ledger was wrong, in micro-dollars: more than zero where too little was booked. */
export function driftOf({
  billed,
  traffic,
  estimated,
}: Pick<ProviderCost, 'billed' | 'traffic' | 'estimated'>): MicroUsd {
  return billed - traffic - estimated;
}

/** What the gauges show is of machines that ended within this time. */
const SHOWN_MS = 7 * DAY_MS;

/** What has been reconciled lately, for the gauges. */
export class ChargeBook {
  readonly #store: Pick<Store, 'reconciledCosts'>;
  readonly #clock: Clock;
  #lately: readonly ProviderCost[] = [];

  constructor(parts: { readonly store: Pick<Store, 'reconciledCosts'>; readonly clock: Clock }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
  }

  lately(): readonly ProviderCost[] {
    return this.#lately;
  }

  async takeStock(): Promise<void> {
    const now = this.#clock.now();
    const window = { from: now - SHOWN_MS, to: now };
    this.#lately = (await this.#store.reconciledCosts({ window })).byProvider;
  }
}

/** All marketplaces' rows as one; undefined where nothing has been reconciled. */
export function joined({ sessions, byProvider }: ReconciledCosts): Reconciled | undefined {
  if (byProvider.length === 0) return undefined;
  return {
    billed: byProvider.reduce((sum, row) => sum + row.billed, 0),
    traffic: byProvider.reduce((sum, row) => sum + row.traffic, 0),
    estimated: byProvider.reduce((sum, row) => sum + row.estimated, 0),
    sessions,
    asOf: Math.max(...byProvider.map((row) => row.asOf)),
  };
}
