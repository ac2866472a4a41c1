import type { SimReply } from '../model.ts';

/** What JSON calls an object: whatever came in or goes out under names. */
export type JsonObject = Readonly<Record<string, unknown>>;
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

export function json(status: number, body: unknown): SimReply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

export function text(status: number, body: string): SimReply {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined when the text is not JSON; JSON has no undefined of its own. */
export function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
