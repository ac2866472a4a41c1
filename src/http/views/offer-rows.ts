import type { Static } from '@sinclair/typebox';
import type { Offer } from '../../domain/offer.ts';
import type { MenuPage } from '../../inventory/menu.ts';
import type { OfferAnswer, OffersAnswer } from '../schemas/offer-schemas.ts';
import { offerView, pageFrameView } from './offer-view.ts';
import { digestOf, openingOf } from './ready-answer.ts';

/** Made from the answers' schemas, so that nothing which these do not list can stand in an answer. */
export interface OfferSerializers {
  readonly offer: (offer: Static<typeof OfferAnswer>) => string;
  readonly page: (page: Static<typeof OffersAnswer>) => string;
}

/** An answer as it is sent, and a digest of it. */
export interface ReadyBytes {
  readonly body: Buffer;
  readonly digest: string;
}

interface Row extends ReadyBytes {
  /** As it stands behind another one in a list. */
  readonly behindOther: Buffer;
}

/**
 * Offers as bytes. Each is turned into them once, when it is first shown: one offer stands on many pages, and a snapshot
 * lasts for many requests. As text, pages would be copied twice as often on their way out.
 */
export class OfferRows {
  readonly #serializers: OfferSerializers;
  /** An offer goes with its snapshot. */
  readonly #rows = new WeakMap<Offer, Row>();

  constructor(serializers: OfferSerializers) {
    this.#serializers = serializers;
  }

  row(offer: Offer): Row {
    const known = this.#rows.get(offer);
    if (known) return known;
    const text = this.#serializers.offer(offerView(offer));
    const behindOther = Buffer.from(`,${text}`);
    const row = { body: behindOther.subarray(1), behindOther, digest: digestOf(text) };
    this.#rows.set(offer, row);
    return row;
  }

  /** Its digest is made of the rows' digests: that is as good as one of the whole, and takes a tenth of the time. */
  page(page: MenuPage): ReadyBytes {
    const frame = this.#serializers.page(pageFrameView(page));
    const opening = openingOf('offers', frame);
    const parts: Buffer[] = [Buffer.from(opening)];
    let digests = frame;
    for (const offer of page.offers) {
      const { body, behindOther, digest } = this.row(offer);
      parts.push(parts.length === 1 ? body : behindOther);
      digests += digest;
    }
    parts.push(Buffer.from(frame.slice(opening.length)));
    return { body: Buffer.concat(parts), digest: digestOf(digests) };
  }
}
