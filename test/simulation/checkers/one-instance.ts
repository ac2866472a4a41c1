import { FAILURE_KINDS } from '../../../src/domain/errors.ts';
import { ownTag } from '../../../src/domain/ids.ts';
import type { Session } from '../../../src/domain/session.ts';
import type { SimInstance } from '../../../src/simulator/model.ts';
import { describe } from '../books.ts';
import type { Checker, Evidence } from './violation.ts';

/**
 * Promise 3: one request, one instance. No launch is made while another instance of the same session may live. The
 * one exception is a request that the network itself delivered twice.
 */
export const oneInstance: Checker = {
  name: 'one request, one instance',
  onRent: (evidence, instance) => {
    const { market, deploymentId } = evidence;
    const sessionId = sessionOf(instance, deploymentId);
    if (sessionId === undefined) return undefined;
    const twin = market
      .instances()
      .find(
        (other) =>
          other.id !== instance.id &&
          other.state !== 'gone' &&
          sessionOf(other, deploymentId) === sessionId &&
          !isEcho(evidence, instance, other),
      );
    return twin && `${describe(instance)} was launched while ${describe(twin)} lived`;
  },
  onConverged: ({ books, plan }) => {
    if (!plan.sendsKeys) return [];
    const names = new Set(books.sessions.map(({ request }) => request.consumerId));
    return [...names].flatMap((name) => {
      const made = books.sessions
        .filter(({ request }) => request.consumerId === name)
        .toSorted((left, right) => left.createdAt - right.createdAt);
      const isTwice = made.some((session, index) => !wasOver(session, made[index + 1]));
      return isTwice ? [`one Idempotency-Key made several sessions: ${name}`] : [];
    });
  },
};

/** A key serves again only after a session for which every provider that was asked said no, and that had nothing left. */
function wasOver({ instances, stopAskedAt }: Session, next: Session | undefined): boolean {
  if (!next) return true;
  const isEnded = stopAskedAt !== undefined && stopAskedAt <= next.createdAt;
  return (
    isEnded &&
    instances.every(
      ({ failure, goneAt = 0 }) =>
        FAILURE_KINDS.some((kind) => kind === failure?.code) && goneAt <= next.createdAt,
    )
  );
}

function sessionOf(instance: SimInstance, deploymentId: string): string | undefined {
  return ownTag(instance.label ?? undefined, deploymentId)?.sessionId;
}

/**
 * Both copies of a doubled request arrive in one moment. The first may have been granted and the second refused; the
 * refusal is all that is heard, and the sweep finds the first one later.
 */
function isEcho({ doubledTags }: Evidence, made: SimInstance, other: SimInstance): boolean {
  const isSame = other.label === made.label && other.createdAt === made.createdAt;
  return isSame || (other.label !== null && doubledTags.has(other.label));
}
