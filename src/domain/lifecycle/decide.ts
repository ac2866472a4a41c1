import type { AttemptFailure } from '../instance.ts';
import { type Instance, isFinalInstance, type Observation } from '../instance.ts';
import { totalPerHour } from '../offer.ts';
import type { Policy } from '../policy.ts';
import { currentInstance, isTerminalStatus, type Session, type StopReason } from '../session.ts';
import { type EpochMs, MINUTE_MS } from '../time.ts';

/** What the latest complete lists say about an instance. */
export type Sighting =
  /** No list that could show it, or lists that cannot be trusted. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'seen';
      readonly observation: Observation;
      readonly at: EpochMs;
      /** For how long, by a clock that nobody sets, this process has seen it stopped or failed; 0 when it is neither. */
      readonly troubledForMs: number;
    }
  /** Missing from the newest complete list, which began at `listedAt`; `isProven` after two of them apart in time. */
  | { readonly kind: 'absent'; readonly listedAt: EpochMs; readonly isProven: boolean };

/** Everything a decision may look at beside the rows. */
export interface View {
  readonly now: EpochMs;
  readonly policy: Policy;
  /** By position in the session's list of instances. */
  readonly sightings: readonly Sighting[];
  /** The session is older than this process: its rows may come from a backup, and not know what was launched since. */
  readonly isInherited: boolean;
  /** Every API has been listed, and shows no machine of this session that its rows may not know of. */
  readonly isNothingForgotten: boolean;
  /** The next look at the instance itself, and the next try to log in, are not before these; 0 = none in this process yet. */
  readonly pace: { readonly locateNotBefore: EpochMs; readonly proveNotBefore: EpochMs };
}

/** The one thing to do next for a session. */
export type Decision =
  | { readonly kind: 'rest'; readonly until: EpochMs | undefined }
  | { readonly kind: 'begin_stop'; readonly reason: StopReason }
  | { readonly kind: 'finish' }
  | { readonly kind: 'next_attempt' }
  | { readonly kind: InstanceAction; readonly position: number }
  | { readonly kind: 'adopt'; readonly position: number; readonly observation: Observation }
  | { readonly kind: 'fail_attempt'; readonly position: number; readonly failure: AttemptFailure };

/** Acts on one instance that need no more than to know which. */
export type InstanceAction =
  | 'launch'
  | 'drop_intent'
  | 'mark_unsettled'
  | 'write_off'
  | 'grant_access'
  | 'locate'
  | 'prove_login'
  | 'verify_absence'
  | 'terminate';

/**
 * What a session needs now. Pure: rows, sightings and the time in, one decision out. The first open instance that
 * needs something is served; a session rests only when all of them do.
 */
export function decide(session: Session, view: View): Decision {
  const cause = endCause(session, view);
  if (cause) return { kind: 'begin_stop', reason: cause };
  let until: EpochMs | undefined;
  for (const [position, instance] of session.instances.entries()) {
    const decision = decideInstance({ session, instance, position, view });
    if (decision.kind !== 'rest') return decision;
    until = earliest(until, decision.until);
  }
  if (until !== undefined || hasOpenInstance(session)) return { kind: 'rest', until };
  return decideWithoutInstance(session);
}

export function hasOpenInstance(session: Session): boolean {
  return session.instances.some((instance) => !isFinalInstance(instance.state));
}

/** The end of running time that no reservation or extension goes past; undefined before `running`. */
export function hardLimitAt(session: Session, policy: Policy): EpochMs | undefined {
  return session.runningAt === undefined ? undefined : session.runningAt + policy.hardLimitMs;
}

interface InstanceCase {
  readonly session: Session;
  readonly instance: Instance;
  readonly position: number;
  readonly view: View;
}

function endCause(session: Session, view: View): StopReason | undefined {
  if (session.stopAskedAt !== undefined) return undefined;
  if (session.status !== 'running') return undefined;
  const failure = currentInstance(session)?.failure;
  if (failure) return failure.code === 'instance_lost' ? 'instance_lost' : 'instance_stopped';
  const limit = hardLimitAt(session, view.policy);
  if (view.policy.nets.hardLimit && limit !== undefined && view.now >= limit) return 'hard_limit';
  return view.now >= session.expiresAt ? 'expired' : undefined;
}

