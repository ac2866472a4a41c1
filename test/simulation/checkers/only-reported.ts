import type { Checker } from './violation.ts';

/** For worlds with more orphans than one sweep may end: all of them stay, and a person is told. */
export function onlyReported(): Checker {
  let isTold = false;
  return {
    name: 'too many orphans are reported and not ended',
    onEnd: (_evidence, instance) =>
      instance.madeBy === 'nobody' ? `${instance.id} was ended with all the others` : undefined,
    onEvent: (_evidence, event) => {
      isTold ||= event.kind === 'orphan_held' && event.reason === 'over_limit';
      return undefined;
    },
    onConverged: () => (isTold ? [] : ['nobody was told']),
  };
}
