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
}

const HOUR_MS = 3_600_000n;
const PARTS = ['gpu', 'cpu', 'ram', 'disk'] as const;
type Part = (typeof PARTS)[number];

export function createMeter(startedAt: SimMs, initial: MicroParts): Meter {
  let since = startedAt;
  let rates = initial;
  const sums: Record<Part, bigint> = { gpu: 0n, cpu: 0n, ram: 0n, disk: 0n };
  const upTo = (part: Part, at: SimMs): bigint =>
    sums[part] + BigInt(rates[part]) * BigInt(Math.max(0, at - since));
  return {
    change(at, next) {
      for (const part of PARTS) sums[part] = upTo(part, at);
      since = Math.max(since, at);
      rates = next;
    },
    rates: () => rates,
    total: (at) => byPart((part) => toMicroUsd(upTo(part, at))),
  };
}

function byPart(read: (part: Part) => number): MicroParts {
  return { gpu: read('gpu'), cpu: read('cpu'), ram: read('ram'), disk: read('disk') };
}

function toMicroUsd(microMsPerHour: bigint): number {
  return Number((2n * microMsPerHour + HOUR_MS) / (2n * HOUR_MS));
}
