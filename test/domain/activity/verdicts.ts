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

export interface Played {
  readonly trace: Trace;
  readonly outcome: Outcome;
}

/** Every trace, played to its end or the session's. */
export function playAll(): Promise<readonly Played[]> {
  return Promise.all(TRACES.map(async (trace) => ({ trace, outcome: await playTrace(trace) })));
}

/** The first thing that is not as its label says; undefined where all are. */
export function firstMistake(all: readonly Played[]): string | undefined {
  const killed = all.find(isFalseKill);
  if (killed) return `"${killed.trace.name}" was ended`;
  const late = all.find((one) => one.trace.label.kind === 'from' && !isInTime(one));
  if (late) return `"${late.trace.name}" was not ended in time`;
  const unwarned = all.find((one) => !isWarned(one));
  return unwarned && `"${unwarned.trace.name}" was ended without a warning in time`;
}

/** Whoever is ended was told so a grace before. */
export function isWarned({ trace, outcome }: Played): boolean {
  if (outcome.endedAtMinute === undefined) return true;
  const graceMinutes = Math.min(GRACE_MINUTES, thresholdOf(trace) / 3);
  return (outcome.warnedForMinutes ?? 0) >= graceMinutes - STEP_MINUTES;
}

function thresholdOf({ thresholdMinutes = USUAL_THRESHOLD }: Trace): number {
  return thresholdMinutes;
}

/** Idleness that is labelled begins after the last work, and lasts long enough to be found; where there is none, none is long enough. */
export function isBorneOut(trace: Trace): boolean {
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

export function isFalseKill({ trace, outcome }: Played): boolean {
  if (outcome.endedAtMinute === undefined) return false;
  return (
    trace.label.kind === 'never' || outcome.quietForMinutes < thresholdOf(trace) - STEP_MINUTES
  );
}

export function isInTime({ trace, outcome }: Played): boolean {
  if (trace.label.kind === 'never') return true;
  const dueAt = trace.label.minute + thresholdOf(trace) + INTERVAL_MINUTES;
  return outcome.endedAtMinute !== undefined && outcome.endedAtMinute <= dueAt + STEP_MINUTES;
}

export function tableOf(all: readonly Played[], late: readonly string[]): string {
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
