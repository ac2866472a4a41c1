import { IDLE_GPU_PERCENT } from './activity/thresholds.ts';
import type { BrokerEvent } from './events.ts';
import type { Transition } from './lifecycle/change.ts';
import type { Policy } from './policy.ts';
import { isTerminalStatus, type Session } from './session.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from './time.ts';

/** What the agent on a rented machine says of its work. What it does not say is not known. */
export interface WorkReport {
  readonly isBusy: boolean | undefined;
  /** 0 to 100, of whichever GPU has most to do. */
  readonly gpuUtilizationPercent: number | undefined;
}

/** Activity is known to within this: agents may speak every second, and each word that is kept is a write. */
const ACTIVITY_GRAIN_MS = 10 * SECOND_MS;
/** Of a short threshold, no more than one part in so many is left to whoever is warned. */
const GRACE_SHARE = 3;

/** Whether there is work. A report that says neither yes nor no counts as a yes: nobody is ended on a guess. */
export function tellsOfWork({ isBusy, gpuUtilizationPercent }: WorkReport): boolean {
  if (isBusy === undefined && gpuUtilizationPercent === undefined) return true;
  return isBusy === true || (gpuUtilizationPercent ?? 0) > IDLE_GPU_PERCENT;
}

/** What somebody who can know has found out: the agent on the machine, or the broker in a look into it. */
export type Evidence =
  | { readonly kind: 'work'; readonly at: EpochMs }
  /** Nothing has gone on from `since` to `at`; an agent speaks of the moment alone. */
  | { readonly kind: 'no_work'; readonly at: EpochMs; readonly since: EpochMs };

/** What evidence of no work is taken to continue. */
export interface Listening {
  /** All that was found out since the rows' last word is in the rows. */
  readonly isUnbroken: boolean;
  readonly policy: IdlePolicy;
}

export type IdlePolicy = Pick<Policy, 'heartbeatGapMs' | 'idleCheckMs' | 'idleGraceMs'>;

/** Takes in what the agent says. */
export function recordWork(report: WorkReport, at: EpochMs, listening: Listening): Transition {
  const evidence: Evidence = tellsOfWork(report)
    ? { kind: 'work', at }
    : { kind: 'no_work', at, since: at };
  return recordEvidence(evidence, listening);
}

/** There is one span of idleness, whoever tells of it. Nothing changes where the evidence says no more than what is kept. */
export function recordEvidence(evidence: Evidence, listening: Listening): Transition {
  return (session) => {
    if (isEnding(session)) return undefined;
    const next =
      evidence.kind === 'work'
        ? { ...withoutIdleSpan(session), lastActiveAt: evidence.at }
        : withWarning(withIdleSpan(session, evidence, listening), evidence.at, listening.policy);
    return saysMore(session, next)
      ? { session: next, events: warningNews(session, next, evidence.at) }
      : undefined;
  };
}

/** Whoever wants the session for longer is about to use it: from here on it has to be idle anew. */
export function withoutIdleSpan(session: Session): Session {
  const { idleSince: _since, lastIdleAt: _last, ...rest } = session;
  const { idleWarnedAt: _warned, idleEndsAt: _end, ...awake } = rest;
  return awake;
}

/** What a change tells whoever was, or is now, to be warned of the end. */
export function warningNews(before: Session, after: Session, at: EpochMs): readonly BrokerEvent[] {
  const { id: sessionId, idleSince, idleWarnedAt, idleEndsAt: endsAt } = after;
  if (before.idleWarnedAt === idleWarnedAt) return [];
  const isWarned = idleSince !== undefined && idleWarnedAt !== undefined && endsAt !== undefined;
  return [
    ...(before.idleWarnedAt === undefined
      ? []
      : [{ kind: 'idle_warning_cleared' as const, at, sessionId }]),
    ...(isWarned ? [{ kind: 'idle_warned' as const, at, sessionId, idleSince, endsAt }] : []),
  ];
}

/**
 * Whether it is known for the whole threshold, and until now, that there is no work, and whoever was warned of the end has let the
 * grace pass. Both ends are moments of evidence: no time counts only because it has passed.
 */
