import { isRefusal } from './failure-words.ts';
import { hasOpenInstance } from './lifecycle/decide.ts';
import type { Session } from './session.ts';
import { SECOND_MS } from './time.ts';

/** Longer than the slowest launch call: a create that has waited for so long is answered with the session as it stands. */
export const LAUNCH_ANSWER_MS = 150 * SECOND_MS;

/**
 * Whether a create is answered with an error: every attempt was refused, and so soon that nobody had been given the
 * session instead. A launch that may have happened was answered with the session, whatever became of it.
 */
export function isRefused(session: Session): boolean {
  const { createdAt, stopAskedAt, stopReason } = session;
  if (stopReason !== 'launch_failed' || stopAskedAt === undefined) return false;
  if (stopAskedAt - createdAt >= LAUNCH_ANSWER_MS) return false;
  const attempts = session.instances.filter(({ role }) => role === 'attempt');
  return attempts.every(
    ({ failure, resumedAt }) =>
      resumedAt === undefined && failure !== undefined && isRefusal(failure.code),
  );
}

/**
 * Whether its request may be made anew: it was refused, and no machine of it is there. One that comes to light later, such
 * as by a call that the network delivered twice, takes that back until it is gone.
 */
export function hasLeftNothing(session: Session): boolean {
  return isRefused(session) && !hasOpenInstance(session);
}
