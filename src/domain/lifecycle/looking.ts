import type { Instance } from '../instance.ts';
import type { Policy } from '../policy.ts';
import type { Session } from '../session.ts';
import { type EpochMs, MINUTE_MS } from '../time.ts';
import type { Decision, InstanceCase, View } from './decision.ts';

/** Between two looks into a session's running machine. Milliseconds. */
export function lookIntervalMs({ request }: Session, policy: Policy): number {
  return request.idleThresholdMinutes > 0 ? policy.idleCheckMs : policy.loginCheckMs;
}

/**
 * Whether the machine may be logged in to while it runs. One that answers with another host key is not: somebody else may
 * be there. One that is seen stopped has nothing to say.
 */
export function isLookedInto(
  { request, status, stopAskedAt }: Session,
  instance: Instance,
): boolean {
  const { state, address, runningAt, hostKeyChangedAt, troubledAt } = instance;
  const isServing = status === 'running' && stopAskedAt === undefined && state === 'launched';
  const isKnown = address !== undefined && runningAt !== undefined;
  const isTrusted = hostKeyChangedAt === undefined && troubledAt === undefined;
  return request.workload.kind === 'ssh' && isServing && isKnown && isTrusted;
}

/** What a machine that serves needs: nothing until `until`, or a look into it before that. */
export function decideServing(item: InstanceCase, until: EpochMs | undefined): Decision {
  const { session, instance, position, view } = item;
  if (!isLookedInto(session, instance)) return { kind: 'rest', until };
  if (instance.loginLostAt !== undefined && isGrantDue(view)) {
    return { kind: 'restore_access', position };
  }
  const dueAt = lookDueAt(session, view);
  if (dueAt === undefined) return { kind: 'rest', until };
  if (view.now >= dueAt) return { kind: 'probe', position };
  return { kind: 'rest', until: until === undefined ? dueAt : Math.min(until, dueAt) };
}

/** Undefined where none is planned. One that lies further ahead than an interval was planned by another clock. */
function lookDueAt(session: Session, { now, pace, policy }: View): EpochMs | undefined {
  const { probeNotBefore } = pace;
  if (probeNotBefore === undefined) return undefined;
  return probeNotBefore - now > lookIntervalMs(session, policy) ? now : probeNotBefore;
}

/** No pause between two tries to put a key back is longer; one that looks longer was set by another clock. */
const LONGEST_GRANT_PAUSE_MS = 30 * MINUTE_MS;

function isGrantDue({ now, pace: { grantNotBefore = 0 } }: View): boolean {
  if (grantNotBefore === Number.POSITIVE_INFINITY) return false;
  return now >= grantNotBefore || grantNotBefore - now > LONGEST_GRANT_PAUSE_MS;
}
