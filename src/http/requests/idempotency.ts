import { createHash } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import type { CreateSession } from '../../sessions/session-service.ts';
import type { Problem } from '../validation/problem.ts';

export const IDEMPOTENCY_HEADER = 'idempotency-key';
const KEY = /^[!-~]{1,255}$/;

/** For the OpenAPI document; {@link idempotencyProblems} is what checks it. */
export const IDEMPOTENCY_HEADERS = {
  'Idempotency-Key': Type.Optional(
    Type.String({
      pattern: KEY.source,
      description:
        'Made anew by the caller for each new request. The same key with the same body gives the same session; with another body it is refused. Kept for 24 hours and for as long as the session can live; a request that was refused, with nothing rented, may be sent again with its key.',
    }),
  ),
};

type Header = string | readonly string[] | undefined;

export function idempotencyProblems(header: Header): readonly Problem[] {
  if (header === undefined || (typeof header === 'string' && KEY.test(header))) return [];
  return [{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }];
}

/**
 * The claim under which a repeated request is answered with the first one's session. Callers that are told apart by a
 * token have keys of their own: one must not be given another's session and private key.
 */
export function idempotencyOf(
  header: Header,
  body: unknown,
  callerName: string | undefined,
): Pick<CreateSession, 'idempotency'> {
  if (typeof header !== 'string') return {};
  // No token has an empty name: what a caller without one sends can never be the key of one who has.
  const key = `${callerName ?? ''}:${header}`;
  return { idempotency: { key, bodyHash: sha256(canonicalJson(body)) } };
}

/** The same value always gives the same text, whatever the order of its keys. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
