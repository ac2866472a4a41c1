import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMeter } from '../../src/simulator/meter.ts';

const rates = fc.record({
  gpu: fc.integer({ min: 0, max: 40_000_000 }),
  cpu: fc.integer({ min: 0, max: 1_000_000 }),
  ram: fc.integer({ min: 0, max: 1_000_000 }),
  disk: fc.integer({ min: 0, max: 1_000_000 }),
});
const changes = fc.array(fc.record({ afterMs: fc.nat(86_400_000), rates }), { maxLength: 12 });

/** Long division by hand, without the meter's own way of rounding. */
function roundedHours(microMs: bigint): number {
  const whole = microMs / 3_600_000n;
  const rest = microMs % 3_600_000n;
  return Number(whole) + (rest >= 1_800_000n ? 1 : 0);
}

describe('meter', () => {
  it('equals rate times span summed up, rounded once, whatever the changes', () => {
    fc.assert(
      fc.property(rates, changes, fc.nat(86_400_000), (initial, steps, tailMs) => {
        const meter = createMeter(1_000, initial);
        const spans: { readonly ms: number; readonly gpu: number; readonly disk: number }[] = [];
        let now = 1_000;
        let held = initial;
        for (const step of steps) {
          now += step.afterMs;
          spans.push({ ms: step.afterMs, gpu: held.gpu, disk: held.disk });
          meter.change(now, step.rates);
          held = step.rates;
        }
        spans.push({ ms: tailMs, gpu: held.gpu, disk: held.disk });
        const sum = (part: 'gpu' | 'disk') =>
          spans.reduce((total, span) => total + BigInt(span[part]) * BigInt(span.ms), 0n);
        const total = meter.total(now + tailMs);
        expect(total.gpu).toBe(roundedHours(sum('gpu')));
        expect(total.disk).toBe(roundedHours(sum('disk')));
      }),
    );
  });

  it('rounds half a micro-dollar up', () => {
    const meter = createMeter(0, { gpu: 1, cpu: 1, ram: 0, disk: 3 });
    expect(meter.total(1_800_000)).toEqual({ gpu: 1, cpu: 1, ram: 0, disk: 2 });
    expect(meter.total(1_799_999)).toEqual({ gpu: 0, cpu: 0, ram: 0, disk: 1 });
  });

  it('does not change by being read', () => {
    const meter = createMeter(0, { gpu: 400_001, cpu: 0, ram: 0, disk: 0 });
    for (let at = 0; at < 10_000; at += 7) meter.total(at);
    expect(meter.total(3_600_000).gpu).toBe(400_001);
  });

  it('stays exact where a float would not', () => {
    const meter = createMeter(0, { gpu: 33_333_333, cpu: 0, ram: 0, disk: 0 });
    meter.change(86_400_000 * 365 + 1, { gpu: 0, cpu: 0, ram: 0, disk: 0 });
    expect(meter.total(86_400_000 * 400).gpu).toBe(33_333_333 * 24 * 365 + 9);
  });

  it('splits a bill over stretches that touch, without losing a micro-dollar', () => {
    fc.assert(
      fc.property(rates, changes, fc.nat(86_400_000), (initial, steps, cutMs) => {
        const meter = createMeter(0, initial);
        let now = 0;
        for (const { afterMs, rates: next } of steps) {
          now += afterMs;
          meter.change(now, next);
        }
        const first = meter.within(0, cutMs);
        const second = meter.within(cutMs, now + cutMs);
        expect(first.gpu + second.gpu).toBe(meter.total(now + cutMs).gpu);
        expect(first.disk + second.disk).toBe(meter.total(now + cutMs).disk);
        expect(meter.within(0, cutMs).gpu).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
