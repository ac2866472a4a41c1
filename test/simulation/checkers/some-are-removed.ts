import type { Checker } from './violation.ts';

/** Retention really acts: somebody's session is removed. Fresh for each world, because it remembers. */
export function someAreRemoved(): Checker {
  let removed = 0;
  return {
    name: 'some are removed',
    onRemoval: () => {
      removed += 1;
      return undefined;
    },
    onConverged: () => (removed > 0 ? [] : ['no session was ever removed']),
  };
}
