import { isFinalInstance } from '../../../src/domain/instance.ts';
import { isTerminalStatus, type Session } from '../../../src/domain/session.ts';
import type { SimInstance } from '../../../src/simulator/model.ts';
import { describe } from '../books.ts';
import type { Checker, Evidence } from './violation.ts';

/**
 * `stopped`, `failed`, `gone`, `refused` and `absent` are said only when the provider does not have the instance, or has it
 * at rest where its disk is kept. Of a
 * launch that was delivered twice the other copy may still live: of that nobody knows yet.
 */
export const stoppedMeansGone: Checker = {
  name: 'stopped means gone',
  onCommit: (evidence, session, before) =>
    endedWhileAlive(evidence, session, before) ?? closedWhileAlive(evidence, session, before),
};

function endedWhileAlive(
  { market }: Evidence,
  session: Session,
  before: Session | undefined,
): string | undefined {
  const isFirst = before !== undefined && !isTerminalStatus(before.status);
  if (!isFirst || !isTerminalStatus(session.status)) return undefined;
  const ids = session.instances.map((instance) => instance.providerInstanceId);
  const kept = session.instances.find(({ state }) => state === 'preserved')?.providerInstanceId;
  const alive = market
    .instances()
    .find((one) => ids.includes(one.id) && isAlive(one) && !(one.id === kept && isAtRest(one)));
  return alive && `${session.id} is ${session.status} while ${describe(alive)} lives`;
}

function closedWhileAlive(
  { market, doubledTags, restoredAt = 0 }: Evidence,
  session: Session,
  before: Session | undefined,
): string | undefined {
  for (const [position, row] of session.instances.entries()) {
    const earlier = before?.instances[position];
    const isClosed = isFinalInstance(row.state) && earlier && !isFinalInstance(earlier.state);
    if (!isClosed) continue;
    const id = row.providerInstanceId;
    const alive = market.instances().find((one) =>
      id === undefined
        ? one.label === row.tag &&
          isAlive(one) &&
          !doubledTags.has(row.tag) &&
          // Rows from a backup know of no launch that was made after it.
          one.createdAt >= restoredAt
        : one.id === id && isAlive(one),
    );
    if (alive) return `${session.id}: a row says ${row.state} while ${describe(alive)} lives`;
  }
  return undefined;
}

/** With its disk kept; what is broken runs as little. */
function isAtRest({ state }: SimInstance): boolean {
  return state === 'stopped' || state === 'broken';
}

function isAlive(instance: SimInstance): boolean {
  return instance.state !== 'gone';
}
