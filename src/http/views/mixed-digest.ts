/** As much of a digest as tells one row from another: two whole numbers of 32 bits. */
export interface Mark {
  readonly left: number;
  readonly right: number;
}

export function markOf(digest: string): Mark {
  const bytes = Buffer.from(digest, 'base64url');
  return { left: bytes.readInt32LE(0), right: bytes.readInt32LE(4) };
}

/**
 * A digest of a list, made of its rows' own and of what stands behind them, in their order. It mixes digests, and no more: two
 * lists of one digest are as unlikely as 64 random bits that are equal, but who can choose the rows can find some. What he
 * would have of it is a caller that keeps a page for too long.
 */
export function mixedDigest(rows: readonly Mark[], closing: string): string {
  let left = rows.length;
  let right = closing.length;
  for (const mark of rows) {
    left = mixed(left, mark.left);
    right = mixed(right, mark.right);
  }
  for (let at = 0; at < closing.length; at += 1) {
    const code = closing.charCodeAt(at);
    left = mixed(left, code);
    right = mixed(right, ~code);
  }
  return (left >>> 0).toString(36) + (right >>> 0).toString(36).padStart(7, '0');
}

/** For one `state` another number for each `news`, and the other way round; both odd factors are from hash functions. */
function mixed(state: number, news: number): number {
  const product = Math.imul(state ^ news, 0x9e37_79b1);
  return Math.imul(product ^ (product >>> 15), 0x85eb_ca6b);
}
