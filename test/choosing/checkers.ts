import { totalPerHour } from '../../src/domain/offer.ts';
import { failedFields } from '../../src/domain/offer-filter.ts';
import type { Checker } from '../simulation/checkers/violation.ts';

/**
 * Whatever is rented for requirements meets all of them, as it was offered, and costs no more than the ceiling: neither the
 * offer with the disk that was asked for nor, by its own word, the machine.
 */
export const withinTheWish: Checker = {
  name: 'within the wish',
  onCommit: (_evidence, { id, request, instances }) => {
    const { choice, maxPricePerHour = Number.POSITIVE_INFINITY } = request;
    const last = instances.at(-1);
    if (!last || choice.kind !== 'requirements') return undefined;
    const missing = failedFields(last.offer, choice.filter);
    if (missing.length > 0)
      return `${id} is launched on ${last.offer.id}, which lacks ${missing.join(', ')}`;
    const perHour = totalPerHour(last.price);
    return perHour <= maxPricePerHour
      ? undefined
      : `${id} costs ${perHour} micro-dollars an hour, above ${maxPricePerHour}`;
  },
};
