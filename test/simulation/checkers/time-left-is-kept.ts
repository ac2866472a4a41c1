import { currentInstance, type Session } from '../../../src/domain/session.ts';
import { SECOND_MS } from '../../../src/domain/time.ts';
import type { SimInstance } from '../../../src/simulator/model.ts';
import { clockSlackMs } from '../plan.ts';
import type { Checker, Evidence } from './violation.ts';

/** Lists are some seconds old when they are read, and what was stopping may be seen before it is stopped. */
const LOOKED_LATE_MS = 20 * SECOND_MS;

/**
 * A session that waits for another machine keeps what was left of its reservation: no less than when that was written down, and no
 * more than when the machine was really lost.
 */
export const timeLeftIsKept: Checker = {
  name: 'what is left of a reservation is kept',
  onCommit: (evidence, session, before) => {
    const { leftMs } = session;
    if (leftMs === undefined || before?.runningAt === undefined) return undefined;
    if (session.interruptedAt === undefined || before.interruptedAt !== undefined) return undefined;
    const { brokerNow, plan } = evidence;
    const slackMs = clockSlackMs(plan) + LOOKED_LATE_MS;
    const least = before.expiresAt - brokerNow() - slackMs;
    const most = before.expiresAt - lostAt(evidence, session) + slackMs;
    return leftMs >= least && leftMs <= most
      ? undefined
      : `${session.id} was interrupted with ${leftMs} ms left, which is not between ${least} and ${most}`;
  },
};

function lostAt({ market, now }: Evidence, session: Session): number {
  const machine = market.instance(currentInstance(session)?.providerInstanceId ?? '');
  return machine ? ended(machine) : now();
}

function ended({ offlineSince, goneAt, stateSince }: SimInstance): number {
  return offlineSince ?? goneAt ?? stateSince;
}
