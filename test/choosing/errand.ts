import { MIXES } from '../../src/simulator/vices.ts';
import type { MarketWorldOptions } from './market-world.ts';
import { STRATEGIES } from './strategies.ts';

export type MixName = keyof typeof MIXES;
export type StrategyName = keyof typeof STRATEGIES;

/** One world to be run, in words that can be sent to another process. */
export interface Errand {
  readonly seed: number;
  readonly mix: MixName;
  readonly strategy: StrategyName;
}

/**
 * A fifth of the offers of Vast.ai in early 2026, which had about 600, and a host for each GPU model at each of TensorDock's sites: its
 * scheduler picks the host, so that of two at one site the second could not be had. 25 consumers an hour take a fair part of what is good.
 */
const SIZE = {
  hosts: { vast: 120, tensordock: 31 },
  hours: 6,
  perHour: 25,
  /** The API takes 1 to 12: short ones are harder, as a failure costs more beside them. */
  reservationHours: [1, 2, 4],
} as const;

export function worldOf({ seed, mix, strategy }: Errand): MarketWorldOptions {
  return { ...SIZE, seed, mix: MIXES[mix], strategy: STRATEGIES[strategy] };
}

/** Worlds in which ways of choosing were tried out and improved. */
export const TUNING_SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
/** Worlds that nobody looked into before the figures were told. */
export const HELD_OUT_SEEDS = Array.from({ length: 12 }, (_, index) => 1_001 + index);
