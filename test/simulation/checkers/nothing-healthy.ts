import { ownTag } from '../../../src/domain/ids.ts';
import { currentInstance } from '../../../src/domain/session.ts';
import type { SimInstance } from '../../../src/simulator/model.ts';
import { describe } from '../books.ts';
import type { Checker } from './violation.ts';

/**
 * Promise 2: no healthy session is ended by an outage, a bad list or a restart. An instance that serves a running
 * session is ended only after somebody asked, its time was up, or the market itself took it away.
 */
export const nothingHealthy: Checker = {
  name: 'no healthy session is ended',
  onEnd: ({ books, deploymentId, plan, brokerNow }, instance) => {
    const tag = ownTag(instance.label ?? undefined, deploymentId);
    const session = tag && books.session(tag.sessionId);
    const row = session && currentInstance(session);
    if (!session || row?.providerInstanceId !== instance.id) return undefined;
    if (session.runningAt === undefined || !isHealthy(instance)) return undefined;
    // A disk that takes no writes does not keep what is over from being ended.
    const endsAt = Math.min(session.expiresAt, session.runningAt + plan.policy.hardLimitMs);
    if (brokerNow() >= endsAt) return undefined;
    const isAsked = session.stopAskedAt !== undefined;
    return isAsked && isGoodReason(session.stopReason)
      ? undefined
      : `${session.id} was running (stop reason ${session.stopReason ?? 'none'}) when ${describe(instance)} was ended`;
  },
  onCommit: ({ market, plan }, session, before) => {
    if (before?.status !== 'running' || session.status === 'running') return undefined;
    if (isGoodReason(session.stopReason)) return undefined;
    const row = currentInstance(session);
    const instance = market.instance(row?.providerInstanceId ?? '');
    const isTaken = instance !== undefined && !isHealthy(instance);
    return isTaken || (plan.badShare > 0 && instance?.host.nature !== 'good')
      ? undefined
      : `${session.id} was given up (${session.stopReason ?? 'none'}) while its instance was running`;
  },
};

/** A machine of whose host nothing is heard serves nobody, whatever it does. */
function isHealthy({ state, offlineSince }: SimInstance): boolean {
  return state === 'running' && offlineSince === null;
}

/** Whether a session is really idle is held against the market's truth by a checker of its own. */
const GOOD_REASONS: readonly (string | undefined)[] = [
  'done',
  'deleted',
  'expired',
  'hard_limit',
  'idle',
];

function isGoodReason(reason: string | undefined): boolean {
  return GOOD_REASONS.includes(reason);
}
