import { isFinalInstance, type Observation } from '../domain/instance.ts';
import type { Transition } from '../domain/lifecycle/change.ts';
import {
  type Decision,
  decide,
  type InstanceAction,
  type Sighting,
} from '../domain/lifecycle/decide.ts';
import { beginStop, finish } from '../domain/lifecycle/ending.ts';
import { discardDisk } from '../domain/lifecycle/keeping.ts';
import { adopt, dropIntent, writeOff } from '../domain/lifecycle/launching.ts';
import { interrupt } from '../domain/lifecycle/replacing.ts';
import { addressNews, endpointNews, failAttempt, recordLook } from '../domain/lifecycle/serving.ts';
import { currentInstance, type Session } from '../domain/session.ts';
import type { RunResult } from '../runtime/keyed-runner.ts';
import { foundAt, grantAccess, locate, proveLogin } from './bring-up-acts.ts';
import { orEndUnrecorded, terminate, verifyAbsence } from './end-acts.ts';
import { startMachine, stopMachine } from './keep-acts.ts';
import { isMachineInFlight, launch, unsettledAfterCrash } from './launch-acts.ts';
import { restoreAccess } from './login-acts.ts';
import { nextAttempt } from './next-attempt.ts';
import { planFirstLook, probe } from './probe-acts.ts';
import { proveService, servedAt } from './service-acts.ts';
import { paceOf, type StepParts, type Target } from './step-parts.ts';

/** One run does at most this many things before others get their turn. */
const MAX_ACTS_PER_RUN = 12;
const FAILED_STEP_RETRY_MS = 5_000;
/** What a lane of launches is called, after its API. */
export const LAUNCHES_LANE = ' launches';
/** How soon a session looks again whether there is room for its own proof. */
const PROOF_POLL_MS = 500;
/** How soon a session looks again whether another one's launch of the same machine is through. */
const FLIGHT_POLL_MS = 1_000;

/**
 * Brings one session as far as it gets now: read the rows, take in what was seen, decide, do one thing, and again.
 * Nothing is remembered between two turns but what is in the rows.
 */
export async function runStep(parts: StepParts, id: string, lane: string): Promise<RunResult> {
  try {
    for (let acts = 0; acts < MAX_ACTS_PER_RUN; acts += 1) {
      const stored = await parts.book.load(id);
      if (!stored) return { againInMs: undefined, lane };
      const home = laneOf(stored) ?? lane;
      if (home !== lane) return { againInMs: 0, lane: home };
      const session = await takeInSightings(parts, stored);
      planFirstLook(parts, session);
      const decision = decide(session, await viewOf(parts, session));
      if (decision.kind === 'rest') return { againInMs: restMs(parts, decision), lane };
      if (decision.kind === 'launch' && mustWait(parts, session, decision.position)) {
        return { againInMs: FLIGHT_POLL_MS, lane };
      }
      if (isProof(decision) && parts.proving.size >= parts.policy.maxProofs) {
        return { againInMs: PROOF_POLL_MS, lane };
      }
      await toldOf(parts, session, decision);
    }
    return { againInMs: 0, lane };
  } catch (error) {
    parts.recorder.note({ kind: 'step_failed', sessionId: id, error });
    return { againInMs: FAILED_STEP_RETRY_MS, lane };
  }
}

function mustWait(parts: StepParts, session: Session, position: number): boolean {
  const instance = session.instances[position];
  return instance !== undefined && isMachineInFlight(parts, instance);
}

function isProof({ kind }: Decision): boolean {
  return kind === 'prove_login' || kind === 'prove_service';
}

/**
 * Whatever waits for a provider waits in that provider's own lane, and launches in one beside it: they queue for minutes
 * at a narrow rate gate or for a slow answer, and no end may stand behind them for that.
 */
function laneOf(session: Session): string | undefined {
  const current = currentInstance(session);
  return current?.state === 'intended' ? `${current.api}${LAUNCHES_LANE}` : current?.api;
}

