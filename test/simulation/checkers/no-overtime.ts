import { currentInstance, type Session } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import { clockSlackMs } from '../plan.ts';
import type { Checker, Evidence } from './violation.ts';

/** A step that is in the middle of a call when the time comes sees it when the call is through: the longest deadline and its waiting. */
const SLACK_MS = 3 * MINUTE_MS;

/**
 * Deadlines are kept whatever the provider does, for they need nobody's answer: no session runs on after its
 * reservation or its hard limit, no attempt is waited for after its time, and what has to end is asked to. Only a broker
 * that is down is late.
 */
export const noOvertime: Checker = {
  name: 'deadlines are kept',
  onTick: (evidence) => {
    const { upSince, books } = evidence;
    if (upSince === undefined || evidence.now() - upSince < SLACK_MS) return undefined;
    for (const session of books.sessions) {
      const message = overtimeOf(evidence, session);
      if (message !== undefined) return message;
    }
    return undefined;
  },
};

function overtimeOf({ plan, brokerNow }: Evidence, session: Session): string | undefined {
  const now = brokerNow() - SLACK_MS - clockSlackMs(plan);
  if (session.stopAskedAt !== undefined) return forgottenAt(session, session.stopAskedAt, now);
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
function forgottenAt(session: Session, stopAskedAt: number, now: number): string | undefined {
  const row = session.instances.find(
    ({ state, launchedAt = 0 }) =>
      (state === 'launched' || state === 'intended') && now > Math.max(stopAskedAt, launchedAt),
  );
  return (
    row && `${session.id} was to end at ${stopAskedAt}; attempt ${row.attempt} is ${row.state}`
  );
}

function endOf(
  { expiresAt, runningAt = 0 }: Session,
  { nets, hardLimitMs }: Evidence['plan']['policy'],
): number {
  return nets.hardLimit ? Math.min(expiresAt, runningAt + hardLimitMs) : expiresAt;
}
