import type { SimBillParts, SimMs } from './model.ts';

/** Whole micro-dollars an hour (rates) or whole micro-dollars (bills), part by part. */
export type MicroParts = SimBillParts;

export const NOTHING: MicroParts = { gpu: 0, cpu: 0, ram: 0, disk: 0 };

/**
 * One instance's bill. Rates are constant between two changes, so the bill is a sum of rate × span, kept whole
 * (in micro-dollar-milliseconds an hour) and rounded once, at the reading: no order of reads changes it.
 */
export interface Meter {
  /** From `at` on these rates hold. `at` is never before the last change. */
  change(at: SimMs, rates: MicroParts): void;
  rates(): MicroParts;
  /** Rounded half up, part by part. */
  total(at: SimMs): MicroParts;
  /** What fell into `[from, to)`; spans that touch add up to their whole exactly. */
  within(from: SimMs, to: SimMs): MicroParts;
}

/** From `since` on these rates held. */
interface Leg {
  readonly since: SimMs;
  readonly rates: MicroParts;
}

const HOUR_MS = 3_600_000n;
const PARTS = ['gpu', 'cpu', 'ram', 'disk'] as const;
type Part = (typeof PARTS)[number];

export function createMeter(startedAt: SimMs, initial: MicroParts): Meter {
  const legs: Leg[] = [{ since: startedAt, rates: initial }];
  const last = (): Leg => legs.at(-1) ?? { since: startedAt, rates: initial };
  const total = (at: SimMs): MicroParts => byPart((part) => toMicroUsd(upTo(legs, part, at)));
  return {
    change(at, rates) {
      legs.push({ since: Math.max(last().since, at), rates });
    },
    rates: () => last().rates,
    total,
    within(from, to) {
      const before = total(from);
      const after = total(Math.max(from, to));
      return byPart((part) => after[part] - before[part]);
    },
  };
}

function upTo(legs: readonly Leg[], part: Part, at: SimMs): bigint {
  return legs.reduce((sum, { since, rates }, index) => {
    const until = Math.min(at, legs[index + 1]?.since ?? at);
    return sum + BigInt(rates[part]) * BigInt(Math.max(0, until - since));
  }, 0n);
}

function byPart(read: (part: Part) => number): MicroParts {
  return { gpu: read('gpu'), cpu: read('cpu'), ram: read('ram'), disk: read('disk') };
}

function toMicroUsd(microMsPerHour: bigint): number {
  return Number((2n * microMsPerHour + HOUR_MS) / (2n * HOUR_MS));
}
