import { isIdleTooLong } from '../idleness.ts';
import type { AttemptFailure, FailureCode, Observation, StopCause } from '../instance.ts';
import { type Instance, isFinalInstance, isHostAway } from '../instance.ts';
import { totalPerHour } from '../offer.ts';
import type { Policy } from '../policy.ts';
import { currentInstance, isTerminalStatus, type Session, type StopReason } from '../session.ts';
import type { EpochMs } from '../time.ts';
import { decideBringUp } from './bring-up.ts';
import { decideAbsence, decideKept } from './decide-kept.ts';
import type { Decision, InstanceCase, Sighting, View } from './decision.ts';
import { isKept } from './keeping.ts';
import { decideServing } from './looking.ts';
import { isReplaced } from './replacing.ts';
import { isAhead, paced } from './waits.ts';

export type { Decision, InstanceAction, Sighting, View } from './decision.ts';

/**
 * What a session needs now. Pure: rows, sightings and the time in, one decision out. The first open instance that
 * needs something is served; a session rests only when all of them do.
 */
export function decide(session: Session, view: View): Decision {
  const cause = endCause(session, view);
  if (cause) {
    const limitAt = hardLimitAt(session, view.policy);
    const isOver = !isReplaced(session, cause, { now: view.now, limitAt });
    return isOver ? { kind: 'begin_stop', reason: cause } : { kind: 'interrupt' };
  }
  let until: EpochMs | undefined;
  for (const [position, instance] of session.instances.entries()) {
    const decision = decideInstance({ session, instance, position, view });
    if (decision.kind !== 'rest') return decision;
    until = earliest(until, decision.until);
  }
  if (isTerminalStatus(session.status) || hasBusyInstance(session)) return { kind: 'rest', until };
  if (session.stopAskedAt !== undefined) return { kind: 'finish' };
  const { searchNotBefore = 0 } = view.pace;
  return isAhead(searchNotBefore, view.now)
    ? { kind: 'rest', until: searchNotBefore }
    : { kind: 'next_attempt' };
}

export function hasOpenInstance(session: Session): boolean {
  return session.instances.some((instance) => !isFinalInstance(instance.state));
}

/** Whether a machine is there, or may be, that is neither gone nor at rest with its disk kept. */
export function hasBusyInstance(session: Session): boolean {
  return session.instances.some(({ state }) => !isFinalInstance(state) && state !== 'preserved');
}

/** The end of running time that no reservation or extension goes past; undefined before `running`. */
export function hardLimitAt(session: Session, policy: Policy): EpochMs | undefined {
  const { runningAt, ranBeforeMs = 0 } = session;
  return runningAt === undefined ? undefined : runningAt + policy.hardLimitMs - ranBeforeMs;
}

function endCause(session: Session, view: View): StopReason | undefined {
  if (session.stopAskedAt !== undefined || isTerminalStatus(session.status)) return undefined;
  const current = currentInstance(session);
  // Nothing but its own machine can serve a session that was resumed.
  const isOnly = session.status === 'running' || current?.resumedAt !== undefined;
  if (isOnly && current?.failure) return reasonOfLoss(current.failure.code);
  if (session.status !== 'running') return undefined;
  const limit = hardLimitAt(session, view.policy);
  if (view.policy.nets.hardLimit && limit !== undefined && view.now >= limit) return 'hard_limit';
  if (view.now >= session.expiresAt) return 'expired';
  return isIdle(session, view) ? 'idle' : undefined;
}

/** Idleness ends only what is known to be well in every respect: in doubt the machine stays, as long as it is paid for. */
function isIdle(session: Session, view: View): boolean {
  const position = session.instances.findLastIndex(({ role }) => role === 'attempt');
  const sighting = view.sightings[position];
  const isPlain =
    session.instances[position]?.state === 'launched' &&
    session.instances[position].troubledAt === undefined &&
    sighting?.kind === 'seen' &&
    sighting.observation.phase === 'running';
  const gapMs = view.policy.heartbeatGapMs;
  return isPlain && view.isAgentHeard && isIdleTooLong(session, { now: view.now, gapMs });
}

/** Why a session ends whose machine serves it no longer. */
export function reasonOfLoss(code: FailureCode): StopReason {
  return code === 'instance_failed' ? 'instance_stopped' : reasonOfFailure(code);
}

