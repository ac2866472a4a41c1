import type { Checker } from './violation.ts';

/** The way round the trouble is really taken: somebody's session came to run. Fresh for each world, because it remembers. */
export function someRun(): Checker {
  let hasRun = false;
  return {
    name: 'some run',
    onCommit: (_evidence, session) => {
      hasRun ||= session.status === 'running';
      return undefined;
    },
    onConverged: () => (hasRun ? [] : ['no session ever ran']),
  };
}
