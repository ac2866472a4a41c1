import type { Checker } from './violation.ts';

/** For worlds in which a machine is taken from a session that is to get another one: it does, and goes on. Fresh for each world. */
export function replacedOnce(): Checker {
  const interrupted = new Set<string>();
  const replaced = new Set<string>();
  return {
    name: 'another machine takes the place of the one that was lost',
    onCommit: (_evidence, session, before) => {
      if (session.interruptedAt !== undefined) interrupted.add(session.id);
      const runs = session.status === 'running' && before?.status !== 'running';
      if (runs && interrupted.has(session.id)) replaced.add(session.id);
      return undefined;
    },
    onConverged: () =>
      replaced.size > 0 ? [] : ['no machine was replaced: this world shows nothing'],
  };
}
