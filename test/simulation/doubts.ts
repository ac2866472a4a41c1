import { ownTag } from '../../src/domain/ids.ts';
import { isFinalInstance } from '../../src/domain/instance.ts';
import { isTerminalStatus } from '../../src/domain/session.ts';
import { describe } from './books.ts';
import type { Evidence } from './checkers/violation.ts';

/**
 * What is in between two states that may last, and instances that nothing is written down of. A session that waits for its
 * machine to boot is not in doubt: that may take as long as its provider allows, and it can be ended at any time. Nor is
 * an orphan that waits for a person's word, or an intent that waits for such an orphan of its own session.
 */
export function doubtsOf({ books, market, deploymentId }: Evidence): readonly string[] {
  const rows = books.sessions.flatMap((session) => session.instances);
  const known = rows
    .filter(({ state }) => !isFinalInstance(state))
    .map(({ providerInstanceId }) => providerInstanceId);
  const held = books.orphans
    .filter(({ state }) => state === 'held')
    .map(({ tag }) => ownTag(tag, deploymentId)?.sessionId);
  return [
    ...books.sessions
      .filter(({ status, stopAskedAt }) => stopAskedAt !== undefined && !isTerminalStatus(status))
      .map(({ id }) => `${id} is still ending`),
    ...rows
      .filter(({ state, failure }) =>
        state === 'launched'
          ? failure !== undefined
          : state !== 'preserved' && !isFinalInstance(state),
      )
      .filter(({ state, sessionId }) => state !== 'intended' || !held.includes(sessionId))
      .map(({ tag, state }) => `${tag} is still ${state}`),
    ...market
      .instances()
      .filter(({ id, state }) => state !== 'gone' && !known.includes(id))
      .filter(({ id }) => (books.orphan(id)?.state ?? 'ending') === 'ending')
      .filter(({ label }) => ownTag(label ?? undefined, deploymentId) !== undefined)
      .map((instance) => `nobody knows of ${describe(instance)}`),
  ];
}
