import type { Checker } from './violation.ts';

/** For worlds in which some agents have nothing to tell of but idleness: it is of use. */
export const someEndIdle: Checker = {
  name: 'idle sessions end',
  onConverged: ({ books }) =>
    books.sessions.some(({ stopReason }) => stopReason === 'idle')
      ? []
      : ['not one session ended as idle'],
};
