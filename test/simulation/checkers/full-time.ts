import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, SECOND_MS } from '../../../src/domain/time.ts';
import type { Checker } from './violation.ts';

/**
 * A reservation starts when the session runs, and nobody's ends before it is used up; where another machine takes the place of
 * one that the market took, it goes on with what was left.
 */
export const fullTime: Checker = {
  name: 'a reservation is given whole',
  onCommit: ({ brokerNow, now, undisturbedSince }, session, before) => {
    if (session.runningAt === undefined) return undefined;
    const isNew = before?.runningAt === undefined;
    const due = before?.leftMs === undefined ? undefined : session.runningAt + before.leftMs;
    if (isNew && session.expiresAt !== (due ?? dueEnd(session, session.runningAt))) {
      return `${session.id} runs from ${session.runningAt} and is to end at ${session.expiresAt}`;
    }
    const hasExpired = session.stopReason === 'expired' && before?.stopReason === undefined;
    // A clock that is set back between the decision and its commit makes it look early.
    const isClockSteady = now() - (undisturbedSince ?? now()) > STEP_TAKES_MS;
    const end =
      session.ranBeforeMs === undefined ? dueEnd(session, session.runningAt) : session.expiresAt;
    return hasExpired && isClockSteady && brokerNow() < end
      ? `${session.id} expired before its end at ${end}`
      : undefined;
  },
};

const STEP_TAKES_MS = 10 * SECOND_MS;

function dueEnd({ request }: Session, runningAt: number): number {
  return runningAt + Math.round(request.reservationHours * HOUR_MS);
}
