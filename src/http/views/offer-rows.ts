import assert from 'node:assert/strict';
import type { Static } from '@sinclair/typebox';
import type { Offer } from '../../domain/offer.ts';
import type { MenuPage } from '../../inventory/menu.ts';
import type { OfferAnswer, OffersAnswer } from '../schemas/offer-schemas.ts';
import { type Mark, markOf, mixedDigest } from './mixed-digest.ts';
import { offerView, pageFrameView } from './offer-view.ts';
import { PageMemory } from './page-memory.ts';
import { digestOf } from './ready-answer.ts';

/** Made from the answers' schemas, so that nothing which these do not list can stand in an answer. */
export interface OfferSerializers {
  readonly offer: (offer: Static<typeof OfferAnswer>) => string;
  readonly page: (page: Static<typeof OffersAnswer>) => string;
}

/** An answer as it is sent, and a digest of it. */
export interface ReadyBytes {
  readonly body: Buffer;
  readonly digest: string;
  /** Defined where `body` is lent: to be called when the system has all of it, and never where that is not known. */
  readonly giveBack: (() => void) | undefined;
}

interface Row extends ReadyBytes, Mark {
  /** As it stands behind another one in a list. */
  readonly behindOther: Buffer;
}

const OPENING = '{"offers":[';

/**
 * Offers as bytes. Each is turned into them once, when it is first shown: one offer stands on many pages, and a snapshot
 * lasts for many requests. As text, pages would be copied twice as often on their way out.
 */
export class OfferRows {
  readonly #serializers: OfferSerializers;
  /** An offer goes with its snapshot. */
  readonly #rows = new WeakMap<Offer, Row>();
  /** The snapshot that was last asked, and its rows by position: found without a look at fifty offers all over memory. */
  #listed: readonly Offer[] = [];
  #byPosition: (Row | undefined)[] = [];
  readonly #memory = new PageMemory();

  constructor(serializers: OfferSerializers) {
    this.#serializers = serializers;
  }

  row(offer: Offer): Row {
    const known = this.#rows.get(offer);
    if (known) return known;
    const text = this.#serializers.offer(offerView(offer));
    const behindOther = Buffer.from(`,${text}`);
    const digest = digestOf(text);
    const row = {
      body: behindOther.subarray(1),
      behindOther,
      digest,
      giveBack: undefined,
      ...markOf(digest),
    };
    this.#rows.set(offer, row);
    return row;
  }

  /** Its digest is made of the rows' digests: that is as good as one of the whole, and takes a tenth of the time. */
  page(page: MenuPage): ReadyBytes {
    const frame = this.#serializers.page(pageFrameView(page));
    assert(frame.startsWith(`${OPENING}]`), 'a list begins with its rows');
    const closing = frame.slice(OPENING.length);
    const rows = this.#rowsOf(page);
    return { ...this.#joined(rows, closing), digest: mixedDigest(rows, closing) };
  }

  #rowsOf({ listed, positions }: MenuPage): readonly Row[] {
    if (this.#listed !== listed) {
      this.#listed = listed;
      this.#byPosition = Array.from(listed, () => undefined);
    }
    const rows: Row[] = [];
    for (const position of positions) {
      const offer = listed[position];
      const row = this.#byPosition[position] ?? (offer && this.row(offer));
      if (row === undefined) continue;
      this.#byPosition[position] = row;
      rows.push(row);
    }
    return rows;
  }

  #joined(rows: readonly Row[], closing: string): Pick<ReadyBytes, 'body' | 'giveBack'> {
    // The first row's comma stands where the bracket belongs.
    let length = rows.length === 0 ? OPENING.length : OPENING.length - 1;
    for (const { behindOther } of rows) length += behindOther.length;
    length += Buffer.byteLength(closing);
    const { bytes, giveBack } = this.#memory.take(length);
    let end = OPENING.length - 1;
    for (const { behindOther } of rows) {
      bytes.set(behindOther, end);
      end += behindOther.length;
    }
    bytes.write(OPENING, 0, 'latin1');
    bytes.write(closing, length - Buffer.byteLength(closing));
    return { body: bytes.subarray(0, length), giveBack };
  }
}
