import { ownTag } from '../../../src/domain/ids.ts';
import type { Checker } from './violation.ts';

/** For worlds in which sessions' time runs out while the disk is full: their machines are asked to end all the same. */
export function fullDiskKeepsNothing(): Checker {
  const ended = new Set<string>();
  return {
    name: 'a full disk keeps no machine past its time',
    onEnd: ({ books, deploymentId }, instance) => {
      const tag = ownTag(instance.label ?? undefined, deploymentId);
      const session = tag && books.session(tag.sessionId);
      if (session?.status === 'running' && session.stopAskedAt === undefined) {
        ended.add(session.id);
      }
      return undefined;
    },
    onConverged: ({ books }) =>
      books.sessions
        .filter(({ id }) => !ended.has(id))
        .map(({ id }) => `${id} was not ended before that could be written down`),
  };
}
