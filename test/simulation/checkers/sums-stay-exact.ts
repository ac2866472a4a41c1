import { ledgerTotal } from '../../../src/domain/billing.ts';
import type { Session } from '../../../src/domain/session.ts';
import type { Checker, Evidence } from './violation.ts';

/** Whatever is removed for its age, what each session cost and what was spent in all is told to the micro-dollar. */
export const sumsStayExact: Checker = {
  name: 'what was spent stays exact',
  onConverged: (evidence) => [...wrongSessions(evidence), ...wrongSum(evidence)],
};

function wrongSessions(evidence: Evidence): readonly string[] {
  return evidence.stored.flatMap(({ id, cost }) => {
    const session = evidence.books.session(id);
    const booked = session && costOf(session, evidence);
    return cost === booked ? [] : [`${id}: booked ${booked}, told ${cost} micro-dollars`];
  });
}

function wrongSum(evidence: Evidence): readonly string[] {
  const { books, spent } = evidence;
  const booked = books.sessions.reduce((sum, session) => sum + costOf(session, evidence), 0);
  return booked === spent ? [] : [`booked ${booked}, told ${spent} micro-dollars in all`];
}

function costOf({ instances }: Session, { brokerNow }: Evidence): number {
  return instances.reduce((sum, { costs }) => sum + ledgerTotal(costs, brokerNow()), 0);
}
