import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, SECOND_MS } from '../../../src/domain/time.ts';
import type { Checker } from './violation.ts';

/** A reservation starts when the session runs, and nobody's ends before it is used up. */
export const fullTime: Checker = {
  name: 'a reservation is given whole',
  onCommit: ({ brokerNow, now, undisturbedSince }, session, before) => {
    if (session.runningAt === undefined) return undefined;
    const isNew = before?.runningAt === undefined;
    if (isNew && session.expiresAt !== dueEnd(session, session.runningAt)) {
      return `${session.id} runs from ${session.runningAt} and is to end at ${session.expiresAt}`;
    }
    const hasExpired = session.stopReason === 'expired' && before?.stopReason === undefined;
    // A clock that is set back between the decision and its commit makes it look early.
    const isClockSteady = now() - (undisturbedSince ?? now()) > STEP_TAKES_MS;
    return hasExpired && isClockSteady && brokerNow() < dueEnd(session, session.runningAt)
      ? `${session.id} expired before its end at ${dueEnd(session, session.runningAt)}`
      : undefined;
  },
};

const STEP_TAKES_MS = 10 * SECOND_MS;

function dueEnd({ request }: Session, runningAt: number): number {
  return runningAt + Math.round(request.reservationHours * HOUR_MS);
}
