import assert from 'node:assert/strict';
import { hash } from 'node:crypto';

/** An answer as it is sent, and a digest of it. */
export interface ReadyAnswer {
  readonly text: string;
  readonly digest: string;
}

export function readyAnswer(text: string): ReadyAnswer {
  return { text, digest: digestOf(text) };
}

/** A list's answer as text, from rows that are text already and the answer without any, made by its schema. */
export function joinRows(
  list: string,
  frame: string,
  rows: readonly Pick<ReadyAnswer, 'text'>[],
): string {
  const opening = openingOf(list, frame);
  let text = opening;
  for (const row of rows) text += text === opening ? row.text : `,${row.text}`;
  return `${text}${frame.slice(opening.length)}`;
}

/** What a frame has before its rows. */
export function openingOf(list: string, frame: string): string {
  const opening = `{"${list}":[`;
  assert(frame.startsWith(`${opening}]`), 'a list begins with its rows');
  return opening;
}

export function digestOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 27);
}
