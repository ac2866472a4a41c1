import { ownTag } from '../../../src/domain/ids.ts';
import { describe } from '../books.ts';
import type { Checker } from './violation.ts';

/**
 * What no row knows is ended only after that was written down, and what is written down as held or ignored is not ended
 * before a person says so.
 */
export const orphansWait: Checker = {
  name: 'an orphan is ended as it was decided',
  onEnd: ({ books, deploymentId }, instance) => {
    const tag = ownTag(instance.label ?? undefined, deploymentId);
    if (!tag || books.session(tag.sessionId)) return undefined;
    const state = books.orphan(instance.id)?.state ?? 'not written down';
    return state === 'ending' ? undefined : `${describe(instance)} is ${state} and was ended`;
  },
};