function decideWithoutInstance(session: Session): Decision {
  if (isTerminalStatus(session.status)) return { kind: 'rest', until: undefined };
  return session.stopAskedAt === undefined ? { kind: 'next_attempt' } : { kind: 'finish' };
}

function decideInstance(item: InstanceCase): Decision {
  const { instance, position, view } = item;
  switch (instance.state) {
    case 'intended':
      return decideIntended(item);
    case 'launching':
      // Steps of one session never overlap, so a launch still in this state died with its process.
      return { kind: 'mark_unsettled', position };
    case 'unsettled':
      return decideUnsettled(item);
    case 'launched':
      return decideLaunched(item);
    case 'terminating':
      return paced(instance, view) ?? { kind: 'terminate', position };
    case 'refused':
    case 'absent':
    case 'gone':
      return { kind: 'rest', until: undefined };
  }
}

function decideIntended({ session, instance, position, view }: InstanceCase): Decision {
  const sighting = view.sightings[position];
  // Launched although no row says so: the network delivered a refused call twice, or the rows come from a backup.
  if (sighting?.kind === 'seen') {
    return { kind: 'adopt', position, observation: sighting.observation };
  }
  if (session.stopAskedAt !== undefined) return { kind: 'drop_intent', position };
  // After a long downtime nobody waits for this launch any more, and its offer is long gone.
  if (view.now >= instance.readyBy) return { kind: 'fail_attempt', position, failure: NEVER_MADE };
  if (view.isInherited && !(view.isNothingForgotten && isProvenAbsent(sighting))) {
    return { kind: 'rest', until: instance.readyBy };
  }
  return paced(instance, view) ?? { kind: 'launch', position };
}

function isProvenAbsent(sighting: Sighting | undefined): boolean {
  return sighting?.kind === 'absent' && sighting.isProven;
}

/**
 * Never launch again before this is settled: found by its tag, or missing from two complete lists, apart in time, that
 * were begun when it had to show; before that no list says anything of it. One list alone may be a bad one, and another
 * launch on its word would be a second instance.
 */
function decideUnsettled({ position, view }: InstanceCase): Decision {
  const sighting = view.sightings[position];
  if (sighting?.kind === 'seen') {
    return { kind: 'adopt', position, observation: sighting.observation };
  }
  return isProvenAbsent(sighting)
    ? { kind: 'write_off', position }
    : { kind: 'rest', until: undefined };
}

function decideLaunched(item: InstanceCase): Decision {
  const { session, instance, position, view } = item;
  if (mustEnd(session, instance)) return { kind: 'terminate', position };
  const sighting = view.sightings[position] ?? { kind: 'unknown' };
  if (sighting.kind === 'absent' && sighting.isProven) {
    return isAhead(view.pace.locateNotBefore, view.now)
      ? { kind: 'rest', until: view.pace.locateNotBefore }
      : { kind: 'verify_absence', position };
  }
  if (isTooDear(session, instance)) {
    return { kind: 'fail_attempt', position, failure: PRICE_CHANGED };
  }
  const trouble = troubleOf(instance, sighting, view.policy);
  if (trouble) return { kind: 'fail_attempt', position, failure: trouble };
  return instance.runningAt === undefined
    ? decideBringUp(item)
    : { kind: 'rest', until: nextDeadline(session, view) };
}

/** The ceiling is for what is rented, not for what was on the menu: the instance's own price is held against it. */
function isTooDear(session: Session, instance: Instance): boolean {
  const ceiling = session.request.maxPricePerHour;
  const isKnown = instance.firstSeenAt !== undefined && instance.runningAt === undefined;
  return ceiling !== undefined && isKnown && totalPerHour(instance.price) > ceiling;
}

function mustEnd(session: Session, instance: Instance): boolean {
  return (
    session.stopAskedAt !== undefined ||
    isTerminalStatus(session.status) ||
    instance.failure !== undefined ||
    instance.role === 'stray' ||
    instance !== currentInstance(session)
  );
}

