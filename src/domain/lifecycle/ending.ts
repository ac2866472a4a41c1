import { type BillingRule, closeLedger, openLedger, reopenLedger } from '../billing.ts';
import type { FailureKind } from '../errors.ts';
import { warningNews, withoutIdleSpan } from '../idleness.ts';
import type { ApiPlace } from '../ids.ts';
import type { AttemptFailure, Instance, Observation } from '../instance.ts';
import { isFinalInstance, isThere } from '../instance.ts';
import { askedPrice } from '../placement.ts';
import type { Policy } from '../policy.ts';
import { interruptionOf } from '../search.ts';
import {
  currentInstance,
  isTerminalStatus,
  type Session,
  type SessionError,
  type StopReason,
} from '../session.ts';
import { type EpochMs, HOUR_MS } from '../time.ts';
import { type Change, factsOf, type Transition, withInstance, withStatus } from './change.ts';
import { hardLimitAt, hasBusyInstance } from './decide.ts';
import { recordLook } from './serving.ts';

/** The wish to end, once and for good: a later reason does not replace the first. */
export function beginStop(reason: StopReason, at: EpochMs): Transition {
  return (session) => {
    if (session.stopAskedAt !== undefined || isTerminalStatus(session.status)) return undefined;
    const error = reasonError(session, reason);
    return withStatus(
      { ...session, stopAskedAt: at, stopReason: reason, ...(error ? { error } : {}) },
      'stopping',
      at,
    );
  };
}

/** Later end of a reservation, up to `limitAt`. It is a sign of use: idleness counts anew. */
export function extendTo(expiresAt: EpochMs, at: EpochMs): Transition {
  return (session) => {
    const { request, leftMs } = session;
    const addedHours = (expiresAt - session.expiresAt) / HOUR_MS;
    const next: Session = {
      ...withoutIdleSpan(session),
      ...(session.runningAt === undefined ? {} : { lastActiveAt: at }),
      ...(leftMs === undefined ? {} : { leftMs: leftMs + expiresAt - session.expiresAt }),
      expiresAt,
      request: { ...request, reservationHours: request.reservationHours + addedHours },
    };
    const extended = { kind: 'session_extended' as const, at, sessionId: session.id, expiresAt };
    return { session: next, events: [extended, ...warningNews(session, next, at)] };
  };
}

/** The latest end that an extension may reach. Before `running` the clock has not started: it is counted from the provisional end. */
export function latestEnd(session: Session, policy: Policy): EpochMs {
  const { expiresAt, request, ranBeforeMs = 0 } = session;
  const { leftMs = request.reservationHours * HOUR_MS } = session;
  return hardLimitAt(session, policy) ?? expiresAt - leftMs + policy.hardLimitMs - ranBeforeMs;
}

/** The commit before a terminate call. */
export function askTerminate(position: number, at: EpochMs, retryMs: number): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (!instance || !isThere(instance.state)) return undefined;
    const asked = instance.terminateAttempts + 1;
    const terminating: Instance = {
      ...instance,
      state: 'terminating',
      terminateAskedAt: instance.terminateAskedAt ?? at,
      terminateAttempts: asked,
      notBefore: at + retryMs,
    };
    return {
      session: withInstance(session, position, terminating),
      events: [{ ...factsOf(instance, at), kind: 'terminate_asked', asked }],
    };
  };
}

/** The call failed; it is asked again. Nothing changes but the record. */
export function recordTerminateFailure(
  position: number,
  failure: FailureKind,
  at: EpochMs,
): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'terminating') return undefined;
    return {
      session,
      events: [{ ...factsOf(instance, at), kind: 'terminate_failed', failure }],
    };
  };
}

/** The provider no longer has it: the meter stops at `endedAt`, which is when it was last known to be asked to end. */
export function recordGone(
  position: number,
  gone: { readonly at: EpochMs; readonly endedAt: EpochMs; readonly failure?: AttemptFailure },
): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (!instance || isFinalInstance(instance.state)) return undefined;
    const { notBefore: _over, ...rest } = instance;
    const failure = instance.failure ?? gone.failure;
    const ended: Instance = {
      ...rest,
      state: 'gone',
      goneAt: gone.at,
      costs: closeLedger(instance.costs, gone.endedAt),
      ...(failure === undefined ? {} : { failure }),
    };
    const wantedUntil = wantedUntilAt(session, instance) ?? gone.at;
    const leakedMs = Math.max(0, gone.at - Math.max(wantedUntil, instance.launchedAt ?? gone.at));
    return {
      session: withInstance(session, position, ended),
      events: [{ ...factsOf(instance, gone.at), kind: 'instance_gone', leakedMs }],
    };
  };
}

/** From when on nobody wants the machine: a kept one is wanted, stopped, until its disk is not. */
function wantedUntilAt(session: Session, instance: Instance): EpochMs | undefined {
  const { request, discardAskedAt, stopAskedAt } = session;
  const held = instance.runningAt !== undefined || instance.preservedAt !== undefined;
  if (request.keepsDisk !== true || !held) return stopAskedAt;
  return discardAskedAt === undefined ? undefined : Math.max(discardAskedAt, stopAskedAt ?? 0);
}

