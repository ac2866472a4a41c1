import type { FailureKind } from '../errors.ts';
import { withoutIdleSpan } from '../idleness.ts';
import { type AttemptFailure, type Instance, isStanding } from '../instance.ts';
import type { Policy } from '../policy.ts';
import { currentInstance, type FormerEnd, type Session } from '../session.ts';
import { type EpochMs, HOUR_MS } from '../time.ts';
import { factsOf, type Transition, withInstance, withStatus } from './change.ts';

/**
 * Whether this machine is kept, stopped, when it is not to run any more: the request says so, somebody has worked on it, and
 * nobody has said since that the disk may go. A machine that never came up holds nothing, and one that shows up after its
 * session failed could never be resumed.
 */
export function isKept(session: Session, instance: Instance): boolean {
  return (
    session.request.keepsDisk === true &&
    session.discardAskedAt === undefined &&
    session.status !== 'failed' &&
    instance === currentInstance(session) &&
    (instance.runningAt !== undefined || instance.resumedAt !== undefined)
  );
}

/**
 * When a disk that is kept is given up, wanted or not: it costs money for as long as it is there, and more where somebody has
 * started its machine and it does not stop again.
 */
export function keptUntil(
  session: Session,
  instance: Instance,
  { preservedMaxAgeMs }: Pick<Policy, 'preservedMaxAgeMs'>,
): EpochMs | undefined {
  const { state, preservedAt } = instance;
  const isResting = state === 'preserved' || state === 'stopping';
  // One that never comes to rest is paid for in full, and grows too old all the same.
  const since = preservedAt ?? session.stopAskedAt;
  return isResting && since !== undefined && isKept(session, instance)
    ? since + preservedMaxAgeMs
    : undefined;
}

/** Running time that the hard limit leaves, in milliseconds, for a session that does not run now. */
export function runningTimeLeftMs(session: Session, policy: Pick<Policy, 'hardLimitMs'>): number {
  return Math.max(0, policy.hardLimitMs - ranMs(session));
}

/** The commit before a call that stops the machine; asked again until it is seen at rest. */
export function askStop(position: number, at: EpochMs, retryMs: number): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (!instance || !isKept(session, instance) || !isStanding(instance.state)) {
      return undefined;
    }
    // Somebody has come back to it in the moment in which it was to be stopped again.
    const isWanted = instance.state === 'resuming' && !session.stopAskedAt && !instance.failure;
    if (isWanted) return undefined;
    const stopping: Instance = { ...instance, state: 'stopping', notBefore: at + retryMs };
    return {
      session: withInstance(session, position, stopping),
      events: [{ ...factsOf(instance, at), kind: 'stop_asked' }],
    };
  };
}

/** Seen at rest: it serves nobody, its disk is kept, and whoever has its address may be somebody else by now. */
export function recordPreserved(position: number, at: EpochMs): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'stopping') return undefined;
    return {
      session: withInstance(session, position, preserved(instance, at)),
      events: [{ ...factsOf(instance, at), kind: 'disk_preserved' }],
    };
  };
}

/** The call failed; it is asked again. Nothing changes but the record. */
export function recordStopFailure(position: number, failure: FailureKind, at: EpochMs): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'stopping') return undefined;
    return { session, events: [{ ...factsOf(instance, at), kind: 'stop_failed', failure }] };
  };
}

/** The disk is not wanted any more: the machine is ended next. */
export function discardDisk(reason: 'deleted' | 'max_age', at: EpochMs): Transition {
  return (session) => {
    if (session.request.keepsDisk !== true || session.discardAskedAt !== undefined)
      return undefined;
    return {
      session: { ...session, discardAskedAt: at },
      events: [{ kind: 'disk_discarded', at, sessionId: session.id, reason }],
    };
  };
}

export interface Resumption {
  readonly at: EpochMs;
  readonly readyTimeoutMs: number;
  readonly policy: Pick<Policy, 'hardLimitMs'>;
}

/**
 * The wish to run again. The reservation's hours begin anew, as many whole ones as the hard limit leaves; what was told of
 * the former run's end is over.
 */
