/** How many texts are told apart, a power of two. Later ones take the places of earlier ones. */
const PLACES = 1_024;

/**
 * Says of texts whether they came before, lately: what comes once only is not worth keeping. A hash of each is remembered, and
 * not the text itself: memory that is held until the next thousand came is the dearest to clear away. Two texts of one hash, in
 * some billions, are taken for one, so that the second is kept a time too early.
 */
export class AskedBefore {
  readonly #hashes = new Int32Array(PLACES);

  /** Remembers it, too. */
  has(text: string): boolean {
    const hash = hashOf(text);
    const place = hash & (PLACES - 1);
    if (this.#hashes[place] === hash) return true;
    this.#hashes[place] = hash;
    return false;
  }
}

/** FNV-1a by characters; never 0, which is what an empty place has. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return hash | 0 || 1;
}
