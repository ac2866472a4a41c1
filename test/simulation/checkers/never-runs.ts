import type { Checker } from './violation.ts';

/** For worlds in which no workload ever serves: whoever says that one runs has not looked. */
export const neverRuns: Checker = {
  name: 'what never serves never runs',
  onCommit: (_, session) =>
    session.status === 'running'
      ? `${session.id} runs, and nothing serves in this world`
      : undefined,
};
