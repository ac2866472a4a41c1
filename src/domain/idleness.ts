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

/** Takes in a report. Nothing changes where the report says no more than what is kept. */
export function recordWork(report: WorkReport, at: EpochMs): Transition {
  return (session) => {
    if (isEnding(session)) return undefined;
    const lastActiveAt = tellsOfWork(report) ? at : (session.lastActiveAt ?? session.runningAt);
    if (lastActiveAt === undefined || isKnown(session, lastActiveAt)) return undefined;
    return { session: { ...session, lastActiveAt }, events: [] };
  };
}

export function isEnding({ status, stopAskedAt }: Session): boolean {
  return isTerminalStatus(status) || stopAskedAt !== undefined;
}

/** Whole minutes since somebody last told of work, or since the session runs; 0 before it does. */
export function idleMinutes(session: Session, now: EpochMs): number {
  const since = idleSince(session) ?? now;
  return Math.max(0, Math.floor((now - since) / MINUTE_MS));
}

/** When it will have been idle for too long unless there is work before; undefined where idleness does not matter. */
export function idleDeadline(session: Session): EpochMs | undefined {
  const { idleThresholdMinutes } = session.request;
  const since = idleSince(session);
  if (idleThresholdMinutes === 0 || since === undefined) return undefined;
  return since + idleThresholdMinutes * MINUTE_MS;
}

/** A machine that boots has done nothing yet, and is not idle for it. */
function idleSince({ runningAt, lastActiveAt }: Session): EpochMs | undefined {
  return runningAt === undefined ? undefined : Math.max(runningAt, lastActiveAt ?? runningAt);
}

/** A clock that was set back leaves activity in the future, which must not stand until that has come. */
function isKnown(session: Session, lastActiveAt: EpochMs): boolean {
  if (session.lastActiveAt === undefined) return false;
  return Math.abs(lastActiveAt - session.lastActiveAt) < ACTIVITY_GRAIN_MS;
}
