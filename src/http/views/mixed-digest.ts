/** As much of each row's digest as tells one from another: two whole numbers of 32 bits, one behind the other. */
export type Marks = Int32Array;

export function emptyMarks(rows: number): Marks {
  return new Int32Array(2 * rows);
}

export function putMark(marks: Marks, position: number, digest: string): void {
  const bytes = Buffer.from(digest, 'base64url');
  marks[2 * position] = bytes.readInt32LE(0);
  marks[2 * position + 1] = bytes.readInt32LE(4);
}

/**
 * A digest of a list, made of the marks of the rows at these positions and of what stands behind them, in their order. It mixes
 * digests, and no more: two lists of one digest are as unlikely as 64 random bits that are equal, but who can choose the rows can
 * find some. What he would have of it is a caller that keeps a page for too long.
 */
export function mixedDigest(marks: Marks, positions: readonly number[], closing: string): string {
  let left = positions.length;
  let right = closing.length;
  for (const position of positions) {
    left = mixed(left, marks[2 * position] ?? 0);
    right = mixed(right, marks[2 * position + 1] ?? 0);
  }
  for (let at = 0; at < closing.length; at += 1) {
    const code = closing.charCodeAt(at);
    left = mixed(left, code);
    right = mixed(right, ~code);
  }
  return `${left}.${right}`;
}

/** For one `state` another number for each `news`, and the other way round; both odd factors are from hash functions. */
function mixed(state: number, news: number): number {
  const product = Math.imul(state ^ news, 0x9e37_79b1);
  return Math.imul(product ^ (product >>> 15), 0x85eb_ca6b);
}
