import { currentInstance, type Session } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { Checker, Evidence } from './violation.ts';

/** A step that is in the middle of a call when the time comes sees it when the call is through: the longest deadline and its waiting. */
const SLACK_MS = 3 * MINUTE_MS;

/**
 * Deadlines are kept whatever the provider does, for they need nobody's answer: no session runs on after its
 * reservation or its hard limit, no attempt is waited for after its time, and what has to end is asked to. Only a broker
 * that is down, or cannot write, is late. Reservations are counted on the broker's own clock: when that is set, they end so
 * much earlier or later and no more, which is what keeping to the clock as it stands amounts to.
 */
export const noOvertime: Checker = {
  name: 'deadlines are kept',
  onTick: (evidence) => {
    const { undisturbedSince, books } = evidence;
    if (undisturbedSince === undefined || evidence.now() - undisturbedSince < SLACK_MS) {
      return undefined;
    }
    for (const session of books.sessions) {
      const message = overtimeOf(evidence, session);
      if (message !== undefined) return message;
    }
    return undefined;
  },
};

function overtimeOf(evidence: Evidence, session: Session): string | undefined {
  const { plan, brokerNow } = evidence;
  const now = brokerNow() - SLACK_MS;
  if (session.stopAskedAt !== undefined) return forgottenOf(evidence, session);
  if (session.status === 'running' && now > endOf(session, plan.policy)) {
    return `${session.id} still runs after its end at ${endOf(session, plan.policy)}`;
  }
  const row = currentInstance(session);
  const isWaitedFor = row?.state === 'launched' && row.runningAt === undefined && !row.failure;
  return isWaitedFor && now > row.readyBy
    ? `${session.id} still waits for attempt ${row.attempt}, which should have been ready at ${row.readyBy}`
    : undefined;
}

/** That it has to end is known to the row alone, and so the provider is asked to end it, whether it answers or not. */
function forgottenOf({ unheededSince, now }: Evidence, session: Session): string | undefined {
  const row = session.instances.find((one) => now() - (unheededSince(one) ?? now()) > SLACK_MS);
  return row && `${session.id} was to end; attempt ${row.attempt} is still ${row.state}`;
}

function endOf(
  { expiresAt, runningAt = 0, ranBeforeMs = 0 }: Session,
  { nets, hardLimitMs }: Evidence['plan']['policy'],
): number {
  return nets.hardLimit ? Math.min(expiresAt, runningAt + hardLimitMs - ranBeforeMs) : expiresAt;
}
