import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/domain/activity/judge.ts';
import { nextLookAt } from '../../../src/domain/activity/look-times.ts';
import type { DatedReading } from '../../../src/domain/activity/rates.ts';
import type { GpuReport, WorkReading } from '../../../src/domain/machine-report.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { request, START, session } from '../../support/builders.ts';

const CARD: GpuReport = {
  name: 'NVIDIA A100-SXM4-80GB',
  memoryTotalMb: 81_920,
  memoryUsedMb: 500,
  utilizationPercent: 0,
  peakPercent: 0,
  temperatureC: 31,
  powerW: 60,
};
const WORK: WorkReading = {
  uptimeSeconds: 1_000,
  cpuCount: 16,
  cpuBusySeconds: 100,
  networkBytes: 1_000_000,
  diskBytes: 1_000_000,
  logins: 0,
  inputSecondsAgo: undefined,
  gpuProcesses: 1,
  lookSeconds: 2,
  lookCpuSeconds: 4,
};
const BEFORE: DatedReading = { at: START, attempt: 1, gpus: [CARD, CARD], work: WORK };

/** A quiet minute later, with what is said here otherwise; the first look itself has cost four CPU seconds. */
function later(changes: Partial<DatedReading> = {}, work: Partial<WorkReading> = {}): DatedReading {
  const next = { ...WORK, uptimeSeconds: 1_060, cpuBusySeconds: 104.5, ...work };
  return { ...BEFORE, at: START + MINUTE_MS, work: next, ...changes };
}

function judged(next: DatedReading) {
  return judge(BEFORE, next, DEFAULT_POLICY.heartbeatGapMs);
}

const reasonsOf = (next: DatedReading) => judged(next).because.map(({ reason }) => reason);

describe('two looks', () => {
  test('a quiet minute apart are idle, and what the first look itself used is left out', () => {
    const { verdict, because, rates } = judged(later());
    expect({ verdict, because }).toEqual({
      verdict: 'idle',
      because: [{ reason: 'nothing_going_on' }],
    });
    expect(rates?.cpusBusy).toBeCloseTo(0.5 / 58, 6);
  });

  test.each<[string, DatedReading]>([
    ['gpu_busy', later({ gpus: [CARD, { ...CARD, utilizationPercent: 6 }] })],
    ['gpu_busy', later({ gpus: [{ ...CARD, peakPercent: 11 }, CARD] })],
    ['gpu_memory', later({ gpus: [CARD, { ...CARD, memoryUsedMb: 565 }] })],
    ['gpu_memory', later({ gpus: [CARD, { ...CARD, memoryUsedMb: 435 }] })],
    ['gpu_processes', later({}, { gpuProcesses: 2 })],
    ['gpus_changed', later({ gpus: [CARD] })],
    ['gpus_changed', later({ gpus: [CARD, { ...CARD, name: 'NVIDIA T4' }] })],
    ['cpu', later({}, { cpuBusySeconds: 104 + 58 * 0.051 })],
    ['network', later({}, { networkBytes: 1_000_000 + 60 * 16_385 })],
    ['disk', later({}, { diskBytes: 1_000_000 + 60 * 262_145 })],
    ['typing', later({}, { inputSecondsAgo: 70 })],
    ['first_look', later({ attempt: 2 })],
    ['first_look', later({ at: START + DEFAULT_POLICY.heartbeatGapMs + 1 })],
    ['restarted', later({}, { uptimeSeconds: 40 })],
    ['restarted', later({}, { uptimeSeconds: 1_060 + 31 })],
    ['restarted', later({}, { cpuBusySeconds: 3 })],
    ['restarted', later({}, { networkBytes: 3 })],
    ['unreadable', later({ gpus: undefined })],
    ['unreadable', later({ gpus: [CARD, { ...CARD, utilizationPercent: undefined }] })],
    ['unreadable', later({ work: undefined })],
    ['unreadable', later({}, { cpuBusySeconds: undefined })],
    ['unreadable', later({}, { networkBytes: undefined })],
    ['unreadable', later({}, { diskBytes: undefined })],
    ['unreadable', later({}, { gpuProcesses: undefined })],
    ['unreadable', later({ gpus: [CARD, { ...CARD, memoryUsedMb: undefined }] })],
  ])('are active for %s', (reason, next) => {
    expect(judged(next).verdict).toBe('active');
    expect(reasonsOf(next)).toContain(reason);
  });

  test.each<[string, DatedReading]>([
    ['5 % of a GPU', later({ gpus: [CARD, { ...CARD, utilizationPercent: 5, peakPercent: 10 }] })],
    ['memory that hardly changes', later({ gpus: [CARD, { ...CARD, memoryUsedMb: 564 }] })],
    ['three CPU seconds in a minute', later({}, { cpuBusySeconds: 104 + 58 * 0.049 })],
    [
      'a hundredth of 16 CPUs, of a thousand of them',
      later({}, { cpuCount: 1_000, cpuBusySeconds: 104 + 58 * 0.9 }),
    ],
    ['16 KiB a second', later({}, { networkBytes: 1_000_000 + 60 * 16_384 })],
    ['a terminal at which nobody typed', later({}, { logins: 3, inputSecondsAgo: 71 })],
    ['a clock that is some seconds off', later({}, { uptimeSeconds: 1_060 + 29 })],
  ])('are idle with %s', (_, next) => {
    expect(reasonsOf(next)).toEqual(['nothing_going_on']);
  });

  test('tell of every reason there is', () => {
    const next = later(
      { gpus: [{ ...CARD, utilizationPercent: 90, memoryUsedMb: 9_000 }, CARD] },
      { cpuBusySeconds: 200 },
    );
    expect(judged(next).because).toEqual([
      { reason: 'gpu_busy', gpu: 0, value: 90 },
      { reason: 'cpu', value: 96 / 58 },
      { reason: 'gpu_memory', gpu: 0, value: 8_500 },
    ]);
  });

  test('are active where the first is missing', () => {
    const { verdict, because } = judge(undefined, later(), DEFAULT_POLICY.heartbeatGapMs);
    expect({ verdict, because }).toEqual({
      verdict: 'active',
      because: [{ reason: 'first_look' }],
    });
  });
});

describe('the next look', () => {
  const idle = session({ runningAt: START, request: request({ idleThresholdMinutes: 30 }) });

  test('comes within an interval, and not at the same second of each minute', () => {
    const waits = Array.from({ length: 200 }, (_, index) => {
      const at = START + index * 77_777;
      return nextLookAt(idle, at, DEFAULT_POLICY) - at;
    });
    expect(Math.max(...waits)).toBeLessThanOrEqual(MINUTE_MS);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(45 * SECOND_MS);
    expect(new Set(waits).size).toBeGreaterThan(150);
    expect(waits.every(Number.isInteger)).toBe(true);
  });

  test('comes at the moment of the end, and more often before one that is soon', () => {
    const ending = { ...idle, idleSince: START, idleWarnedAt: START, idleEndsAt: START + 20_000 };
    expect(nextLookAt(ending, START, DEFAULT_POLICY)).toBe(START + 20_000);
    const brief = session({ runningAt: START, request: request({ idleThresholdMinutes: 1 }) });
    expect(nextLookAt(brief, START, DEFAULT_POLICY) - START).toBeLessThanOrEqual(20 * SECOND_MS);
  });
});
