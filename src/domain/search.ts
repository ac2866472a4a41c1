import type { AttemptFailure, Instance } from './instance.ts';
import type { Session } from './session.ts';
import type { EpochMs } from './time.ts';

/** What took the machine of a session that waits for another one; undefined where none was taken. */
export function interruptionOf(session: Session): AttemptFailure | undefined {
  return session.interruptedAt === undefined ? undefined : lastServing(session)?.failure;
}

/** The attempts of the search that is on: all of them, or those since a machine that served was taken. */
export function attemptsOfSearch(session: Session): readonly Instance[] {
  const attempts = attemptsOf(session);
  const taken = session.interruptedAt === undefined ? undefined : lastServing(session);
  return taken === undefined ? attempts : attempts.slice(attempts.indexOf(taken) + 1);
}

/**
 * All attempts, as far as they bear on the next one. What failed in an earlier search is not tried again, and says nothing more: an
 * API that was away hours ago may well be back.
 */
export function triedSoFar(session: Session): readonly Instance[] {
  if (session.interruptedAt === undefined) return attemptsOf(session);
  const recent = new Set([lastServing(session), ...attemptsOfSearch(session)]);
  return attemptsOf(session).map((attempt) => {
    if (recent.has(attempt)) return attempt;
    const { failure: _past, ...rest } = attempt;
    return rest;
  });
}

/** When the search that is on began. */
export function searchBeganAt({ interruptedAt, createdAt }: Session): EpochMs {
  return interruptedAt ?? createdAt;
}

function lastServing(session: Session): Instance | undefined {
  return attemptsOf(session).findLast(({ runningAt }) => runningAt !== undefined);
}

function attemptsOf({ instances }: Session): readonly Instance[] {
  return instances.filter(({ role }) => role === 'attempt');
}
