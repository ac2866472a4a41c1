import type { JsonObject } from '../json.ts';
import type { SimReply } from '../model.ts';

/** One row of an answer, as it goes on the wire. */
export type Row = JsonObject;

/** What was asked, or the answer that refuses to read it. */
export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  | { readonly kind: 'refused'; readonly reply: SimReply };

export function read<T>(value: T): Read<T> {
  return { kind: 'read', value };
}

export function refused(reply: SimReply): { readonly kind: 'refused'; readonly reply: SimReply } {
  return { kind: 'refused', reply };
}

export function text(status: number, body: string): SimReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}
