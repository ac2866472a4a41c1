import assert from 'node:assert/strict';
import type { Static } from '@sinclair/typebox';
import type { Offer } from '../../domain/offer.ts';
import type { MenuPage } from '../../inventory/menu.ts';
import type { OfferAnswer, OffersAnswer } from '../schemas/offer-schemas.ts';
import { emptyMarks, type Marks, mixedDigest, putMark } from './mixed-digest.ts';
import { offerView, pageFrameView } from './offer-view.ts';
import { PageMemory } from './page-memory.ts';
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
  /** Defined where `body` is lent: to be called when the system has all of it, and never where that is not known. */
  readonly giveBack: (() => void) | undefined;
}

interface Row extends ReadyBytes {
  /** As it stands behind another one in a list. */
  readonly behindOther: Buffer;
}

/** What pages are made of, by the positions of a snapshot: found without a look at fifty offers all over memory. */
interface Positioned {
  readonly listed: readonly Offer[];
  /** Rows, as they stand behind another one. */
  readonly bytes: (Buffer | undefined)[];
  readonly marks: Marks;
}

/**
 * Offers as bytes. Each is turned into them once, when it is first shown: one offer stands on many pages, and a snapshot
 * lasts for many requests. As text, pages would be copied twice as often on their way out.
 */
export class OfferRows {
  readonly #serializers: OfferSerializers;
  /** An offer goes with its snapshot. */
  readonly #rows = new WeakMap<Offer, Row>();
  /** Of the snapshot that was last asked. */
  #positioned: Positioned = positionedFor([]);
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
    const row = { body: behindOther.subarray(1), behindOther, digest, giveBack: undefined };
    this.#rows.set(offer, row);
    return row;
  }

  /** Its digest is made of the rows' digests: one of the whole would take ten times as long. */
  page(page: MenuPage): ReadyBytes {
    const { listed, positions } = page;
    const frame = this.#serializers.page(pageFrameView(page));
    const opening = openingOf('offers', frame);
    const closing = frame.slice(opening.length);
    if (this.#positioned.listed !== listed) this.#positioned = positionedFor(listed);
    const joined = this.#joined(opening, this.#rowsAt(positions), closing);
    const digest = mixedDigest(this.#positioned.marks, positions, closing);
    return { body: joined.body, digest, giveBack: joined.giveBack };
  }

  #rowsAt(positions: readonly number[]): readonly Buffer[] {
    const { bytes } = this.#positioned;
    const rows: Buffer[] = [];
    for (const position of positions) rows.push(bytes[position] ?? this.#put(position));
    return rows;
  }

  #put(position: number): Buffer {
    const { listed, bytes, marks } = this.#positioned;
    const offer = listed[position];
    assert(offer, 'a page has no positions but those of its list');
    const { behindOther, digest } = this.row(offer);
    bytes[position] = behindOther;
    putMark(marks, position, digest);
    return behindOther;
  }

  #joined(opening: string, rows: readonly Buffer[], closing: string): Omit<ReadyBytes, 'digest'> {
    // The first row's comma stands where the bracket belongs.
    let closingAt = rows.length === 0 ? opening.length : opening.length - 1;
    for (const row of rows) closingAt += row.length;
    const length = closingAt + Buffer.byteLength(closing);
    const { bytes, giveBack } = this.#memory.take(length);
    let end = opening.length - 1;
    for (const row of rows) {
      bytes.set(row, end);
      end += row.length;
    }
    bytes.write(opening, 0, 'latin1');
    bytes.write(closing, closingAt);
    return { body: bytes.subarray(0, length), giveBack };
  }
}

function positionedFor(listed: readonly Offer[]): Positioned {
  return { listed, bytes: Array.from(listed, () => undefined), marks: emptyMarks(listed.length) };
}
