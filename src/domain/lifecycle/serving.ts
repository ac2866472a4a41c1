import { accrue, agreedPrice, type BillingRule, samePrice } from '../billing.ts';
import {
  type AttemptFailure,
  type Endpoint,
  endpointOf,
  type Instance,
  isHostAway,
  isThere,
  type Observation,
  type SshAddress,
} from '../instance.ts';
import { askedPrice } from '../placement.ts';
import type { Session } from '../session.ts';
import { type EpochMs, HOUR_MS } from '../time.ts';
import { readinessOf } from '../workload.ts';
import { type Change, factsOf, type Transition, withInstance, withStatus } from './change.ts';

export interface Look {
  readonly observation: Observation;
  readonly at: EpochMs;
  readonly rule: BillingRule;
  /** The look before this one, where there was one that is known of. */
  readonly seenBefore?: EpochMs;
}

/**
 * Takes in what a provider shows of an instance: phase, price, and with them the ledger. Undefined when nothing
 * that is kept has changed, so that a quiet list costs no write.
 */
export function recordLook(position: number, look: Look): Transition {
  return (session) => {
    const before = session.instances[position];
    if (!before || !isThere(before.state)) return undefined;
    const after = looked(before, look);
    return after === before
      ? undefined
      : { session: withInstance(session, position, after), events: [] };
  };
}

/** The session's key is in. */
export function recordAccess(position: number, at: EpochMs): Transition {
  return whileServing(position, (session, instance) => ({
    session: withInstance(session, position, { ...withoutWait(instance), accessGrantedAt: at }),
    events: [{ ...factsOf(instance, at), kind: 'access_granted' }],
  }));
}

/** A call for this instance failed: the next one is not before `notBefore`. */
export function waitWithInstance(position: number, notBefore: EpochMs): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (instance?.state !== 'launched' && instance?.state !== 'resuming') return undefined;
    return { session: withInstance(session, position, { ...instance, notBefore }), events: [] };
  };
}

/** Where it is. The time that a login may take starts here, unless the consumer set a time for the whole. */
export function recordAddress(
  position: number,
  found: { readonly address: SshAddress; readonly at: EpochMs; readonly proofTimeoutMs: number },
): Transition {
  return whileServing(position, (session, instance) => {
    const { address, at, proofTimeoutMs } = found;
    // One that moves while it comes up gets no more time each time.
    const isFixed = session.request.readyTimeoutMs !== undefined || instance.address !== undefined;
    const readyBy = isFixed ? instance.readyBy : at + proofTimeoutMs;
    return {
      session: withInstance(session, position, { ...instance, address, readyBy }),
      events: [{ ...factsOf(instance, at), kind: 'instance_located' }],
    };
  });
}

export interface ProvenLogin {
  readonly at: EpochMs;
  /** SHA-256 fingerprint of the host key that answered. */
  readonly hostKey: string;
  /** From the first address to the proof. */
  readonly durationMs: number;
}

/** The login works: the session runs, and the reservation starts here. */
export function recordLogin(position: number, login: ProvenLogin): Transition {
  return whileBringingUp(position, (session, instance) => {
    const { at, hostKey, durationMs } = login;
    const known: Instance = { ...instance, hostKey: instance.hostKey ?? hostKey };
    const change = running(withInstance(session, position, known), position, at);
    const event = { ...factsOf(instance, at), kind: 'login_proven' as const, hostKey, durationMs };
    return { session: change.session, events: [event, ...change.events] };
  });
}

export interface ProvenService {
  readonly at: EpochMs;
  /** What answered. */
  readonly endpoint: Endpoint;
  /** The status of the answer that counted. */
  readonly httpStatus: number;
  /** From the first endpoint to the proof. */
  readonly durationMs: number;
}

/** The workload answers: the session runs. Not so when the endpoint is another one by now: then something else answered. */
export function recordService(position: number, service: ProvenService): Transition {
  return whileBringingUp(position, (session, instance) => {
    const { at, endpoint, httpStatus, durationMs } = service;
    if (!isSameEndpoint(instance.endpoint, endpoint)) return undefined;
    const change = running(session, position, at);
    const event = { ...factsOf(instance, at), kind: 'service_proven' as const };
    return {
      session: change.session,
      events: [{ ...event, httpStatus, durationMs }, ...change.events],
    };
  });
}

/** Where the workload is reached; after a restart of the machine it may be somewhere else. */
export function recordEndpoint(
  position: number,
  { endpoint, at }: { readonly endpoint: Endpoint; readonly at: EpochMs },
): Transition {
  return whileServing(position, (session, instance) =>
    isSameEndpoint(instance.endpoint, endpoint)
      ? undefined
      : {
          session: withInstance(session, position, { ...instance, endpoint }),
          events: [{ ...factsOf(instance, at), kind: 'service_located' }],
        },
  );
}

/** The address that a look shows, where the rows have none, or may have a former run's. A server is not logged in to. */
export function addressNews(
  { request }: Session,
  instance: Instance,
  observation: Observation,
): SshAddress | undefined {
  const { address } = observation;
  if (request.workload.kind !== 'ssh' || instance.state !== 'launched' || !address)
    return undefined;
  if (isOfFormerRun(instance, observation)) return undefined;
  const known = instance.address;
  const isMoved = isComingBack(instance) && !isSameAddress(known, address);
  return known === undefined || isMoved ? address : undefined;
}

/** It was started again, and has not served since. */
function isComingBack({ resumedAt, runningAt }: Instance): boolean {
  return resumedAt !== undefined && runningAt === undefined;
}

/** What is shown of a machine before it runs again is where it was reached before it stopped: somebody else may listen there. */
function isOfFormerRun(instance: Instance, { phase }: Observation): boolean {
  return isComingBack(instance) && phase !== 'running';
}

