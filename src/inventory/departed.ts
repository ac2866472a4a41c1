import type { OfferId } from '../domain/ids.ts';
import { type Offer, totalPerHour } from '../domain/offer.ts';
import { type EpochMs, HOUR_MS } from '../domain/time.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';

/** For so long the market is remembered. In memory: after a restart it begins anew. */
const REMEMBERED_FOR_MS = 24 * HOUR_MS;
/** Some hundred bytes each. */
const MAX_KINDS = 20_000;
/** Prices of one kind that are this close are one: five cents an hour, in micro-dollars. */
const PRICE_STEP = 50_000;

/**
 * What has left the market lately, or was to be had there for less, so that a "no" can say when there last was a match. Of
 * offers of one kind, place and about one price the last one stands for all.
 */
export class Departed {
  readonly #offers = new BoundedMap<string, Offer>(MAX_KINDS);

  /** Notes what of the former menu is not on the present one any more, or costs more there. */
  note(former: readonly Offer[], present: ReadonlyMap<OfferId, Offer>): void {
    const gone = former.filter((offer) => {
      const now = present.get(offer.id);
      return !now || totalPerHour(now.price) > totalPerHour(offer.price);
    });
    // Of more than are remembered the first would only be pushed out by the last, one by one.
    for (const offer of gone.slice(-MAX_KINDS)) this.#offers.set(kindOf(offer), remembered(offer));
  }

  /** The last one of these that was seen, within the last day. */
  last(isMatch: (offer: Offer) => boolean, now: EpochMs): Offer | undefined {
    let last: Offer | undefined;
    for (const offer of this.#offers.values()) {
      const isRecent = offer.fetchedAt + REMEMBERED_FOR_MS > now;
      const isLater = last === undefined || offer.fetchedAt > last.fetchedAt;
      if (isRecent && isLater && isMatch(offer)) last = offer;
    }
    return last;
  }
}

function kindOf(offer: Offer): string {
  const { api, gpuType, gpuCount, location, cudaVersion = '', price } = offer;
  const step = Math.floor(totalPerHour(price) / PRICE_STEP);
  return `${api}|${gpuType}|${gpuCount}|${location}|${cudaVersion}|${step}`;
}

/** What filters ask about, without what is large: a template's own conditions are not looked up here. */
function remembered({ facts: _large, odds: _then, ...offer }: Offer): Offer {
  return { ...offer, adapterData: {} };
}