/** The last word on a session that wanted to end and has nothing open any more. */
export function finish(at: EpochMs): Transition {
  return (session) => {
    if (session.stopAskedAt === undefined || isTerminalStatus(session.status)) return undefined;
    if (hasBusyInstance(session)) return undefined;
    // What is kept can be resumed, however the run ended; a session that failed is over for good.
    const isAtRest = currentInstance(session)?.state === 'preserved';
    const status = isAtRest ? 'stopped' : endStatus(session.stopReason);
    return withStatus({ ...session, stoppedAt: at }, status, at);
  };
}

/**
 * An instance that carries an attempt's tag although the attempt was closed without one: it comes back into its row
 * to be ended and paid for.
 */
export function reviveToEnd(position: number, found: Found): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (!instance || !isFinalInstance(instance.state)) return undefined;
    const held = instance.providerInstanceId;
    if (held !== undefined && held !== found.observation.id) return undefined;
    const { goneAt: _not, ...rest } = instance;
    const revived = { ...rest, costs: held === undefined ? [] : reopenLedger(instance.costs) };
    return broughtBack({ session, position, found, instance: revived });
  };
}

/** A second instance under an attempt's tag: it gets a row of its own to be ended and paid for. */
export function addStray(
  position: number,
  found: Found & { readonly place: ApiPlace },
): Transition {
  return (session) => {
    const twin = session.instances[position];
    const isKnown = session.instances.some(
      (other) => other.providerInstanceId === found.observation.id && !isFinalInstance(other.state),
    );
    if (!twin || isKnown) return undefined;
    const stray = { ...strayOf(twin), ...found.place };
    const grown = { ...session, instances: [...session.instances, stray] };
    return broughtBack({
      session: grown,
      position: grown.instances.length - 1,
      found,
      instance: stray,
    });
  };
}

/** What is known of a second instance before it is looked at: the order that it came from, and nothing that its twin did. */
function strayOf(twin: Instance): Instance {
  const { sessionId, attempt, tag, provider, api, offer, diskGb, intendedAt, readyBy } = twin;
  const { bidPerHour } = twin;
  return {
    role: 'stray',
    sessionId,
    attempt,
    tag,
    provider,
    api,
    offer,
    diskGb,
    state: 'absent',
    ...(bidPerHour === undefined ? {} : { bidPerHour }),
    price: askedPrice(offer, twin),
    phase: 'unknown',
    intendedAt,
    readyBy,
    launchAttempts: 0,
    terminateAttempts: 0,
    costs: [],
  };
}

export interface Found {
  readonly observation: Observation;
  readonly at: EpochMs;
  readonly rule: BillingRule;
}

function broughtBack(comeback: {
  readonly session: Session;
  readonly position: number;
  readonly found: Found;
  readonly instance: Instance;
}): Change {
  const { session, position, instance } = comeback;
  const { observation, at, rule } = comeback.found;
  const createdAt = observation.createdAt ?? at;
  const back: Instance = {
    ...instance,
    state: 'launched',
    providerInstanceId: observation.id,
    launchedAt: at,
    phase: observation.phase,
    costs: instance.costs.length > 0 ? instance.costs : openLedger(rule, instance.price, createdAt),
    failure: instance.failure ?? APPEARED_LATE,
  };
  const found = withInstance(session, position, back);
  // What it shows now may never be seen again, because it is ended next: the bill needs since when it has been running.
  const look = recordLook(position, comeback.found)(found);
  return {
    session: look?.session ?? found,
    events: [
      { ...factsOf(instance, at), kind: 'instance_adopted', providerInstanceId: observation.id },
    ],
  };
}

/** Why an instance that was brought back is ended; an attempt that had a reason before keeps it. */
const APPEARED_LATE: AttemptFailure = {
  code: 'launch_unconfirmed',
  message: 'the instance appeared after it was given up',
};

/** An end that somebody wanted is `stopped`; one that was forced on the session is `failed`. */
function endStatus(reason: StopReason | undefined): 'stopped' | 'failed' {
  switch (reason) {
    case 'done':
    case 'deleted':
    case 'expired':
    case 'hard_limit':
    case 'idle':
      return 'stopped';
    case 'launch_failed':
    case 'never_ready':
    case 'instance_lost':
    case 'instance_stopped':
    case 'outbid':
    case 'out_of_credit':
    case 'contract_expired':
    case 'host_offline':
    case 'wrong_machine':
    case undefined:
      return 'failed';
  }
}

function reasonError(session: Session, reason: StopReason): SessionError | undefined {
  if (endStatus(reason) === 'stopped') return undefined;
  const failure = interruptionOf(session) ?? currentInstance(session)?.failure;
  return failure ? { code: failure.code, message: failure.message } : session.error;
}
