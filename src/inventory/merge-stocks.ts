import type { OfferId } from '../domain/ids.ts';
import type { Offer } from '../domain/offer.ts';

export interface MergedStocks {
  /** What is on the menu. */
  readonly byId: Map<OfferId, Offer>;
  /** Offers of sites that another API's offer stands for on the menu. */
  readonly hidden: readonly Offer[];
}

/**
 * Of one site seen through two APIs, and of one id, the first is shown; stocks come in the order of preference. A site whose
 * offer was taken off is neither shown nor hidden through another API: what was found full there is full here.
 */
export function mergeStocks(
  stocks: readonly { readonly offers: readonly Offer[] }[],
  isOff: (offer: Offer) => boolean,
): MergedStocks {
  const byId = new Map<OfferId, Offer>();
  const hidden: Offer[] = [];
  /** By key, of the stocks before: whether the site is on the menu. */
  const sites = new Map<string, boolean>();
  for (const { offers } of stocks) {
    const open = offers.filter((offer) => !isOff(offer));
    for (const offer of open) {
      const isShown = offer.siteKey === undefined ? undefined : sites.get(offer.siteKey);
      if (isShown === undefined && !byId.has(offer.id)) byId.set(offer.id, offer);
      if (isShown) hidden.push(offer);
    }
    noteSites(sites, { all: siteKeysOf(offers), open: siteKeysOf(open) });
  }
  return { byId, hidden };
}

function noteSites(
  sites: Map<string, boolean>,
  { all, open }: { readonly all: ReadonlySet<string>; readonly open: ReadonlySet<string> },
): void {
  for (const site of all) if (!sites.has(site)) sites.set(site, open.has(site));
}

function siteKeysOf(offers: readonly Offer[]): ReadonlySet<string> {
  return new Set(offers.flatMap(({ siteKey }) => (siteKey === undefined ? [] : [siteKey])));
}
