import { Type } from '@sinclair/typebox';
import type { Json } from './records.ts';

const seconds = (minimum: number) => ({ type: 'integer', minimum });

/** Every header field of an answer that means something beyond HTTP itself. */
export const ANSWER_HEADER_COMPONENTS: Json = {
  'X-Request-ID': {
    description: "The caller's own `X-Request-ID` where it sent a fit one, else one that was made.",
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' },
  },
  ETag: {
    description:
      'Changes with the answer; send it as `If-None-Match` to be spared the same again. A weak one, of a session that is billed, leaves out its running costs.',
    required: true,
    schema: { type: 'string' },
  },
  Age: {
    description: 'How old what is shown is, in seconds.',
    required: true,
    schema: seconds(0),
  },
  Location: {
    description: 'The path of what was made.',
    required: true,
    schema: { type: 'string', format: 'uri-reference' },
  },
  Vary: {
    description: 'The form of the answer depends on the `Accept` header.',
    required: true,
    schema: { type: 'string', const: 'Accept' },
  },
  'Retry-After': {
    description: 'Seconds after which to ask again, where waiting helps.',
    schema: seconds(0),
  },
  'WWW-Authenticate': {
    description: 'The scheme of the token that is needed.',
    required: true,
    schema: { type: 'string' },
  },
  Allow: {
    description: 'The methods that the path takes, by comma.',
    required: true,
    schema: { type: 'string' },
  },
  'RateLimit-Limit': {
    description:
      'Requests that this client may make in a window. Absent where there is no rate limit.',
    schema: { type: 'integer', minimum: 1 },
  },
  'RateLimit-Remaining': {
    description: 'Requests that are left in the window.',
    schema: { type: 'integer', minimum: 0 },
  },
  'RateLimit-Reset': {
    description: 'Seconds until the window ends.',
    schema: seconds(0),
  },
};

export const RATE_LIMIT_HEADERS = ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'];

/** For routes whose answers carry an `ETag`. */
export const IfNoneMatch = Type.Optional(
  Type.String({ description: 'An `ETag` of before; the same answer is then 304 without a body.' }),
);
