import { ownTag } from '../../../src/domain/ids.ts';
import { describe } from '../books.ts';
import type { Checker } from './violation.ts';

/**
 * Promise 3: one request, one instance. No launch is made while another instance of the same session may live. The
 * one exception is a request that the network itself delivered twice: both arrive in the same moment.
 */
export const oneInstance: Checker = {
  name: 'one request, one instance',
  onRent: ({ market, deploymentId }, instance) => {
    const tag = ownTag(instance.label ?? undefined, deploymentId);
    if (!tag) return `an instance was launched without our tag: ${describe(instance)}`;
    const twin = market.instances().find((other) => {
      const otherTag = ownTag(other.label ?? undefined, deploymentId);
      const isAlive = other.state !== 'gone' && other.id !== instance.id;
      const isEcho = other.label === instance.label && other.createdAt === instance.createdAt;
      return isAlive && otherTag?.sessionId === tag.sessionId && !isEcho && !isStray(market.instances(), other);
    });
    return twin && `${describe(instance)} was launched while ${describe(twin)} lived`;
  },
  onConverged: ({ books }) =>
    [...books.sessionsByKey]
      .filter(([, ids]) => ids.size > 1)
      .map(([key, ids]) => `one Idempotency-Key made ${ids.size} sessions: ${key}`),
};

/** A second copy of a request that was delivered twice is ended by the sweep, later than its twin by the step. */
function isStray(
  all: readonly { readonly id: string; readonly label: string | null; readonly createdAt: number }[],
  one: { readonly id: string; readonly label: string | null; readonly createdAt: number },
): boolean {
  return all.some(
    (other) =>
      other.id !== one.id && other.label === one.label && other.createdAt === one.createdAt,
  );
}
