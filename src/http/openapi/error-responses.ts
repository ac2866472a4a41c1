import { ERROR_STATUS, type ErrorCode } from '../../domain/errors.ts';
import { RATE_LIMIT_HEADERS } from './headers.ts';
import type { Json } from './records.ts';

/** What each code means and what a caller can do; docs/http-api.md says it at more length. */
const MEANING: Readonly<Record<ErrorCode, string>> = {
  validation_error: 'The request is not valid; every problem is in `details`.',
  insufficient_disk:
    'The disk asked for is too small for the work, or larger than the offer can give; the answer has the GB.',
  hard_limit: 'The session would run for too long in all; `max_expires_at` is the latest end.',
  unauthorized: 'No valid token. Send `Authorization: Bearer <token>`.',
  forbidden: 'The `Host` name is not known here, or a web page of another site asked.',
  not_found: 'What is named does not exist, or no longer does.',
  method_not_allowed: 'The path does not take this method; `Allow` names those that it takes.',
  conflict: 'The state of what is named does not permit it. Read it again.',
  payload_too_large: 'The body is larger than 1 MiB.',
  unsupported_media_type: 'The body is not `application/json`.',
  idempotency_conflict: 'This `Idempotency-Key` came with another body before.',
  no_matching_offer:
    'No offer fits; `most_restrictive` and `nearest_miss` say what stands in the way.',
  rate_limited: 'Too many requests from this client; `Retry-After` says when to ask again.',
  internal: 'A fault of the broker. Report it with the `request_id`.',
  provider_error: 'The provider refuses, and will again: credit, spending cap or credentials.',
  stale_inventory: 'The offer is gone at the provider. Read the offers again and take another.',
  provider_unavailable: 'The provider is down. Try again later, or another provider.',
  not_ready: 'The broker is starting or stopping; `Retry-After` says when to ask again.',
};

const OWN_HEADERS: Partial<Readonly<Record<ErrorCode, readonly string[]>>> = {
  unauthorized: ['WWW-Authenticate'],
  method_not_allowed: ['Allow'],
  rate_limited: ['Retry-After'],
  not_ready: ['Retry-After'],
};

/** What the HTTP parser refuses by itself, before there is a route: any request can be too slow, or its headers too long. */
const PARSER_REFUSALS = [
  { status: 408, name: 'RequestTimeout', description: 'The request took too long to arrive.' },
  { status: 431, name: 'HeadersTooLarge', description: 'The headers are larger than 16 KiB.' },
];

/** The error answers of one operation, by status, as references into {@link errorComponents}. */
export function errorReferences(codes: readonly ErrorCode[]): Json {
  const own = byStatus(codes).map(([status, together]) => [status, reference(nameOf(together))]);
  const parsers = PARSER_REFUSALS.map(({ status, name }) => [status, reference(name)]);
  return Object.fromEntries([...own, ...parsers]);
}

type Examples = Readonly<Record<ErrorCode, Json>>;

/** Every error answer that one of the operations with these codes refers to. */
export function errorComponents(
  operations: readonly (readonly ErrorCode[])[],
  examples: Examples,
): Json {
  const groups = operations.flatMap(byStatus).map(([, together]) => together);
  const own = groups.map((codes) => ({
    name: nameOf(codes),
    codes,
    description: meaningOf(codes),
  }));
  const parsers = PARSER_REFUSALS.map((refusal) => ({ ...refusal, codes: MALFORMED }));
  const all = [...own, ...parsers].sort((left, right) => (left.name < right.name ? -1 : 1));
  return Object.fromEntries(all.map((answer) => [answer.name, response(answer, examples)]));
}

const MALFORMED: readonly ErrorCode[] = ['validation_error'];

function byStatus(
  codes: readonly ErrorCode[],
): readonly (readonly [number, readonly ErrorCode[]])[] {
  const groups = new Map<number, ErrorCode[]>();
  // In the order of the table, so that one set of codes has one name.
  for (const code of allCodes().filter((known) => codes.includes(known))) {
    const status = ERROR_STATUS[code];
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return [...groups];
}

function allCodes(): readonly ErrorCode[] {
  return Object.keys(ERROR_STATUS).filter((code): code is ErrorCode => code in ERROR_STATUS);
}

interface ErrorResponse {
  readonly codes: readonly ErrorCode[];
  readonly description: string;
}

function response({ codes, description }: ErrorResponse, examples: Examples): Json {
  const own = codes.flatMap((code) => OWN_HEADERS[code] ?? []);
  const headers = ['X-Request-ID', ...RATE_LIMIT_HEADERS, ...own];
  const shown = codes.map((code) => [code, { value: examples[code] }]);
  const media = { schema: schemaOf(codes), examples: Object.fromEntries(shown) };
  return {
    description,
    headers: headerReferences(headers),
    content: { 'application/json': media },
  };
}

export function headerReferences(names: readonly string[]): Json {
  const distinct = [...new Set(names)];
  return Object.fromEntries(
    distinct.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
  );
}

function schemaOf(codes: readonly ErrorCode[]): Json {
  const codesHere = { type: 'string', enum: codes, description: 'Which of them it is.' };
  return {
    allOf: [
      { $ref: '#/components/schemas/Error' },
      { type: 'object', properties: { error_type: codesHere } },
    ],
  };
}

function meaningOf(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\`: ${MEANING[code]}`).join('\n\n');
}

/** `validation_error` and `hard_limit` become `ValidationErrorOrHardLimit`. */
function nameOf(codes: readonly ErrorCode[]): string {
  return codes.map(pascalCase).join('Or');
}

function pascalCase(code: string): string {
  return code
    .split('_')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');
}

function reference(name: string): Json {
  return { $ref: `#/components/responses/${name}` };
}
