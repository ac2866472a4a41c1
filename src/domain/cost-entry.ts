import type { MicroUsd } from './money.ts';
import type { PricePart } from './offer.ts';
import type { EpochMs } from './time.ts';

/** One line of the ledger: one part of the price at one rate over one span. An open line accrues until it is closed. */
export interface CostEntry {
  readonly part: PricePart;
  readonly rateMicroUsdPerHour: MicroUsd;
  readonly startedAt: EpochMs;
  readonly endedAt?: EpochMs;
}