function decideBringUp({ instance, position, view }: InstanceCase): Decision {
  if (view.now >= instance.readyBy) {
    const failed = { kind: 'fail_attempt', position, failure: NEVER_READY } as const;
    return untried(instance, position, view) ?? failed;
  }
  if (instance.accessGrantedAt === undefined) {
    return paced(instance, view) ?? { kind: 'grant_access', position };
  }
  if (instance.address === undefined) {
    const sighting = view.sightings[position];
    const isUp = sighting?.kind === 'seen' && sighting.observation.phase === 'running';
    // The list that shows it running wakes this session; asking for each one before that would cost a call a machine.
    if (!isUp) return { kind: 'rest', until: instance.readyBy };
    return soonest(view.pace.locateNotBefore, instance, view) ?? { kind: 'locate', position };
  }
  return soonest(view.pace.proveNotBefore, instance, view) ?? { kind: 'prove_login', position };
}

/**
 * A process that was away while the time ran out has not looked yet: it looks once before it gives up, because no
 * restart may end what works.
 */
function untried(instance: Instance, position: number, { pace }: View): Decision | undefined {
  const isLocated = instance.address !== undefined;
  const lastTry = isLocated ? pace.proveNotBefore : pace.locateNotBefore;
  return lastTry === 0 ? { kind: isLocated ? 'prove_login' : 'locate', position } : undefined;
}

const NEVER_MADE: AttemptFailure = {
  code: 'never_ready',
  message: 'the launch could not be made in the time that it was given',
};

const PRICE_CHANGED: AttemptFailure = {
  code: 'price_changed',
  message: 'the instance costs more than the max_price of the request',
};

const NEVER_READY: AttemptFailure = {
  code: 'never_ready',
  message: 'the instance did not accept a login in the time that it was given',
};

const STOPPED: AttemptFailure = {
  code: 'instance_stopped',
  message: 'the provider stopped the instance',
};

const BROKEN: AttemptFailure = {
  code: 'instance_failed',
  message: 'the provider reports that the instance failed',
};

/** Trouble is acted on only when a later look, a grace period apart, still shows it. */
function troubleOf(
  instance: Instance,
  sighting: Sighting,
  policy: Policy,
): AttemptFailure | undefined {
  if (instance.troubledAt === undefined || sighting.kind !== 'seen') return undefined;
  const seenForMs = Math.min(sighting.at - instance.troubledAt, sighting.troubledForMs);
  if (seenForMs < policy.stoppedGraceMs) return undefined;
  switch (sighting.observation.phase) {
    case 'failed':
      return BROKEN;
    case 'stopping':
    case 'stopped':
      return STOPPED;
    case 'starting':
    case 'running':
    case 'unknown':
      return undefined;
  }
}

function nextDeadline(session: Session, view: View): EpochMs | undefined {
  const limit = view.policy.nets.hardLimit ? hardLimitAt(session, view.policy) : undefined;
  return earliest(session.expiresAt, limit);
}

/** No wait that is stored or kept is longer than this; one that looks longer was set by another clock, and is over. */
const LONGEST_WAIT_MS = 2 * MINUTE_MS;

function isAhead(notBefore: EpochMs, now: EpochMs): boolean {
  return now < notBefore && notBefore - now <= LONGEST_WAIT_MS;
}

/** Rest while the instance's own `notBefore` lies ahead. */
function paced({ notBefore }: Instance, { now }: View): Decision | undefined {
  return notBefore !== undefined && isAhead(notBefore, now)
    ? { kind: 'rest', until: notBefore }
    : undefined;
}

function soonest(notBefore: EpochMs, instance: Instance, { now }: View): Decision | undefined {
  return isAhead(notBefore, now)
    ? { kind: 'rest', until: Math.min(notBefore, instance.readyBy) }
    : undefined;
}

function earliest(left: EpochMs | undefined, right: EpochMs | undefined): EpochMs | undefined {
  if (left === undefined) return right;
  return right === undefined ? left : Math.min(left, right);
}
