import type { Transition } from './lifecycle/change.ts';
import { isTerminalStatus, type Session } from './session.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from './time.ts';

/** What the agent on a rented machine says of its work. What it does not say is not known. */
export interface WorkReport {
  readonly isBusy: boolean | undefined;
  /** 0 to 100, of whichever GPU has most to do. */
  readonly gpuUtilizationPercent: number | undefined;
}

/** A desktop, or a model that is loaded and asked nothing, shows a few percent now and then. */
const IDLE_UTILIZATION_PERCENT = 5;
/** Activity is known to within this: agents may speak every second, and each word that is kept is a write. */
const ACTIVITY_GRAIN_MS = 10 * SECOND_MS;

/** Whether there is work. A report that says neither yes nor no counts as a yes: nobody is ended on a guess. */
export function tellsOfWork({ isBusy, gpuUtilizationPercent }: WorkReport): boolean {
  if (isBusy === undefined && gpuUtilizationPercent === undefined) return true;
  return isBusy === true || (gpuUtilizationPercent ?? 0) > IDLE_UTILIZATION_PERCENT;
}

/** What a report of no work is taken to continue. */
export interface Listening {
  /** With a longer silence between two reports, what was done meanwhile is not known. */
  readonly gapMs: number;
  /** Everything that the agent has said since the rows' last word is in the rows. */
  readonly isUnbroken: boolean;
}

/** Takes in a report. Nothing changes where the report says no more than what is kept. */
export function recordWork(report: WorkReport, at: EpochMs, listening: Listening): Transition {
  return (session) => {
    if (isEnding(session)) return undefined;
    const next = tellsOfWork(report)
      ? { ...withoutIdleSpan(session), lastActiveAt: at }
      : withIdleSpan(session, at, listening);
    return saysMore(session, next) ? { session: next, events: [] } : undefined;
  };
}

/** Whoever wants the session for longer is about to use it: from here on it has to be idle anew. */
export function withoutIdleSpan(session: Session): Session {
  const { idleSince: _since, lastIdleAt: _last, ...rest } = session;
  return rest;
}

/**
 * Whether the agent itself has said for the whole threshold, and until now, that there is no work. Both ends are moments at which
 * it spoke: no time counts only because it has passed.
 */
export function isIdleTooLong(session: Session, { now, gapMs }: IdleView): boolean {
  const { request, idleSince, lastIdleAt } = session;
  if (request.idleThresholdMinutes === 0) return false;
  if (idleSince === undefined || lastIdleAt === undefined) return false;
  const isCurrent = Math.abs(now - lastIdleAt) <= gapMs;
  return isCurrent && lastIdleAt - idleSince >= request.idleThresholdMinutes * MINUTE_MS;
}

export interface IdleView {
  readonly now: EpochMs;
  readonly gapMs: number;
}

export function isEnding({ status, stopAskedAt }: Session): boolean {
  return isTerminalStatus(status) || stopAskedAt !== undefined;
}

/** Whole minutes since somebody last told of work, or since the session runs; 0 before it does. */
export function idleMinutes(session: Session, now: EpochMs): number {
  const since = quietSince(session) ?? now;
  return Math.max(0, Math.floor((now - since) / MINUTE_MS));
}

/** When it will have been idle for too long if nothing changes; undefined where idleness does not matter. */
export function idleDeadline(session: Session, now: EpochMs): EpochMs | undefined {
  const { idleThresholdMinutes } = session.request;
  if (idleThresholdMinutes === 0 || session.runningAt === undefined) return undefined;
  return (session.idleSince ?? now) + idleThresholdMinutes * MINUTE_MS;
}

/** A machine that boots has done nothing yet, and is not idle for it. */
function quietSince({ runningAt, lastActiveAt }: Session): EpochMs | undefined {
  return runningAt === undefined ? undefined : Math.max(runningAt, lastActiveAt ?? runningAt);
}

function withIdleSpan(session: Session, at: EpochMs, listening: Listening): Session {
  const lastActiveAt = session.lastActiveAt ?? session.runningAt;
  const heard = lastActiveAt === undefined ? session : { ...session, lastActiveAt };
  const idleSince = spanStart(session, at, listening);
  return idleSince === undefined ? withoutIdleSpan(heard) : { ...heard, idleSince, lastIdleAt: at };
}

/** Since when the reports of no work have followed on each other; undefined where nothing is counted. */
function spanStart(session: Session, at: EpochMs, listening: Listening): EpochMs | undefined {
  if (session.request.idleThresholdMinutes === 0 || session.status !== 'running') return undefined;
  const { idleSince, lastIdleAt, lastActiveAt } = session;
  const isContinued =
    listening.isUnbroken &&
    lastIdleAt !== undefined &&
    Math.abs(at - lastIdleAt) <= listening.gapMs;
  if (isContinued && idleSince !== undefined) return idleSince;
  // An agent that says yes and no by turns is not written down with every word.
  return isSameMoment(lastActiveAt, at) ? undefined : at;
}

/** What begins or breaks off is written down at once; what goes on, once in a while. */
function saysMore(before: Session, after: Session): boolean {
  if (before.idleSince !== after.idleSince) return true;
  return (
    !isSameMoment(before.lastActiveAt, after.lastActiveAt) ||
    !isSameMoment(before.lastIdleAt, after.lastIdleAt)
  );
}

/** A clock that was set back leaves words in the future, which must not stand until that has come. */
function isSameMoment(left: EpochMs | undefined, right: EpochMs | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return Math.abs(left - right) < ACTIVITY_GRAIN_MS;
}