/** Why a session ends whose last attempt failed so. */
export function reasonOfFailure(code: FailureCode | undefined): StopReason {
  switch (code) {
    case 'never_ready':
    case 'instance_lost':
    case 'instance_stopped':
    case 'outbid':
    case 'out_of_credit':
    case 'contract_expired':
    case 'host_offline':
    case 'wrong_machine':
      return code;
    case 'no_driver':
      return 'never_ready';
    default:
      return 'launch_failed';
  }
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
    case 'stopping':
    case 'preserved':
    case 'resuming':
      return decideKept(item);
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
  if (mustEnd(session, instance) && !isKept(session, instance)) {
    return { kind: 'terminate', position };
  }
  const sighting = view.sightings[position] ?? { kind: 'unknown' };
  const doubted = decideAbsence(item);
  if (doubted) return doubted;
  if (mustEnd(session, instance)) return { kind: 'stop', position };
  if (isTooDear(session, instance)) {
    return { kind: 'fail_attempt', position, failure: PRICE_CHANGED };
  }
  const mistake = instance.runningAt === undefined ? mistakeOf(instance, sighting) : undefined;
  if (mistake) return { kind: 'fail_attempt', position, failure: mistake };
  const trouble = troubleOf(instance, sighting, view.policy);
  if (trouble) return { kind: 'fail_attempt', position, failure: trouble };
  return instance.runningAt === undefined
    ? decideBringUp(item)
    : decideServing(item, nextDeadline(session, view));
}

/** What was rented is not what was ordered, or nothing could run it. */
function mistakeOf({ bidPerHour }: Instance, sighting: Sighting): AttemptFailure | undefined {
  if (sighting.kind !== 'seen') return undefined;
  const { interruptible, isOrderBad } = sighting.observation;
  if (isOrderBad) return NO_IMAGE;
  const isOtherKind = interruptible !== undefined && interruptible !== (bidPerHour !== undefined);
  return isOtherKind ? OTHER_KIND : undefined;
}

/** The ceiling is for what is rented, not for what was on the menu: the instance's own price is held against it. */
function isTooDear(session: Session, instance: Instance): boolean {
  const { price, bidPerHour = Number.POSITIVE_INFINITY } = instance;
  const { maxPricePerHour = Number.POSITIVE_INFINITY } = session.request;
  const isKnown = instance.firstSeenAt !== undefined && instance.runningAt === undefined;
  const total = totalPerHour(price);
  return isKnown && (total > maxPricePerHour || total - price.disk > bidPerHour);
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

const NEVER_MADE: AttemptFailure = {
  code: 'never_ready',
  message: 'the launch could not be made in the time that it was given',
};

const PRICE_CHANGED: AttemptFailure = {
  code: 'price_changed',
  message: 'the instance costs more than the max_price or the bid_price of the request',
};

const OTHER_KIND: AttemptFailure = {
  code: 'price_changed',
  message: 'the provider rented it under other terms than were ordered: with a bid, or without one',
};

const NO_IMAGE: AttemptFailure = {
  code: 'image_unavailable',
  message:
    'the image cannot be had: check its name and tag, and that it can be pulled without a login',
};

const STOPPED_BY: Readonly<Record<StopCause, AttemptFailure>> = {
  outbid: { code: 'outbid', message: 'somebody else bid more for the machine' },
  out_of_credit: {
    code: 'out_of_credit',
    message: 'the provider stopped the instance: the account of this broker has no credit left',
  },
  contract_expired: {
    code: 'contract_expired',
    message: 'the provider stopped the instance: its host offered it until now and no longer',
  },
  host_offline: {
    code: 'host_offline',
    message: "the provider has heard nothing from the machine's host for a while",
  },
};

const TAKEN: AttemptFailure = {
  code: 'no_capacity',
  message: 'the GPUs of the machine are rented by somebody else at the moment',
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
  const { observation } = sighting;
  if (seenForMs < graceMs(instance, observation, policy)) return undefined;
  switch (observation.phase) {
    case 'failed':
      return BROKEN;
    case 'stopping':
    case 'stopped':
      return stoppedBy(instance, observation);
    case 'unknown':
      return isHostAway(observation) ? STOPPED_BY.host_offline : undefined;
    case 'starting':
    case 'running':
      return undefined;
  }
}

/** What is on a machine that served is worth waiting for; one that boots can be had elsewhere. */
function graceMs({ runningAt }: Instance, observation: Observation, policy: Policy): number {
  const isWorthIt = runningAt !== undefined && isHostAway(observation);
  return isWorthIt ? policy.hostOfflineGraceMs : policy.stoppedGraceMs;
}

/** A start that waits for GPUs to come free would be billed whenever that is: it is withdrawn. */
function stoppedBy(
  { runningAt, resumedAt, bidPerHour }: Instance,
  { stopCause, isStartPending, leastBid }: Observation,
): AttemptFailure {
  if (stopCause) return STOPPED_BY[stopCause];
  // What a contract that rests shows as its price need not be what was bid: the row of ours knows that.
  const isBelowMarket = bidPerHour !== undefined && leastBid !== undefined && leastBid > bidPerHour;
  if (isBelowMarket) return STOPPED_BY.outbid;
  return isStartPending && resumedAt !== undefined && runningAt === undefined ? TAKEN : STOPPED;
}

function nextDeadline(session: Session, view: View): EpochMs | undefined {
  const limit = view.policy.nets.hardLimit ? hardLimitAt(session, view.policy) : undefined;
  return earliest(session.expiresAt, limit);
}

function earliest(left: EpochMs | undefined, right: EpochMs | undefined): EpochMs | undefined {
  if (left === undefined) return right;
  return right === undefined ? left : Math.min(left, right);
}
