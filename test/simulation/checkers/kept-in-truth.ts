import { isTerminalStatus } from '../../../src/domain/session.ts';
import type { Checker } from './violation.ts';

/** However the broker's clock is set for a moment, an ended session is kept for as long as was promised. Fresh for each world. */
export function keptInTruth(): Checker {
  const endedAt = new Map<string, number>();
  return {
    name: 'nothing is removed by a clock that is set for a moment',
    onCommit: ({ now }, { id, status }) => {
      if (isTerminalStatus(status) && !endedAt.has(id)) endedAt.set(id, now());
      return undefined;
    },
    onRemoval: ({ now, plan }, { id }) => {
      const keptMs = now() - (endedAt.get(id) ?? now());
      const isLong = keptMs >= (plan.policy.sessionsKeptMs ?? Number.POSITIVE_INFINITY);
      return isLong ? undefined : `${id} was removed after ${keptMs} ms`;
    },
  };
}
