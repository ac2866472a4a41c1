import { ownTag } from '../../../src/domain/ids.ts';
import { describe } from '../books.ts';
import type { Checker } from './violation.ts';

/** Promise 1 and 3: nothing is rented whose tag and whose launch are not on disk before the call. */
export const intentFirst: Checker = {
  name: 'the intent is on disk before the launch',
  onRent: ({ books, deploymentId }, instance) => {
    const tag = ownTag(instance.label ?? undefined, deploymentId);
    if (!tag) return `an instance was launched without our tag: ${describe(instance)}`;
    const row = books
      .session(tag.sessionId)
      ?.instances.find((one) => one.tag === instance.label && one.role === 'attempt');
    if (!row) return `no row knows of ${describe(instance)}`;
    return row.state === 'intended'
      ? `${describe(instance)} was launched before its launch was committed`
      : undefined;
  },
};