/** A set clock, or a machine that slept, moves deadlines against timers: no rest is longer than this. */
const MAX_REST_MS = 60_000;

function restMs(
  parts: StepParts,
  decision: Extract<Decision, { kind: 'rest' }>,
): number | undefined {
  if (decision.until === undefined) return undefined;
  return Math.min(Math.max(0, decision.until - parts.clock.now()), MAX_REST_MS);
}

async function viewOf(parts: StepParts, session: Session) {
  const isInherited =
    parts.inherited.has(session.id) && currentInstance(session)?.state === 'intended';
  return {
    now: parts.clock.now(),
    policy: parts.policy,
    sightings: session.instances.map((instance) => sightingOf(parts, instance)),
    pace: paceOf(parts, session.id),
    isInherited,
    isNothingForgotten: isInherited && (await isNothingForgotten(parts, session)),
    isAgentHeard: !parts.unheard.has(session.id),
  };
}

/**
 * No API shows a machine of this session that may serve somebody without its rows' knowledge. What a person has said to
 * leave alone, and what its rows hold as gone while a late list still shows it, is no such machine.
 */
async function isNothingForgotten(
  { sites, store, deploymentId }: StepParts,
  { id, instances }: Session,
): Promise<boolean> {
  for (const { provider, lists } of sites.values()) {
    const orphans = await store.orphansOf(provider.name);
    const ignored = orphans.filter(({ state }) => state === 'ignored');
    const gone = instances.filter(
      (row) => row.provider === provider.name && isFinalInstance(row.state),
    );
    const known = [...ignored, ...gone];
    const isClear = lists
      .shownOf(id, deploymentId)
      ?.every((one) => known.some(({ providerInstanceId }) => providerInstanceId === one.id));
    if (!isClear) return false;
  }
  return true;
}

function sightingOf(parts: StepParts, instance: Session['instances'][number]): Sighting {
  return parts.sites.get(instance.api)?.watch.sightingOf(instance) ?? { kind: 'unknown' };
}

/** Writes down what the latest look at each instance changed: phase, price, ledger, address. */
async function takeInSightings(parts: StepParts, stored: Session): Promise<Session> {
  let session = stored;
  for (const [position, instance] of stored.instances.entries()) {
    const site = parts.sites.get(instance.api);
    const sighting = sightingOf(parts, instance);
    if (!site || sighting.kind !== 'seen' || instance.providerInstanceId === undefined) continue;
    const { kind: _seen, troubledForMs: _trouble, ...seen } = sighting;
    const { observation } = seen;
    const look = recordLook(position, { ...seen, rule: site.provider.billing });
    // Most looks bring no news; asking the copy at hand first saves the database a read.
    if (look(session)) {
      const noted = await recorded(() => parts.book.update(session.id, look));
      // What cannot be written down is looked at again; what is due is due all the same.
      if (noted === 'failed') return session;
      session = noted ?? session;
    }
    session = await takeInPlace(parts, { session, position }, observation);
  }
  return session;
}

/** Writes down where the instance is logged in to, or where its workload is reached, where that is news. */
async function takeInPlace(
  parts: StepParts,
  { session, position }: Pick<Target, 'session' | 'position'>,
  observation: Observation,
): Promise<Session> {
  const instance = session.instances[position];
  if (!instance) return session;
  const endpoint = endpointNews(session, instance, observation);
  if (endpoint) {
    // A server moves while it runs, too: as long as that cannot be written down, its end is due all the same.
    const noted = await recorded(() => servedAt(parts, { session, position }, endpoint));
    return noted === 'failed' ? session : (noted ?? session);
  }
  const address = addressNews(session, instance, observation);
  if (!address) return session;
  await foundAt(parts, { session, position }, address);
  return (await parts.book.load(session.id)) ?? session;
}

async function recorded<Value>(write: () => Promise<Value>): Promise<Value | 'failed'> {
  try {
    return await write();
  } catch {
    return 'failed';
  }
}

type Due = Exclude<Decision, { kind: 'rest' }>;

