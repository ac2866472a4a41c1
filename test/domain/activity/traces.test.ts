import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import { type Outcome, playTrace } from './play-trace.ts';
import type { Trace } from './trace.ts';
import { TRACES } from './traces/traces.ts';

const INTERVAL_MINUTES = DEFAULT_POLICY.idleCheckMs / MINUTE_MS;
const GRACE_MINUTES = DEFAULT_POLICY.idleGraceMs / MINUTE_MS;
const USUAL_THRESHOLD = 30;
/** A trace is played in steps of so much. */
const STEP_MINUTES = 1 / 60;

interface Played {
  readonly trace: Trace;
  readonly outcome: Outcome;
}

const played: readonly Played[] = await Promise.all(
  TRACES.map(async (trace) => ({ trace, outcome: await playTrace(trace) })),
);

describe('traces of machines', () => {
  test('are at least sixty, each with a name of its own and a reason', () => {
    expect(TRACES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(TRACES.map(({ name }) => name)).size).toBe(TRACES.length);
    expect(TRACES.every(({ reason }) => reason.length > 10)).toBe(true);
  });

  test('have labels that their own phases bear out', () => {
    expect(TRACES.filter((trace) => !isBorneOut(trace)).map(({ name }) => name)).toEqual([]);
  });

  test('end no session on which there was work within its threshold', () => {
    const killed = played.filter(isFalseKill).map(({ trace }) => trace.name);
    expect(killed).toEqual([]);
  });

  test('end at least 95 of 100 that are truly idle, within an interval of the threshold', () => {
    const idle = played.filter(({ trace }) => trace.label.kind !== 'never');
    const late = idle.filter((one) => !isInTime(one)).map(({ trace }) => trace.name);
    process.stdout.write(tableOf(played, late));
    expect(1 - late.length / idle.length, late.join(', ')).toBeGreaterThanOrEqual(0.95);
    const seen = idle.filter(({ trace }) => trace.label.kind === 'from');
    expect(seen.filter((one) => !isInTime(one)).map(({ trace }) => trace.name)).toEqual([]);
  });

  test('end nobody who was not warned a grace before', () => {
    for (const { trace, outcome } of played) {
      if (outcome.endedAtMinute === undefined) continue;
      const graceMinutes = Math.min(GRACE_MINUTES, thresholdOf(trace) / 3);
      expect(outcome.warnedForMinutes, trace.name).toBeGreaterThanOrEqual(
        graceMinutes - STEP_MINUTES,
      );
    }
  });
});

function thresholdOf({ thresholdMinutes = USUAL_THRESHOLD }: Trace): number {
  return thresholdMinutes;
}

/** Idleness that is labelled begins after the last work, and lasts long enough to be found; where there is none, none is long enough. */
function isBorneOut(trace: Trace): boolean {
  const { label, phases } = trace;
  let minute = 0;
  let lastWork = 0;
  for (const { minutes, isWork } of phases) {
    minute += minutes;
    if (isWork) lastWork = minute;
  }
  if (label.kind === 'never') return true;
  return label.minute >= lastWork && minute - label.minute > thresholdOf(trace) + INTERVAL_MINUTES;
}

function isFalseKill({ trace, outcome }: Played): boolean {
  if (outcome.endedAtMinute === undefined) return false;
  return (
    trace.label.kind === 'never' || outcome.quietForMinutes < thresholdOf(trace) - STEP_MINUTES
  );
}

function isInTime({ trace, outcome }: Played): boolean {
  if (trace.label.kind === 'never') return true;
  const dueAt = trace.label.minute + thresholdOf(trace) + INTERVAL_MINUTES;
  return outcome.endedAtMinute !== undefined && outcome.endedAtMinute <= dueAt + STEP_MINUTES;
}

function tableOf(all: readonly Played[], late: readonly string[]): string {
  const rows = all.map(({ trace, outcome }) => {
    const due = trace.label.kind === 'never' ? '-' : `${trace.label.minute + thresholdOf(trace)}`;
    const ended = outcome.endedAtMinute === undefined ? '-' : outcome.endedAtMinute.toFixed(1);
    const mark = late.includes(trace.name) ? ' (not in time)' : '';
    return `${due.padStart(6)} ${ended.padStart(7)}  ${trace.name}${mark}`;
  });
  const idle = all.filter(({ trace }) => trace.label.kind !== 'never').length;
  const sums = `${all.length} traces, ${all.filter(isFalseKill).length} false kills, ${idle - late.length} of ${idle} idle ones ended in time`;
  return `\n   due   ended  (minutes)\n${rows.join('\n')}\n${sums}\n`;
}
