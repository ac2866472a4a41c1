import { type BillingRule, openLedger } from '../billing.ts';
import type { FailureKind } from '../errors.ts';
import { refusalSentence } from '../failure-words.ts';
import { type DeploymentId, makeTag, type ProviderInstanceId } from '../ids.ts';
import type { AttemptFailure, Instance, Observation } from '../instance.ts';
import { billedDiskGb, type Offer } from '../offer.ts';
import { askedPrice } from '../placement.ts';
import type { SessionRequest } from '../session.ts';
import type { EpochMs } from '../time.ts';
import { type Change, factsOf, type Transition, withInstance, withStatus } from './change.ts';
import { hasOpenInstance } from './decide.ts';

export interface Intent {
  readonly sessionId: string;
  readonly deploymentId: DeploymentId;
  readonly attempt: number;
  readonly offer: Offer;
  readonly request: Pick<SessionRequest, 'diskGb' | 'bidPerHour'>;
  readonly now: EpochMs;
  readonly readyTimeoutMs: number;
}

/** An attempt that is decided and not yet made: its tag exists before the provider hears of it. */
export function intendedInstance(intent: Intent): Instance {
  const { offer, request } = intent;
  return {
    role: 'attempt',
    sessionId: intent.sessionId,
    attempt: intent.attempt,
    tag: makeTag(intent),
    provider: offer.provider,
    api: offer.api,
    offer,
    diskGb: billedDiskGb(offer, request.diskGb),
    state: 'intended',
    ...(request.bidPerHour === undefined ? {} : { bidPerHour: request.bidPerHour }),
    price: askedPrice(offer, request),
    phase: 'unknown',
    intendedAt: intent.now,
    readyBy: intent.now + intent.readyTimeoutMs,
    launchAttempts: 0,
    terminateAttempts: 0,
    costs: [],
  };
}

/** Adds the next attempt to a session that has none open. */
export function intendAttempt(instance: Instance, now: EpochMs): Transition {
  return (session) => {
    if (session.stopAskedAt !== undefined || hasOpenInstance(session)) return undefined;
    if (session.instances.some((other) => other.tag === instance.tag)) return undefined;
    return {
      session: { ...session, instances: [...session.instances, instance] },
      events: [{ ...factsOf(instance, now), kind: 'attempt_intended', offerId: instance.offer.id }],
    };
  };
}

/** The commit without which no launch call is made. */
export function startLaunch(position: number, now: EpochMs, readyTimeoutMs: number): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'intended' || session.stopAskedAt !== undefined) return undefined;
    const launching: Instance = {
      ...instance,
      state: 'launching',
      launchAttempts: instance.launchAttempts + 1,
      readyBy: now + readyTimeoutMs,
    };
    const event = { ...factsOf(instance, now), kind: 'launch_started' as const };
    const moved = withInstance(session, position, launching);
    if (session.status !== 'pending') return { session: moved, events: [event] };
    const change = withStatus(moved, 'provisioning', now);
    return { session: change.session, events: [event, ...change.events] };
  };
}

export interface Acceptance {
  readonly id: ProviderInstanceId;
  readonly at: EpochMs;
  readonly createdAt: EpochMs;
  readonly rule: BillingRule;
  readonly durationMs: number;
}

/** The provider said yes: the id is kept and the meter runs. */
export function acceptLaunch(position: number, acceptance: Acceptance): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'launching') return undefined;
    const { at, id, durationMs } = acceptance;
    const event = { ...factsOf(instance, at), kind: 'launch_accepted' as const };
    return {
      session: withInstance(session, position, launched(instance, acceptance)),
      events: [{ ...event, providerInstanceId: id, durationMs }],
    };
  };
}

/** A launch that failed and still left an instance behind: it is kept as launched, with the failure, to be ended. */
export function acceptLeftover(
  position: number,
  acceptance: Acceptance,
  failure: AttemptFailure,
): Transition {
  return (session) => {
    const change = acceptLaunch(position, acceptance)(session);
    const instance = change?.session.instances[position];
    if (!change || !instance) return undefined;
    const event = { ...factsOf(instance, acceptance.at), kind: 'attempt_failed' as const };
    return {
      session: withInstance(change.session, position, { ...instance, failure }),
      events: [...change.events, { ...event, code: failure.code }],
    };
  };
}

/** The provider surely did nothing. */
export function refuseLaunch(
  position: number,
  refusal: { readonly at: EpochMs; readonly kind: FailureKind; readonly detail: string },
): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'launching') return undefined;
    const { at, kind, detail } = refusal;
    const failure = { code: kind, message: refusalSentence(kind, instance.provider) };
    return {
      session: withInstance(session, position, { ...instance, state: 'refused', failure }),
      events: [{ ...factsOf(instance, at), kind: 'launch_refused', failure: kind, detail }],
    };
  };
}

/** Not now, and surely not done: the same intent is tried again later. */
export function postponeLaunch(position: number, notBefore: EpochMs): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'launching') return undefined;
    const waiting: Instance = { ...instance, state: 'intended', notBefore };
    return { session: withInstance(session, position, waiting), events: [] };
  };
}

/** Nobody knows whether the launch happened: from here on it is looked for, never repeated. */
export function markUnsettled(
  position: number,
  doubt: { readonly at: EpochMs; readonly settleBy: EpochMs; readonly detail: string },
): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'launching') return undefined;
    const unsettled: Instance = { ...instance, state: 'unsettled', settleBy: doubt.settleBy };
    const event = { ...factsOf(instance, doubt.at), kind: 'launch_unknown' as const };
    return {
      session: withInstance(session, position, unsettled),
      events: [{ ...event, detail: doubt.detail }],
    };
  };
}

/** Found by its tag: it is the one that the launch made, whether or not the rows still know of the launch. */
export function adopt(
  position: number,
  found: { readonly observation: Observation; readonly at: EpochMs; readonly rule: BillingRule },
): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'unsettled' && instance?.state !== 'intended') return undefined;
    const { observation, at, rule } = found;
    const createdAt = observation.createdAt ?? instance.intendedAt;
    const event = { ...factsOf(instance, at), kind: 'instance_adopted' as const };
    return {
      session: withInstance(
        session,
        position,
        launched(instance, { id: observation.id, at, createdAt, rule, durationMs: 0 }),
      ),
      events: [{ ...event, providerInstanceId: observation.id }],
    };
  };
}

/** Looked for until it could not show up any more: it never happened. A later sweep still ends it, should it appear. */
export function writeOff(position: number, at: EpochMs): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'unsettled') return undefined;
    const failure: AttemptFailure = {
      code: 'launch_unconfirmed',
      message: 'the provider never confirmed the launch, and no instance appeared',
    };
    return {
      session: withInstance(session, position, { ...instance, state: 'absent', failure }),
      events: [{ ...factsOf(instance, at), kind: 'launch_never_happened' }],
    };
  };
}

/** An attempt that was never called is simply not made. */
export function dropIntent(position: number): Transition {
  return (session): Change | undefined => {
    const instance = session.instances[position];
    if (instance?.state !== 'intended') return undefined;
    return {
      session: withInstance(session, position, { ...instance, state: 'absent' }),
      events: [],
    };
  };
}

function launched(instance: Instance, acceptance: Acceptance): Instance {
  const { settleBy: _settled, notBefore: _waited, ...rest } = instance;
  return {
    ...rest,
    state: 'launched',
    providerInstanceId: acceptance.id,
    launchedAt: acceptance.at,
    phase: 'starting',
    costs: openLedger(acceptance.rule, instance.price, acceptance.createdAt),
  };
}
