import { INSTANCE_STATES, type Instance, type Observation } from '../../../src/domain/instance.ts';
import type { Sighting, View } from '../../../src/domain/lifecycle/decide.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { SESSION_STATUSES, type Session, type SessionStatus } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { instance, START, session } from '../../support/builders.ts';

/** One point of the space that decisions are made over. */
export interface Case {
  readonly session: Session;
  readonly view: View;
}

/** The moment at which every case is decided; deadlines lie before or after it. */
export const NOW = START + HOUR_MS;
const PAST = NOW - MINUTE_MS;
const FUTURE = NOW + MINUTE_MS;

export const SEEN: Observation = { id: 'i-1', tag: 'unused', phase: 'running' };

/** Looked at a second ago, after a long time of the same. */
export const LONG = { at: NOW - SECOND_MS, troubledForMs: HOUR_MS };

export const SIGHTINGS: readonly Sighting[] = [
  { kind: 'unknown' },
  { kind: 'seen', observation: { ...SEEN, phase: 'starting' }, ...LONG },
  { kind: 'seen', observation: SEEN, ...LONG },
  { kind: 'seen', observation: { ...SEEN, phase: 'stopped' }, ...LONG },
  { kind: 'seen', observation: { ...SEEN, phase: 'failed' }, ...LONG },
  { kind: 'seen', observation: { ...SEEN, phase: 'unknown' }, ...LONG },
  { kind: 'absent', listedAt: NOW - SECOND_MS, isProven: false },
  { kind: 'absent', listedAt: NOW - SECOND_MS, isProven: true },
  { kind: 'absent', listedAt: PAST - SECOND_MS, isProven: true },
];

const PACES: readonly View['pace'][] = [
  { locateNotBefore: 0, proveNotBefore: 0 },
  { locateNotBefore: PAST, proveNotBefore: PAST },
  { locateNotBefore: FUTURE, proveNotBefore: FUTURE },
];

/** How far an instance has come, as far as a decision can tell. */
const PROGRESS: readonly Partial<Instance>[] = [
  {},
  { accessGrantedAt: START },
  { accessGrantedAt: START, address: { host: '192.0.2.1', port: 22, user: 'root' } },
  {
    accessGrantedAt: START,
    address: { host: '192.0.2.1', port: 22, user: 'root' },
    runningAt: START,
  },
];

const TROUBLES: readonly Partial<Instance>[] = [
  {},
  { troubledAt: NOW - 2 * SECOND_MS, phase: 'stopped' },
  { troubledAt: NOW - 5 * MINUTE_MS, phase: 'failed' },
  { failure: { code: 'instance_lost', message: 'lost' }, phase: 'running' },
];

const DEADLINES: readonly Partial<Instance>[] = [
  { readyBy: FUTURE, settleBy: FUTURE },
  { readyBy: FUTURE, settleBy: FUTURE, notBefore: FUTURE },
  { readyBy: PAST, settleBy: PAST, notBefore: PAST },
];

/** Ends of the session: none yet, its reservation, or the hard limit. */
const ENDS: readonly Partial<Session>[] = [
  { expiresAt: FUTURE },
  { expiresAt: PAST },
  { expiresAt: NOW + 99 * HOUR_MS, runningAt: NOW - DEFAULT_POLICY.hardLimitMs },
];

/** Every status with every wish to end that it can have. */
const STANDINGS: readonly Partial<Session>[] = SESSION_STATUSES.flatMap((status) =>
  wishes(status).map((wish) => ({
    status,
    ...(hasRun(status) ? { runningAt: START } : {}),
    ...wish,
  })),
);

function hasRun(status: SessionStatus): boolean {
  return status !== 'pending' && status !== 'provisioning';
}

function wishes(status: SessionStatus): readonly Partial<Session>[] {
  const asked = { stopAskedAt: PAST, stopReason: 'deleted' as const };
  return status === 'stopping' || status === 'stopped' || status === 'failed' ? [asked] : [{}];
}

const INHERITANCES = [
  { isInherited: false, isNothingForgotten: false },
  { isInherited: true, isNothingForgotten: false },
  { isInherited: true, isNothingForgotten: true },
];

/** Every session with one attempt, over all that a decision looks at. */
export function* allCases(): Generator<Case> {
  for (const owner of allSessions()) {
    for (const sighting of SIGHTINGS) {
      for (const pace of PACES) {
        for (const inheritance of INHERITANCES) {
          const view = { now: NOW, policy: DEFAULT_POLICY, sightings: [sighting], pace };
          yield { session: owner, view: { ...view, ...inheritance, isAgentHeard: true } };
        }
      }
    }
  }
}

function* allSessions(): Generator<Session> {
  const instances = [...allInstances()];
  for (const standing of STANDINGS) {
    for (const end of ENDS) {
      const owners = instances.map((one) => session({ ...standing, ...end, instances: [one] }));
      yield* owners.filter(isPossible);
    }
  }
}

/** A login is proven for the instance and its session in one write, and makes the session run. */
function isPossible(owner: Session): boolean {
  const hasServed = owner.instances.some((one) => one.runningAt !== undefined);
  const isUnderWay = owner.status === 'pending' || owner.status === 'provisioning';
  if (isUnderWay) return owner.runningAt === undefined && !hasServed;
  return !hasServed || owner.runningAt !== undefined;
}

function* allInstances(): Generator<Instance> {
  for (const state of INSTANCE_STATES) {
    for (const deadlines of DEADLINES) {
      for (const progress of PROGRESS) {
        for (const trouble of TROUBLES) {
          for (const role of ['attempt', 'stray'] as const) {
            yield instance({ state, role, ...idOf(state), ...progress, ...trouble, ...deadlines });
          }
        }
      }
    }
  }
}

function idOf(state: Instance['state']): Partial<Instance> {
  return state === 'launched' || state === 'terminating' || state === 'gone'
    ? { providerInstanceId: 'i-1', launchedAt: START }
    : {};
}
