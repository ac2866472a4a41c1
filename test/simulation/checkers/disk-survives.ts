import type { Checker } from './violation.ts';

/** For worlds in which a disk is kept and nobody takes it away: it comes to rest, and no instance of such a session is lost before it was. */
export function diskSurvives(): Checker {
  let isKept = false;
  return {
    name: 'a disk is kept in this world',
    onEvent: (_evidence, event) => {
      isKept ||= event.kind === 'disk_preserved';
      return undefined;
    },
    onConverged: () => (isKept ? [] : ['no disk was kept: this world shows nothing']),
  };
}
