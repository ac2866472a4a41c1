import type { OfferFilter } from '../../domain/offer-filter.ts';
import { offersOn } from '../../inventory/found-offers.ts';
import type { Menu } from '../../inventory/menu.ts';
import type { Problem } from '../validation/problem.ts';

/**
 * A template is of one marketplace, so that another's `provider` beside it contradicts it. Offers that tell what templates
 * ask about are the template marketplace's; where none of the provider is there, nothing is known and nothing refused.
 */
export function contradictionProblems(
  filter: OfferFilter,
  menu: Pick<Menu, 'query'>,
): readonly Problem[] {
  if (filter.provider === undefined) return [];
  const page = menu.query({
    filters: [{ provider: filter.provider }],
    sort: 'price_per_hour',
    descending: false,
    limit: 1,
    offset: 0,
  });
  const isElsewhere = offersOn(page).some(({ facts }) => facts === undefined);
  const message = `belongs to another marketplace: no offer of ${filter.provider} has templates; leave out one of the two`;
  return isElsewhere ? [{ path: 'template_hash_id', message }] : [];
}