/** What is done is told of before and after: the calls in between are a part of it. */
async function toldOf(parts: StepParts, session: Session, due: Due): Promise<void> {
  const { recorder, clock } = parts;
  const about = { sessionId: session.id, action: due.kind };
  const startedMs = clock.monotonicMs();
  const ended = () =>
    ({ kind: 'act_ended', ...about, durationMs: clock.monotonicMs() - startedMs }) as const;
  recorder.note({ kind: 'act_begun', ...about });
  try {
    await act(parts, session, due);
    recorder.note(ended());
  } catch (error) {
    recorder.note({ ...ended(), error });
    throw error;
  }
}

async function act(parts: StepParts, session: Session, decision: Due): Promise<void> {
  const now = parts.clock.now();
  switch (decision.kind) {
    case 'begin_stop':
      // Nothing is due yet: what cannot be written down lasts as long as it was reserved.
      if (decision.reason === 'idle') return commit(parts, session, beginStop('idle', now));
      return orEndUnrecorded(parts, { session, positions: session.instances.keys() }, () =>
        commit(parts, session, beginStop(decision.reason, now)),
      );
    case 'interrupt':
      // What was tried and missed was the lost machine's.
      parts.paces.delete(session.id);
      return orEndUnrecorded(parts, { session, positions: session.instances.keys() }, () =>
        commit(parts, session, interrupt(now)),
      );
    case 'finish':
      return commit(parts, session, finish(now));
    case 'next_attempt':
      return commit(
        parts,
        session,
        await parts.accounts.choose((budget) => nextAttempt(parts, session, budget)),
      );
    case 'discard':
      return commit(parts, session, discardDisk('max_age', now));
    case 'fail_attempt':
      return orEndUnrecorded(parts, { session, positions: [decision.position] }, () =>
        commit(parts, session, failAttempt(decision.position, decision.failure, now)),
      );
    case 'adopt': {
      const { position, observation } = decision;
      const rule = targetAt(parts, session, position).site.provider.billing;
      return commit(parts, session, adopt(position, { observation, at: now, rule }));
    }
    default:
      await actOnInstance(parts, targetAt(parts, session, decision.position), decision.kind);
  }
}

async function actOnInstance(
  parts: StepParts,
  target: Target,
  action: InstanceAction,
): Promise<void> {
  const { session, position } = target;
  switch (action) {
    case 'launch':
      return launch(parts, target);
    case 'grant_access':
      return grantAccess(parts, target);
    case 'locate':
      return locate(parts, target);
    case 'prove_login':
      return proveLogin(parts, target);
    case 'prove_service':
      return proveService(parts, target);
    case 'probe':
      return probe(parts, target);
    case 'restore_access':
      return restoreAccess(parts, target);
    case 'terminate':
      return terminate(parts, target);
    case 'stop':
      return stopMachine(parts, target);
    case 'start':
      return startMachine(parts, target);
    case 'verify_absence':
      return verifyAbsence(parts, target);
    case 'drop_intent':
      return commit(parts, session, dropIntent(position));
    case 'mark_unsettled':
      return commit(parts, session, unsettledAfterCrash(parts, target));
    case 'write_off':
      return commit(parts, session, writeOff(position, parts.clock.now()));
  }
}

/**
 * A decision holds for the rows that it was made on. Where somebody was faster, such as an extension that came in the
 * moment of the end, it is dropped, and the next turn decides on what stands now.
 */
async function commit(parts: StepParts, decidedOn: Session, transition: Transition): Promise<void> {
  await parts.book.update(decidedOn.id, (session) =>
    session.version === decidedOn.version ? transition(session) : undefined,
  );
}

function targetAt(parts: StepParts, session: Session, position: number): Target {
  const instance = session.instances[position];
  const site = instance && parts.sites.get(instance.api);
  if (!instance || !site) {
    throw new Error(`no provider is configured for attempt ${position + 1} of ${session.id}`);
  }
  return { session, instance, position, site };
}
