import type { Checker } from './violation.ts';

/** For worlds in which nobody ends anything before the world is well again: every session comes to run and goes on. */
export const allSurvive: Checker = {
  name: 'all sessions survive',
  onCommit: ({ isHealed }, session) => {
    if (isHealed) return undefined;
    const lost = session.instances.find((row) => row.failure !== undefined);
    if (lost) return `${session.id} lost attempt ${lost.attempt} to ${lost.failure?.code}`;
    return session.stopAskedAt === undefined
      ? undefined
      : `${session.id} was given up: ${session.stopReason ?? 'no reason'}`;
  },
  onConverged: ({ books }) => {
    const never = books.sessions.filter(({ runningAt }) => runningAt === undefined);
    if (books.sessions.length === 0) return ['nobody rented anything: this world shows nothing'];
    return never.map(({ id }) => `${id} never ran: this world shows nothing`);
  },
};