export function isIdleTooLong(session: Session, { now, gapMs }: IdleView): boolean {
  const { request, idleSince, lastIdleAt, idleEndsAt } = session;
  if (request.idleThresholdMinutes === 0) return false;
  if (idleSince === undefined || lastIdleAt === undefined) return false;
  const isCurrent = Math.abs(now - lastIdleAt) <= gapMs;
  return isCurrent && idleEndsAt !== undefined && lastIdleAt >= idleEndsAt;
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
  const { request, runningAt, idleSince, idleEndsAt } = session;
  if (request.idleThresholdMinutes === 0 || runningAt === undefined) return undefined;
  return idleEndsAt ?? (idleSince ?? now) + thresholdMs(session);
}

/** A machine that boots has done nothing yet, and is not idle for it. */
function quietSince({ runningAt, lastActiveAt }: Session): EpochMs | undefined {
  return runningAt === undefined ? undefined : Math.max(runningAt, lastActiveAt ?? runningAt);
}

type NoWork = Extract<Evidence, { kind: 'no_work' }>;

function withIdleSpan(session: Session, evidence: NoWork, listening: Listening): Session {
  const lastActiveAt = session.lastActiveAt ?? session.runningAt;
  const heard = lastActiveAt === undefined ? session : { ...session, lastActiveAt };
  const { at } = evidence;
  if (session.request.idleThresholdMinutes === 0 || session.status !== 'running') {
    return withoutIdleSpan(heard);
  }
  if (isContinued(session, at, listening)) return { ...heard, lastIdleAt: at };
  const idleSince = spanStart(heard, evidence, listening);
  const awake = withoutIdleSpan(heard);
  return idleSince === undefined ? awake : { ...awake, idleSince, lastIdleAt: at };
}

function isContinued(
  { idleSince, lastIdleAt }: Session,
  at: EpochMs,
  { isUnbroken, policy }: Listening,
): boolean {
  if (!isUnbroken || idleSince === undefined || lastIdleAt === undefined) return false;
  return Math.abs(at - lastIdleAt) <= policy.heartbeatGapMs;
}

/** Since when a new span counts; undefined where none is begun. */
function spanStart(
  { lastActiveAt = 0, runningAt = 0 }: Session,
  { at, since }: NoWork,
  { isUnbroken }: Listening,
): EpochMs | undefined {
  // An agent that says yes and no by turns is not written down with every word.
  if (since === at) return isSameMoment(lastActiveAt, at) ? undefined : at;
  // A look bears out what is behind it, but for what somebody else has said, or may have said, meanwhile.
  return isUnbroken && since >= lastActiveAt && since >= runningAt ? since : at;
}

/** Announces the end while the grace is still ahead, even if the next evidence comes only an interval later. */
function withWarning(session: Session, at: EpochMs, policy: IdlePolicy): Session {
  const { idleSince, idleWarnedAt } = session;
  if (idleSince === undefined || idleWarnedAt !== undefined) return session;
  const graceMs = Math.min(policy.idleGraceMs, thresholdMs(session) / GRACE_SHARE);
  const reachedAt = idleSince + thresholdMs(session);
  if (reachedAt - at > graceMs + policy.idleCheckMs) return session;
  return { ...session, idleWarnedAt: at, idleEndsAt: Math.max(reachedAt, at + graceMs) };
}

function thresholdMs({ request }: Session): number {
  return request.idleThresholdMinutes * MINUTE_MS;
}

/** What begins or breaks off is written down at once, and so is what ends the session; what goes on, once in a while. */
function saysMore(before: Session, after: Session): boolean {
  if (before.idleSince !== after.idleSince) return true;
  if (before.idleWarnedAt !== after.idleWarnedAt) return true;
  const { idleEndsAt = Number.POSITIVE_INFINITY, lastIdleAt = 0 } = after;
  if (lastIdleAt >= idleEndsAt && (before.lastIdleAt ?? 0) < idleEndsAt) return true;
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
