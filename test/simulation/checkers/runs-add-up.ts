import type { Session } from '../../../src/domain/session.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { Checker } from './violation.ts';

/** For worlds in which a session is resumed again and again: all its runs together stay within the hard limit. */
export function runsAddUp(): Checker {
  const startedAt = new Map<string, number>();
  const ranMs = new Map<string, number>();
  let runs = 0;
  const noteEnd = ({ id }: Session, now: number): number => {
    const total = (ranMs.get(id) ?? 0) + now - (startedAt.get(id) ?? now);
    ranMs.set(id, total);
    startedAt.delete(id);
    return total;
  };
  return {
    name: 'all runs stay within the hard limit',
    onCommit: ({ now, plan }, session, before) => {
      if (session.status === 'running' && before?.status !== 'running') {
        runs += 1;
        startedAt.set(session.id, now());
      }
      if (session.status === 'running' || before?.status !== 'running') return undefined;
      const total = noteEnd(session, now());
      return total > plan.policy.hardLimitMs + MINUTE_MS
        ? `${session.id} ran for ${total} ms in all`
        : undefined;
    },
    onConverged: () => (runs > 1 ? [] : ['nothing ran twice: this world shows nothing']),
  };
}
