import type { AttemptFailure, InstancePhase } from '../instance.ts';
import type { Decision, InstanceCase } from './decision.ts';
import { isKept, keptUntil } from './keeping.ts';
import { isAhead, paced } from './waits.ts';

/**
 * A machine whose disk is kept: on its way to rest, at rest, or to run again. Once nobody wants the disk it ends as any
 * other does.
 */
export function decideKept(item: InstanceCase): Decision {
  const { session, instance, position } = item;
  if (!isKept(session, instance)) return { kind: 'terminate', position };
  const doubted = decideAbsence(item);
  if (doubted) return doubted;
  if (instance.state === 'resuming') return decideResuming(item);
  const until = keptUntil(session, instance, item.view.policy);
  if (until !== undefined && item.view.now >= until) return { kind: 'discard' };
  const isAtRest = instance.state === 'preserved' && !isAwake(item);
  if (isAtRest) return { kind: 'rest', until };
  // Started by somebody's hand, or by a start that was queued: it is billed in full and serves nobody.
  return paced(instance, item.view) ?? { kind: 'stop', position };
}

/** Missing from the lists: the provider's own word about this one decides. */
export function decideAbsence({ position, view }: InstanceCase): Decision | undefined {
  const sighting = view.sightings[position];
  if (sighting?.kind !== 'absent' || !sighting.isProven) return undefined;
  return isAhead(view.pace.locateNotBefore, view.now)
    ? { kind: 'rest', until: view.pace.locateNotBefore }
    : { kind: 'verify_absence', position };
}

/** Asking for a start twice starts once, so it is asked again until it is answered, a restart of ours in between or not. */
function decideResuming({ session, instance, position, view }: InstanceCase): Decision {
  if (session.stopAskedAt !== undefined || instance.failure) return { kind: 'stop', position };
  if (view.now >= instance.readyBy) {
    return { kind: 'fail_attempt', position, failure: NEVER_STARTED };
  }
  return paced(instance, view) ?? { kind: 'start', position };
}

const AWAKE: readonly InstancePhase[] = ['starting', 'running'];

function isAwake({ instance, position, view }: InstanceCase): boolean {
  const sighting = view.sightings[position];
  const { preservedAt = 0 } = instance;
  if (sighting?.kind !== 'seen' || sighting.at <= preservedAt) return false;
  const { phase, isStartPending, holdsGpus } = sighting.observation;
  return isStartPending === true || holdsGpus === true || AWAKE.includes(phase);
}

const NEVER_STARTED: AttemptFailure = {
  code: 'never_ready',
  message: 'the provider did not start the machine in the time that it was given',
};
