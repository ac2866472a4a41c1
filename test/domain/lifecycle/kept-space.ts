import type { Instance, InstanceState } from '../../../src/domain/instance.ts';
import type { Sighting, View } from '../../../src/domain/lifecycle/decide.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { instance, request, START, session } from '../../support/builders.ts';
import { type Case, LONG, NOW, SEEN, SIGHTINGS } from './decide-space.ts';

const PAST = NOW - MINUTE_MS;
const FUTURE = NOW + MINUTE_MS;
const TOO_OLD = NOW - DEFAULT_POLICY.preservedMaxAgeMs;

/** States in which a machine is, or was, there. */
const STATES: readonly InstanceState[] = [
  'launched',
  'stopping',
  'preserved',
  'resuming',
  'terminating',
  'gone',
];

const MORE_SIGHTINGS: readonly Sighting[] = [
  { kind: 'seen', observation: { ...SEEN, phase: 'stopped', isStartPending: true }, ...LONG },
  { kind: 'seen', observation: { ...SEEN, phase: 'stopped', holdsGpus: true }, ...LONG },
  { kind: 'seen', observation: SEEN, at: PAST - 2 * HOUR_MS, troubledForMs: 0 },
];

/** Whether somebody has worked on it, in this run or in one before. */
const RUNS: readonly Partial<Instance>[] = [
  {},
  { runningAt: START },
  { resumedAt: START },
  { resumedAt: START, runningAt: START },
];

const RESTS: readonly Partial<Instance>[] = [
  {},
  { preservedAt: PAST },
  { preservedAt: TOO_OLD + 1 },
  { preservedAt: TOO_OLD },
];

const DEADLINES: readonly Partial<Instance>[] = [
  { readyBy: FUTURE },
  { readyBy: FUTURE, notBefore: FUTURE },
  { readyBy: PAST, notBefore: PAST },
];

const TROUBLES: readonly Partial<Instance>[] = [
  {},
  { troubledAt: NOW - HOUR_MS, phase: 'stopped' },
  { failure: { code: 'outbid', message: 'somebody bid more' } },
];

const ASKED = { stopAskedAt: PAST, stopReason: 'done' as const };
const STANDINGS: readonly Partial<Session>[] = [
  { status: 'provisioning' },
  { status: 'running', runningAt: START },
  { status: 'stopping', ...ASKED },
  { status: 'stopped', ...ASKED },
  { status: 'failed', ...ASKED },
];

const DISCARDS: readonly Partial<Session>[] = [{}, { discardAskedAt: PAST }];

const PACES: readonly View['pace'][] = [
  { locateNotBefore: PAST, proveNotBefore: PAST },
  { locateNotBefore: FUTURE, proveNotBefore: FUTURE },
];

/** Every session that wants its disk kept, over all that a decision about its machine looks at. */
export function* keptCases(): Generator<Case> {
  for (const owner of keptSessions()) {
    for (const sighting of [...SIGHTINGS, ...MORE_SIGHTINGS]) {
      for (const pace of PACES) {
        const view = { now: NOW, policy: DEFAULT_POLICY, sightings: [sighting], pace };
        const inherited = { isInherited: false, isNothingForgotten: true, isAgentHeard: true };
        yield { session: owner, view: { ...view, ...inherited } };
      }
    }
  }
}

function* keptSessions(): Generator<Session> {
  const instances = [...keptInstances()];
  const kept = request({ keepsDisk: true });
  for (const standing of STANDINGS) {
    for (const discard of DISCARDS) {
      const terms = { request: kept, expiresAt: FUTURE, ...standing, ...discard };
      const owners = instances.map((one) => session({ ...terms, instances: [one] }));
      yield* owners.filter(isPossible);
    }
  }
}

function* keptInstances(): Generator<Instance> {
  for (const state of STATES) {
    for (const run of RUNS) {
      for (const rest of RESTS) {
        for (const deadline of DEADLINES) {
          for (const trouble of TROUBLES) {
            const there = { providerInstanceId: 'i-1', launchedAt: START, firstSeenAt: START };
            yield instance({ state, ...there, ...run, ...rest, ...deadline, ...trouble });
          }
        }
      }
    }
  }
}

/** What no transition makes is left out: it would only prove that nobody decides about it. */
function isPossible({ status, discardAskedAt, instances: [one] }: Session): boolean {
  const isOpen = status === 'provisioning' || status === 'running';
  // A delete ends the session in the same write.
  const isHalfDeleted = discardAskedAt !== undefined && isOpen;
  if (!one || isHalfDeleted) return false;
  if (one.runningAt !== undefined && status === 'provisioning') return false;
  return isPossibleIn(status, one);
}

function isPossibleIn(status: Session['status'], one: Instance): boolean {
  const isOver = status === 'stopped' || status === 'failed';
  const hasRested = one.preservedAt !== undefined;
  const hasServed = one.runningAt !== undefined || one.resumedAt !== undefined;
  switch (one.state) {
    case 'preserved':
      return hasRested && hasServed && isRestOf(status, one);
    case 'resuming':
      return !hasRested && one.resumedAt !== undefined && !one.runningAt && isComingUp(status);
    case 'launched':
      return status === 'running' ? one.runningAt !== undefined : !hasRested || isOver;
    case 'stopping':
      return hasServed && (status === 'stopping' || (hasRested && isOver));
    default:
      return true;
  }
}

/** Between a start that was refused and the end that follows from it the session is on its way up. */
function isRestOf(status: Session['status'], { failure }: Instance): boolean {
  return status === 'provisioning' ? failure !== undefined : status !== 'running';
}

function isComingUp(status: Session['status']): boolean {
  return status === 'provisioning' || status === 'stopping';
}
