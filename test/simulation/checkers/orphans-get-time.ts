import { ownTag } from '../../../src/domain/ids.ts';
import { describe } from '../books.ts';
import { clockSlackMs } from '../plan.ts';
import type { Checker, Evidence } from './violation.ts';

/**
 * Promise 2, where our own tag is on it: what no row wants is ended only after its grace period, and only after two
 * lists, apart in time, showed it to this very process.
 */
export const orphansGetTime: Checker = {
  name: 'nothing is ended on one look',
  onEnd: (evidence, instance) => {
    const tag = ownTag(instance.label ?? undefined, evidence.deploymentId);
    if (!tag || evidence.books.session(tag.sessionId)) return undefined;
    if (isDecidedEarlier(evidence, instance.id)) return undefined;
    const ageMs = evidence.now() - instance.createdAt;
    if (ageMs < evidence.plan.policy.orphanGraceMs - clockSlackMs(evidence.plan)) {
      return `${describe(instance)} was ended ${ageMs} ms after it was made`;
    }
    const showing = evidence.showingOf(instance.id);
    const apartMs = showing ? showing.lastAt - showing.firstAt : 0;
    return apartMs + LIST_SLACK_MS < evidence.plan.policy.evidenceGapMs
      ? `${describe(instance)} was ended after it had been seen for ${apartMs} ms`
      : undefined;
  },
};

/** The evidence was complete, and what follows from it written down, in an earlier life. */
function isDecidedEarlier({ books, orphanFoundAt, upSince = 0 }: Evidence, id: string): boolean {
  const foundAt = orphanFoundAt(id);
  return books.orphan(id) !== undefined && foundAt !== undefined && foundAt <= upSince;
}

/** The broker counts from the beginning of a call, the marketplace from its arrival. */
const LIST_SLACK_MS = 6_000;
