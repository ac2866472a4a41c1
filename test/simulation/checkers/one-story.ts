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
  onConverged: ({ books, stored }: Evidence) =>
    stored.flatMap((one) => {
      const { session } = one;
      if (!session) return ['a session is not in the store any more'];
      const problem = problemOf(one, session, books.session(session.id));
      return problem === undefined ? [] : [`${session.id}: ${problem}`];
    }),
};

function problemOf(
  { events }: Stored,
  session: Session,
  committed: Session | undefined,
): string | undefined {
  if (!isSame(session, committed)) return 'the store gives back something other than it was given';
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
