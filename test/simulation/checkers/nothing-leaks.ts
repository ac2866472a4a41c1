import { ownTag } from '../../../src/domain/ids.ts';
import { isFinalInstance } from '../../../src/domain/instance.ts';
import { isTerminalStatus } from '../../../src/domain/session.ts';
import { describe } from '../books.ts';
import type { Checker } from './violation.ts';

/** Promise 1: once the world is well again and every session was asked to end, nothing of ours is left anywhere. */
export const nothingLeaks: Checker = {
  name: 'nothing leaks',
  onConverged: ({ market, books, deploymentId }) => [
    ...market
      .instances()
      .filter((instance) => instance.state !== 'gone')
      .filter((instance) => ownTag(instance.label ?? undefined, deploymentId) !== undefined)
      .map((instance) => `still alive: ${describe(instance)}`),
    ...books.sessions
      .filter((session) => !isTerminalStatus(session.status))
      .map((session) => `${session.id} is still ${session.status}`),
    ...books.sessions.flatMap((session) =>
      session.instances
        .filter((instance) => !isFinalInstance(instance.state))
        .map((instance) => `${session.id}: attempt ${instance.attempt} is still ${instance.state}`),
    ),
  ],
};
