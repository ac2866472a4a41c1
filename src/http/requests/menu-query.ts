import type { Static } from '@sinclair/typebox';
import { type MenuQuery, SORT_KEYS } from '../../inventory/menu.ts';
import type { offersQuery } from '../schemas/offer-schemas.ts';
import { refuseProblems } from '../validation/problem.ts';
import { filterProblems, offerFilter } from './offer-filter.ts';

export type OffersQuery = Static<ReturnType<typeof offersQuery>>;

export function menuQuery(query: OffersQuery): MenuQuery {
  refuseProblems(filterProblems(query));
  const { sort = 'price_per_hour', limit = 100, offset = 0 } = query;
  const descending = sort.startsWith('-');
  const wanted = descending ? sort.slice(1) : sort;
  return {
    filter: offerFilter(query),
    sort: SORT_KEYS.find((key) => key === wanted) ?? 'price_per_hour',
    descending,
    limit,
    offset,
  };
}
