import type { FailureKind, FailureOutcome } from '../../../src/domain/errors.ts';
import type { Played } from './scripted-wire.ts';

/** Something between us and the provider, or of the provider's own, that no answer to any call of the port is. */
export interface Disturbance {
  readonly name: string;
  readonly played: Played;
  /** How it may be told. */
  readonly kinds: readonly FailureKind[];
  /** What is known after a call that asked for a change; a call that only reads has never done anything. */
  readonly afterChange: FailureOutcome | 'either';
  readonly leastRetryAfterMs?: number;
}

const HTML = { 'content-type': 'text/html' };
const JSON_TYPE = { 'content-type': 'application/json' };

function page(title: string): string {
  return `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
}

function answers(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Played {
  const isText = typeof body === 'string';
  return {
    kind: 'answers',
    response: {
      status,
      headers: { ...(isText ? HTML : JSON_TYPE), ...headers },
      body: isText ? body : JSON.stringify(body),
    },
  };
}

/** In each API's words at once: whoever reads them beside a status of 500 must not believe them. */
const SAYS_GONE = {
  success: false,
  error: 'no_such_instance',
  msg: 'Instance 7 not found.',
  message: 'Server not found',
  detail: 'The virtual machine does not exist',
};

/** What may happen to any call. */
export const DISTURBANCES: readonly Disturbance[] = [
  {
    name: 'a refused connection',
    played: { kind: 'breaks', mayHaveArrived: false },
    kinds: ['unavailable'],
    afterChange: 'not_done',
  },
  {
    name: 'a connection that breaks after the request',
    played: { kind: 'breaks', mayHaveArrived: true },
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: 'silence',
    played: { kind: 'says nothing' },
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: 'a 500 with words',
    played: answers(500, { success: false, error: 'server_error', msg: 'Something went wrong' }),
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: 'a 500 with nothing',
    played: answers(500, ''),
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: 'a 500 that says that the machine does not exist',
    played: answers(500, SAYS_GONE),
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: "a gateway's 502 page",
    played: answers(502, page('502 Bad Gateway')),
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: "a gateway's 503 page that sounds like a refusal",
    played: answers(503, page('The instance is not available. Not found. No capacity.')),
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: "a gateway's 504",
    played: answers(504, 'upstream request timeout'),
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: 'a 408',
    played: answers(408, ''),
    kinds: ['unavailable'],
    afterChange: 'unknown',
  },
  {
    name: 'a redirect to a login page',
    played: answers(302, '', { location: 'https://login.example.test/' }),
    kinds: ['unavailable', 'malformed'],
    afterChange: 'unknown',
  },
  {
    name: 'a 401',
    played: answers(401, { success: false, error: 'Unauthorized' }),
    kinds: ['unauthorized'],
    afterChange: 'not_done',
  },
  {
    name: 'a 403',
    played: answers(403, { success: false, error: 'Forbidden' }),
    kinds: ['unauthorized'],
    afterChange: 'not_done',
  },
  {
    name: "a firewall's 403 page",
    played: answers(403, page('Access denied')),
    kinds: ['unauthorized', 'malformed', 'unavailable'],
    afterChange: 'either',
  },
  {
    name: "a web server's 404 page",
    played: answers(404, page('404 Not Found')),
    kinds: ['invalid', 'malformed', 'unavailable'],
    afterChange: 'either',
  },
  {
    name: 'a 429 in words',
    played: answers(429, 'API requests too frequent'),
    kinds: ['rate_limited'],
    afterChange: 'not_done',
  },
  {
    name: 'a 429 that says when to come back',
    played: answers(429, { error: 'Too many requests' }, { 'retry-after': '13' }),
    kinds: ['rate_limited'],
    afterChange: 'not_done',
    leastRetryAfterMs: 13_000,
  },
  {
    name: "a gateway's 429 page",
    played: answers(429, page('429 Too Many Requests')),
    kinds: ['rate_limited'],
    afterChange: 'not_done',
  },
  {
    name: 'a 400 in unknown words',
    played: answers(400, { success: false, error: 'unheard_of', message: 'Unheard of' }),
    kinds: ['invalid'],
    afterChange: 'not_done',
  },
];

/** Successes that are no answer to a call which is answered with something: a look, a launch. */
export const EMPTY_SUCCESSES: readonly Disturbance[] = [
  ['a page instead of an answer', page('Welcome')],
  ['an empty answer', ''],
  ['half a word', '{"succ'],
  ['null', 'null'],
  ['a list of nothing', '[]'],
  ['an empty object', '{}'],
  ['a bare text', '"ok"'],
  ['a number', '42'],
  ['a deep nest', `${'['.repeat(2_000)}${']'.repeat(2_000)}`],
  ['a list of a hundred thousand nulls', `[${'null,'.repeat(99_999)}null]`],
].map(([name = '', body = '']) => ({
  name,
  played: answers(200, body, JSON_TYPE),
  kinds: ['malformed'],
  afterChange: 'unknown',
}));
