/** Memory for one page, and how it is given back where it is lent. */
export interface PageRoom {
  readonly bytes: Buffer;
  /** There where `bytes` are lent: to be called when the system has all of them, and never where that is not known. */
  readonly giveBack: (() => void) | undefined;
}

/** More than most pages need; a larger one has bytes of its own. */
const LENT_BYTES = 64 * 1024;

/**
 * Where pages are put together. The same memory again and again is memory that the processor has at hand, and nobody has to
 * clear away behind each answer.
 */
export class PageMemory {
  /** Undefined while the last page is on its way. */
  #free: Buffer | undefined = Buffer.allocUnsafeSlow(LENT_BYTES);

  take(length: number): PageRoom {
    if (length > LENT_BYTES) return own(length);
    const lent = this.#free;
    // Where the last page is still on its way, its memory is its own from now on.
    this.#free = lent === undefined ? Buffer.allocUnsafeSlow(LENT_BYTES) : undefined;
    if (lent === undefined) return own(length);
    const giveBack = (): void => {
      this.#free = lent;
    };
    return { bytes: lent, giveBack };
  }
}

function own(length: number): PageRoom {
  return { bytes: Buffer.allocUnsafeSlow(length), giveBack: undefined };
}
