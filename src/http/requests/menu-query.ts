import type { Static } from '@sinclair/typebox';
import { type MenuQuery, SORT_KEYS } from '../../inventory/menu.ts';
import type { offersQuery } from '../schemas/offer-schemas.ts';

export type OffersQuery = Static<ReturnType<typeof offersQuery>>;

/** Which page, in which order. What narrows the menu is {@link offerFilter}'s to read. */
export function pageQuery(query: OffersQuery): Omit<MenuQuery, 'filters'> {
  const { sort = 'price_per_hour', limit = 100, offset = 0 } = query;
  const descending = sort.startsWith('-');
  const wanted = descending ? sort.slice(1) : sort;
  const key = SORT_KEYS.find((one) => one === wanted) ?? 'price_per_hour';
  return { sort: key, descending, limit, offset };
}
