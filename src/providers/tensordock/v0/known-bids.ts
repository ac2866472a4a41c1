import type { MicroUsd } from '../../../domain/money.ts';
import { type EpochMs, HOUR_MS } from '../../../domain/time.ts';

/** What has been heard of the bids for one offer; micro-dollars an hour for the machine without its disk. */
export interface KnownBids {
  /** The least that was said to be taken. */
  readonly taken?: MicroUsd;
  /** The most that was said not to be. */
  readonly refused?: MicroUsd;
  readonly heardAt: EpochMs;
}

/** The market's answer to one bid. */
export interface HeardBid {
  readonly bid: MicroUsd;
  readonly isTaken: boolean;
  /** What would be taken, where that was told. */
  readonly suggested?: MicroUsd;
  readonly at: EpochMs;
}

/** Bids move: what is older says nothing. It need not be fresh, as each bid is tried before it is made. */
export const HEARD_FOR_MS = HOUR_MS;

/** Near enough to the least bid, as a share of what the machine costs on demand. */
const NEAR = 1 / 16;

/** What is known after another answer; what that contradicts is forgotten. */
export function withHeard(before: KnownBids | undefined, heard: HeardBid): KnownBids {
  const { bid, isTaken, suggested = 0, at } = heard;
  const yes = isTaken ? bid : suggested > bid ? suggested : undefined;
  const no = isTaken ? undefined : bid;
  const taken = [yes, before?.taken].filter((one) => one !== undefined);
  const refused = [no, before?.refused].filter((one) => one !== undefined);
  const leastTaken = Math.min(...taken.filter((one) => no === undefined || one > no));
  const mostRefused = Math.max(...refused.filter((one) => yes === undefined || one < yes));
  return {
    heardAt: at,
    ...(Number.isFinite(leastTaken) ? { taken: leastTaken } : {}),
    ...(Number.isFinite(mostRefused) ? { refused: mostRefused } : {}),
  };
}

/** The bid whose answer would tell most; undefined when enough is known. */
export function bidToTry(known: KnownBids | undefined, onDemand: MicroUsd): MicroUsd | undefined {
  const low = known?.refused ?? 0;
  const high = known?.taken ?? onDemand;
  if (high - low > onDemand * NEAR) return Math.round((low + high) / 2);
  // Nobody has said yes so far: the price on demand is the last that is worth trying.
  return known?.taken === undefined && low < onDemand ? onDemand : undefined;
}