export function beginResume({ at, readyTimeoutMs, policy }: Resumption): Transition {
  return (session) => {
    const position = session.instances.findLastIndex(({ role }) => role === 'attempt');
    const instance = session.instances[position];
    if (instance === undefined || !isResumable(session)) return undefined;
    const hoursLeft = Math.floor(runningTimeLeftMs(session, policy) / HOUR_MS);
    const reservationHours = Math.min(session.request.reservationHours, hoursLeft);
    const {
      failure: _told,
      preservedAt: _over,
      runningAt: _ran,
      notBefore: _paced,
      loginLostAt: _lost,
      unreachableAt: _silent,
      hostKeyChangedAt: _changed,
      machine: _seen,
      mismatches: _held,
      ...rest
    } = instance;
    const resuming: Instance = {
      ...rest,
      state: 'resuming',
      resumedAt: at,
      readyBy: at + readyTimeoutMs,
    };
    const awake: Session = {
      ...withoutEnd(session),
      formerEnd: endOf(session),
      ranBeforeMs: ranMs(session),
      request: { ...session.request, reservationHours },
      expiresAt: at + readyTimeoutMs + reservationHours * HOUR_MS,
    };
    const change = withStatus(withInstance(awake, position, resuming), 'provisioning', at);
    const event = { ...factsOf(instance, at), kind: 'session_resumed' as const };
    return { session: change.session, events: [event, ...change.events] };
  };
}

/** Stopped with its disk kept, and nobody has said that it may go. */
export function isResumable(session: Session): boolean {
  return isDiskKept(session) && currentInstance(session)?.state === 'preserved';
}

/** The same, though somebody may have started the machine, so that it is on its way to rest again. */
export function isDiskKept(session: Session): boolean {
  const instance = currentInstance(session);
  const isThere = instance?.state === 'preserved' || instance?.state === 'stopping';
  return session.status === 'stopped' && isThere && isKept(session, instance);
}

/** The provider starts it: from here on it comes up as after a launch. */
export function recordStarted(position: number, at: EpochMs): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'resuming') return undefined;
    const { notBefore: _waited, ...rest } = instance;
    return {
      session: withInstance(session, position, { ...rest, state: 'launched' }),
      events: [{ ...factsOf(instance, at), kind: 'machine_started' }],
    };
  };
}

/** The provider does not start it, and surely will not later: its disk is kept, and its session over, as before. */
export function refuseStart(
  position: number,
  refusal: { readonly at: EpochMs; readonly failure: AttemptFailure },
): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'resuming') return undefined;
    const { at, failure } = refusal;
    const resting = withInstance(session, position, { ...preserved(instance, at), failure });
    const event = { ...factsOf(instance, at), kind: 'attempt_failed' as const, code: failure.code };
    // Whoever has asked for another end meanwhile is given that one.
    const back = session.stopAskedAt === undefined ? endedAsBefore(resting) : undefined;
    if (!back) return { session: resting, events: [event] };
    const change = withStatus(back, 'stopped', at);
    return { session: change.session, events: [event, ...change.events] };
  };
}

/** The pause before another stop stays: a list that is behind shows the machine awake after it was seen at rest. */
function preserved(instance: Instance, at: EpochMs): Instance {
  const { address: _a, endpoint: _e, accessGrantedAt: _k, troubledAt: _t, ...rest } = instance;
  return { ...rest, state: 'preserved', preservedAt: instance.preservedAt ?? at };
}

/** What {@link withoutEnd} takes away, and what a resume changes besides. */
function endOf(session: Session): FormerEnd {
  const { runningAt, stopAskedAt, stopReason, stoppedAt, ranBeforeMs, lastActiveAt } = session;
  const { expiresAt, error, request } = session;
  return {
    expiresAt,
    reservationHours: request.reservationHours,
    ...(runningAt === undefined ? {} : { runningAt }),
    ...(stopAskedAt === undefined ? {} : { stopAskedAt }),
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    ...(ranBeforeMs === undefined ? {} : { ranBeforeMs }),
    ...(lastActiveAt === undefined ? {} : { lastActiveAt }),
    ...(error === undefined ? {} : { error }),
  };
}

function endedAsBefore(session: Session): Session | undefined {
  const { formerEnd, ranBeforeMs: _counted, ...rest } = session;
  if (formerEnd === undefined) return undefined;
  const { reservationHours, ...end } = formerEnd;
  return { ...rest, ...end, request: { ...session.request, reservationHours } };
}

function withoutEnd(session: Session): Session {
  const { stopAskedAt: _s, stopReason: _r, stoppedAt: _at, runningAt: _ran, ...rest } = session;
  const { error: _e, lastActiveAt: _l, ...awake } = withoutIdleSpan(rest);
  return awake;
}

/** Of all runs up to each one's end. A run is over when its end was asked for: what the provider takes after that is not the consumer's. */
function ranMs({ ranBeforeMs = 0, runningAt, stopAskedAt }: Session): number {
  if (runningAt === undefined || stopAskedAt === undefined) return ranBeforeMs;
  return ranBeforeMs + Math.max(0, stopAskedAt - runningAt);
}