/** The endpoint that a look shows, where the rows have another one or none. A look without ports says nothing. */
export function endpointNews(
  { request }: Session,
  instance: Instance,
  observation: Observation,
): Endpoint | undefined {
  if (request.workload.kind !== 'entrypoint' || instance.state !== 'launched') return undefined;
  if (isOfFormerRun(instance, observation)) return undefined;
  const { port } = readinessOf(request.workload);
  const { ownHost: _shared, ...listed } = observation;
  const shown = endpointOf(instance.offer.sharesAddress ? listed : observation, port);
  return shown && !isSameEndpoint(instance.endpoint, shown) ? shown : undefined;
}

/** The attempt will not serve. The instance, if there is one, is ended next; a launch not yet made is not made. */
export function failAttempt(position: number, failure: AttemptFailure, at: EpochMs): Transition {
  return (session) => {
    const instance = session.instances[position];
    if (!instance || !FALLIBLE.includes(instance.state)) return undefined;
    if (instance.failure !== undefined) return undefined;
    const state = instance.state === 'intended' ? 'absent' : instance.state;
    return {
      session: withInstance(session, position, { ...instance, state, failure }),
      events: [{ ...factsOf(instance, at), kind: 'attempt_failed', code: failure.code }],
    };
  };
}

const FALLIBLE: readonly Instance['state'][] = ['intended', 'launched', 'resuming'];

/** The session, and its reservation, run from now on; on another machine, what was left of it. */
function running(session: Session, position: number, at: EpochMs): Change {
  const instance = session.instances[position];
  const served = instance
    ? withInstance(session, position, { ...instance, runningAt: at })
    : session;
  const { interruptedAt: _over, leftMs, formerEnd: _past, ...awake } = served;
  const reservedMs = leftMs ?? session.request.reservationHours * HOUR_MS;
  return withStatus({ ...awake, runningAt: at, expiresAt: at + reservedMs }, 'running', at);
}

function isSameAddress(left: SshAddress | undefined, right: SshAddress): boolean {
  return left?.host === right.host && left.port === right.port && left.user === right.user;
}

function isSameEndpoint(left: Endpoint | undefined, right: Endpoint): boolean {
  return left?.host === right.host && left.port === right.port;
}

/** For an attempt that is wanted, is there, and has not served yet. */
export function whileBringingUp(
  position: number,
  step: (session: Session, instance: Instance) => Change | undefined,
): Transition {
  return whileServing(position, (session, instance) =>
    instance.runningAt === undefined && session.stopAskedAt === undefined
      ? step(session, instance)
      : undefined,
  );
}

function whileServing(
  position: number,
  step: (session: Session, instance: Instance) => Change | undefined,
): Transition {
  return (session) => {
    const instance = session.instances[position];
    return instance?.state === 'launched' ? step(session, instance) : undefined;
  };
}

function looked(before: Instance, look: Look): Instance {
  const { observation, at, rule, seenBefore } = look;
  const offered =
    before.firstSeenAt === undefined ? askedPrice(before.offer, before) : before.price;
  const price = agreedPrice(offered, observation, rule);
  const costs = accrue(before.costs, rule, {
    at,
    phase: observation.phase,
    price,
    isFirstLook: before.firstSeenAt === undefined,
    ...(observation.createdAt === undefined ? {} : { createdAt: observation.createdAt }),
    ...(observation.runningSince === undefined ? {} : { runningSince: observation.runningSince }),
    ...(seenBefore === undefined ? {} : { seenBefore }),
    isAway: isHostAway(observation),
    // Nothing is charged of a machine that is there only while its host is away.
    isBack:
      before.phase === 'unknown' && before.costs.every(({ endedAt }) => endedAt !== undefined),
    ...(observation.holdsGpus === undefined ? {} : { holdsGpus: observation.holdsGpus }),
  });
  const trouble = troubledAt(before, observation, at);
  const isSame =
    before.firstSeenAt !== undefined &&
    before.phase === observation.phase &&
    samePrice(before.price, price) &&
    sameLines(before.costs, costs) &&
    trouble === before.troubledAt;
  if (isSame) return before;
  const { troubledAt: _cleared, ...rest } = before;
  return {
    ...rest,
    firstSeenAt: before.firstSeenAt ?? at,
    phase: observation.phase,
    price,
    costs,
    ...(trouble === undefined ? {} : { troubledAt: trouble }),
  };
}

/**
 * `failed` is trouble at any time, and so is a host that is away; `stopped` only where nobody asked for it, and not before a machine that is started again
 * has had its time to. Anything alive clears it.
 */
function troubledAt(before: Instance, observation: Observation, at: EpochMs): EpochMs | undefined {
  if (before.state !== 'launched' && before.state !== 'terminating') return undefined;
  switch (observation.phase) {
    case 'stopped':
    case 'stopping':
      if (isComingBack(before) && observation.isStartPending !== true) return undefined;
      return before.troubledAt ?? at;
    case 'failed':
      return before.troubledAt ?? at;
    case 'unknown':
      return isHostAway(observation) && !isComingBack(before)
        ? (before.troubledAt ?? at)
        : before.troubledAt;
    case 'starting':
    case 'running':
      return undefined;
  }
}

function sameLines(left: Instance['costs'], right: Instance['costs']): boolean {
  return (
    left.length === right.length &&
    left.every((line, index) => {
      const other = right[index];
      return (
        other !== undefined &&
        line.startedAt === other.startedAt &&
        line.endedAt === other.endedAt &&
        line.rateMicroUsdPerHour === other.rateMicroUsdPerHour
      );
    })
  );
}

function withoutWait(instance: Instance): Instance {
  const { notBefore: _over, ...rest } = instance;
  return rest;
}
