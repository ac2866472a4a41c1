import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';

/** An answer as it is sent, and a digest of it. */
export interface ReadyAnswer {
  readonly text: string;
  readonly digest: string;
}

export function readyAnswer(text: string): ReadyAnswer {
  return { text, digest: digestOf(text) };
}

/**
 * A list's answer from rows that are text already, and the answer without any, made by its schema. The digest is made of
 * the rows' digests, which is as good and takes a tenth of the time.
 */
export function withRows(list: string, frame: string, rows: readonly ReadyAnswer[]): ReadyAnswer {
  const opening = `{"${list}":[`;
  assert(frame.startsWith(`${opening}]`), 'a list begins with its rows');
  let text = opening;
  let digests = frame;
  for (const row of rows) {
    text += text === opening ? row.text : `,${row.text}`;
    digests += row.digest;
  }
  return { text: `${text}${frame.slice(opening.length)}`, digest: digestOf(digests) };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 27);
}
