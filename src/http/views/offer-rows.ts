import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Static } from '@sinclair/typebox';
import type { Offer } from '../../domain/offer.ts';
import type { MenuPage } from '../../inventory/menu.ts';
import type { OfferAnswer, OffersAnswer } from '../schemas/offer-schemas.ts';
import { offerView, pageFrameView } from './offer-view.ts';

/** An answer as it is sent, and a digest of it. */
export interface ReadyAnswer {
  readonly text: string;
  readonly digest: string;
}

/** Made from the answers' schemas, so that nothing which these do not list can stand in a text. */
export interface OfferSerializers {
  readonly offer: (offer: Static<typeof OfferAnswer>) => string;
  readonly page: (page: Static<typeof OffersAnswer>) => string;
}

const NO_OFFERS = '{"offers":[';

/**
 * Offers as text. Each is turned into it once, when it is first shown: one offer stands on many pages, and a snapshot
 * lasts for many requests. A page's digest is made of its offers' digests, which is as good and takes a tenth of the time.
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
    const text = this.#serializers.offer(offerView(offer));
    const row = { text, digest: digestOf(text) };
    this.#rows.set(offer, row);
    return row;
  }

  page(page: MenuPage): ReadyAnswer {
    const frame = this.#serializers.page(pageFrameView(page));
    assert(frame.startsWith(NO_OFFERS), 'a page begins with its offers');
    let rows = '';
    let digests = frame;
    for (const offer of page.offers) {
      const { text, digest } = this.row(offer);
      rows += rows === '' ? text : `,${text}`;
      digests += digest;
    }
    const text = `${NO_OFFERS}${rows}${frame.slice(NO_OFFERS.length)}`;
    return { text, digest: digestOf(digests) };
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 27);
}
