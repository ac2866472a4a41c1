import { deepStrictEqual } from 'node:assert/strict';
import type { BrokerEvent } from '../../../src/domain/events.ts';
import { isTerminalStatus, type Session } from '../../../src/domain/session.ts';
import type { Checker, Evidence, Stored } from './violation.ts';

type StatusChange = Extract<BrokerEvent, { readonly kind: 'session_status_changed' }>;

/**
 * No write is lost, and rows and events tell one story: each commit follows the one before it, the statuses form one
 * chain, and a session ends exactly once, and once more for each time that it is resumed.
 */
export const oneStory: Checker = {
  name: 'rows and events tell one story',
  onCommit: (_evidence, session, before) =>
    before === undefined || session.version === before.version + 1
      ? undefined
      : `${session.id}: version ${session.version} was written over version ${before.version}`,
  onConverged: (evidence) =>
    evidence.stored.flatMap((one) => {
      const { id, session } = one;
      const { books } = evidence;
      if (books.isRemoved(id)) return session ? [`${id} was removed and is there`] : [];
      if (!session) return [`${id} is not in the store any more`];
      const problem = isStoryRemoved(evidence, session)
        ? rowProblem(session, books.session(id))
        : problemOf(one, session, books.session(id));
      return problem === undefined ? [] : [`${id}: ${problem}`];
    }),
};

/** As may be from so long after the end on. */
function isStoryRemoved({ plan, brokerNow }: Evidence, { stoppedAt }: Session): boolean {
  const { eventsKeptMs } = plan.policy;
  return (
    eventsKeptMs !== undefined && stoppedAt !== undefined && stoppedAt < brokerNow() - eventsKeptMs
  );
}

function rowProblem(session: Session, committed: Session | undefined): string | undefined {
  return isSame(session, committed)
    ? undefined
    : 'the store gives back something other than it was given';
}

function problemOf(
  { events }: Stored,
  session: Session,
  committed: Session | undefined,
): string | undefined {
  const ofRow = rowProblem(session, committed);
  if (ofRow !== undefined) return ofRow;
  if (events.filter(({ kind }) => kind === 'session_created').length !== 1)
    return 'it was not created exactly once';
  const changes = events.filter((event) => event.kind === 'session_status_changed');
  const ends = changes.filter(({ to }) => isTerminalStatus(to)).length;
  const resumed = events.filter(({ kind }) => kind === 'session_resumed').length;
  const isOver = isTerminalStatus(session.status);
  if (ends !== resumed + (isOver ? 1 : 0))
    return `it is ${session.status} and its events end it ${ends} times`;
  return chainProblem(session, changes);
}

function chainProblem(session: Session, changes: readonly StatusChange[]): string | undefined {
  let at: string = 'pending';
  for (const { from, to } of changes) {
    if (from !== at) return `its events go on from ${from} where it was ${at}`;
    at = to;
  }
  return at === session.status
    ? undefined
    : `its events end at ${at}, its row says ${session.status}`;
}

function isSame(left: Session, right: Session | undefined): boolean {
  try {
    deepStrictEqual(left, right);
    return true;
  } catch {
    return false;
  }
}
