import type { Offer } from '../../src/domain/offer.ts';
import { offersOn } from '../../src/inventory/found-offers.ts';
import type { Menu } from '../../src/inventory/menu.ts';

const MOST = 5_000;

/** Everything that a menu shows, the cheapest first. */
export function wholeMenu(menu: Pick<Menu, 'query'>): readonly Offer[] {
  const order = { sort: 'price_per_hour', descending: false } as const;
  return offersOn(menu.query({ filters: [], ...order, limit: MOST, offset: 0 }));
}
