import { ownTag } from '../../../src/domain/ids.ts';
import { describe } from '../books.ts';
import type { Checker } from './violation.ts';

/** Promise 2: only instances that carry this deployment's tag, to the letter, are ever ended by us. */
export const nothingForeign: Checker = {
  name: 'nothing foreign is touched',
  onEnd: ({ market, deploymentId }, instance) => {
    const isOurs = ownTag(instance.label ?? undefined, deploymentId) !== undefined;
    return isOurs && !market.isForeign(instance.id)
      ? undefined
      : `a foreign instance was ended: ${describe(instance)}`;
  },
  onConverged: ({ market }) =>
    market
      .instances()
      .filter((instance) => market.isForeign(instance.id) && instance.endedBy === 'renter')
      .map((instance) => `a foreign instance is gone: ${describe(instance)}`),
};
