import type { Static } from '@sinclair/typebox';
import type { Offer } from '../../domain/offer.ts';
import type { MenuPage } from '../../inventory/menu.ts';
import type { OfferAnswer, OffersAnswer } from '../schemas/offer-schemas.ts';
import { offerView, pageFrameView } from './offer-view.ts';
import { type ReadyAnswer, readyAnswer, withRows } from './ready-answer.ts';

/** Made from the answers' schemas, so that nothing which these do not list can stand in a text. */
export interface OfferSerializers {
  readonly offer: (offer: Static<typeof OfferAnswer>) => string;
  readonly page: (page: Static<typeof OffersAnswer>) => string;
}

/**
 * Offers as text. Each is turned into it once, when it is first shown: one offer stands on many pages, and a snapshot
 * lasts for many requests.
 */
export class OfferRows {
  readonly #serializers: OfferSerializers;
  /** An offer goes with its snapshot. */
  readonly #rows = new WeakMap<Offer, ReadyAnswer>();

  constructor(serializers: OfferSerializers) {
    this.#serializers = serializers;
  }

  row(offer: Offer): ReadyAnswer {
    const known = this.#rows.get(offer);
    if (known) return known;
    const row = readyAnswer(this.#serializers.offer(offerView(offer)));
    this.#rows.set(offer, row);
    return row;
  }

  page(page: MenuPage): ReadyAnswer {
    const frame = this.#serializers.page(pageFrameView(page));
    return withRows(
      'offers',
      frame,
      page.offers.map((offer) => this.row(offer)),
    );
  }
}
