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
  /** There where `body` is lent: to be called when the system has all of it, and never where that is not known. */
  readonly giveBack?: () => void;
}

interface Row extends ReadyBytes {
  /** As it stands behind another one in a list. */
  readonly behindOther: Buffer;
  /** As much of the digest as tells rows on one page apart. */
  readonly mark: string;
}

/** More than most pages need; a larger one has bytes of its own. */
const LENT_BYTES = 64 * 1024;
const MARK_CHARS = 12;

/**
 * Offers as bytes. Each is turned into them once, when it is first shown: one offer stands on many pages, and a snapshot
 * lasts for many requests. As text, pages would be copied twice as often on their way out.
 */
export class OfferRows {
  readonly #serializers: OfferSerializers;
  /** An offer goes with its snapshot. */
  readonly #rows = new WeakMap<Offer, Row>();
  /**
   * Where the next page is put together; undefined while the last one is on its way. The same memory again and again is
   * memory that the processor has at hand.
   */
  #lent: Buffer | undefined = Buffer.allocUnsafeSlow(LENT_BYTES);

  constructor(serializers: OfferSerializers) {
    this.#serializers = serializers;
  }

  row(offer: Offer): Row {
    const known = this.#rows.get(offer);
    if (known) return known;
    const text = this.#serializers.offer(offerView(offer));
    const behindOther = Buffer.from(`,${text}`);
    const digest = digestOf(text);
    const mark = digest.slice(0, MARK_CHARS);
    const row = { body: behindOther.subarray(1), behindOther, digest, mark };
    this.#rows.set(offer, row);
    return row;
  }

  /** Its digest is made of the rows' digests: that is as good as one of the whole, and takes a tenth of the time. */
  page(page: MenuPage): ReadyBytes {
    const frame = this.#serializers.page(pageFrameView(page));
    const opening = openingOf('offers', frame);
    const parts: Buffer[] = [Buffer.from(opening)];
    let marks = frame;
    for (const offer of page.offers) {
      const { body, behindOther, mark } = this.row(offer);
      parts.push(parts.length === 1 ? body : behindOther);
      marks += mark;
    }
    parts.push(Buffer.from(frame.slice(opening.length)));
    return { ...this.#joined(parts), digest: digestOf(marks) };
  }

  #joined(parts: readonly Buffer[]): Pick<ReadyBytes, 'body' | 'giveBack'> {
    let length = 0;
    for (const part of parts) length += part.length;
    if (length > LENT_BYTES) return { body: Buffer.concat(parts, length) };
    const lent = this.#lent;
    // Where the last page is still on its way, its memory is its own from now on.
    this.#lent = lent === undefined ? Buffer.allocUnsafeSlow(LENT_BYTES) : undefined;
    if (lent === undefined) return { body: Buffer.concat(parts, length) };
    let end = 0;
    for (const part of parts) {
      lent.set(part, end);
      end += part.length;
    }
    const giveBack = (): void => {
      this.#lent = lent;
    };
    return { body: lent.subarray(0, length), giveBack };
  }
}
