import fc from 'fast-check';
import { hostileText } from './hostile-values.ts';
import type { ServedRoute } from './served-routes.ts';

type Headers = Readonly<Record<string, string>>;

/** What an HTTP parser lets through in a header's value. */
const text = hostileText.map((raw) => raw.replace(/[^\t -~\u0080-\u00ff]/g, '?').slice(0, 2000));

const MEDIA_TYPES = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/xml',
  'application/octet-stream',
  'application/jsonp',
  'application/vnd.api+json',
  'application/merge-patch+json',
  'application/json; charset=utf-16',
  'application/json;;;=',
  'APPLICATION/JSON',
  ' application/json ',
  'application/json, text/plain',
  'json',
  '/',
  ';',
  'a/b;'.repeat(300),
];

const TAGS = [
  '*',
  '""',
  'W/""',
  '"a", W/"b", *',
  'W/',
  '"',
  '"unclosed',
  ',,,,',
  '"a",'.repeat(500),
];

const SPECIAL: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'content-type': fc.constantFrom(...MEDIA_TYPES),
  'if-none-match': fc.oneof(fc.constantFrom(...TAGS), text),
  'idempotency-key': fc.oneof(
    fc.stringMatching(/^[!-~]{1,20}$/),
    fc.constantFrom('a'.repeat(255), 'a'.repeat(256), ' ', 'key, key', '\u00e9'),
    text,
  ),
  'x-request-id': fc.oneof(fc.stringMatching(/^[A-Za-z0-9._-]{1,128}$/), text),
  accept: fc.oneof(fc.constantFrom('*/*', 'text/html', 'application/xml;q=1', ';q='), text),
  'accept-encoding': fc.constantFrom('gzip', 'br;q=1.0, *;q=0', 'identity;q=0'),
  host: fc.oneof(
    fc.constantFrom(
      'localhost',
      'localhost:99999',
      '127.0.0.1',
      '[::1]',
      '[',
      'a@b',
      'evil.example',
    ),
    text,
  ),
  origin: fc.oneof(
    fc.constantFrom('null', 'http://localhost', 'https://evil.example', 'http:'),
    text,
  ),
  'sec-fetch-site': fc.constantFrom('cross-site', 'same-origin', 'none', 'x'),
  authorization: fc.oneof(fc.constantFrom('Bearer', 'Bearer x', 'Basic Og==', 'bearer  '), text),
  range: fc.constantFrom('bytes=0-0', 'bytes=-1', 'x=1'),
  'accept-version': fc.constantFrom('1.x', '*', '999.0.0', 'x'),
  'x-http-method-override': fc.constantFrom('DELETE', 'TRACE'),
  'x-forwarded-for': fc.oneof(fc.constantFrom('127.0.0.1', 'a, b, c'), text),
  'x-forwarded-host': text,
  cookie: text,
  traceparent: text,
  'if-modified-since': text,
  expect: fc.constantFrom('100-continue', 'x'),
};

/** Mostly none, sometimes a few odd ones. */
export function headersFor({ method }: ServedRoute): fc.Arbitrary<Headers> {
  const odd = fc.subarray(Object.keys(SPECIAL), { minLength: 1, maxLength: 3 }).chain((names) => {
    const chosen = names.map((name) => [name, SPECIAL[name] ?? text] as const);
    return fc.record<Record<string, string>>(Object.fromEntries(chosen));
  });
  const key = SPECIAL['idempotency-key'] ?? text;
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<Headers>({}) },
    { weight: 2, arbitrary: odd },
    {
      weight: method === 'POST' ? 1 : 0,
      arbitrary: key.map((value): Headers => ({ 'idempotency-key': value })),
    },
  );
}
