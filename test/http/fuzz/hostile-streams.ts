import fc from 'fast-check';
import { LEAST_BODY, ORPHAN_ID, SESSION_ID } from '../http-world.ts';

const HOST = 'Host: localhost\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
/** What must not be reached by a request hidden in another. */
export const HIDDEN = `POST /orphans/${ORPHAN_ID}/terminate HTTP/1.1\r\n${HOST}\r\n`;

const POST = `POST /sessions/${SESSION_ID}/done HTTP/1.1\r\n${HOST}${JSON_TYPE}`;
const HIDDEN_LENGTH = `Content-Length: ${HIDDEN.length + 5}\r\n`;

/** Requests whose end two readers could see in two places. What comes after must not be read as a request of its own. */
export const SMUGGLING: readonly (readonly [string, string])[] = [
  ['CL and TE', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['TE and CL', `${POST}Transfer-Encoding: chunked\r\n${HIDDEN_LENGTH}\r\n0\r\n\r\n${HIDDEN}`],
  ['two lengths', `${POST}Content-Length: 0\r\n${HIDDEN_LENGTH}\r\n${HIDDEN}`],
  ['a list of lengths', `${POST}Content-Length: 0, 0\r\n\r\n${HIDDEN}`],
  ['a signed length', `${POST}Content-Length: +0\r\n\r\n${HIDDEN}`],
  ['a negative length', `${POST}Content-Length: -1\r\n\r\n${HIDDEN}`],
  ['a hexadecimal length', `${POST}Content-Length: 0x0\r\n\r\n${HIDDEN}`],
  ['a length beyond all numbers', `${POST}Content-Length: ${'9'.repeat(30)}\r\n\r\n${HIDDEN}`],
  ['a space before the colon', `${POST}Content-Length : 0\r\n\r\n${HIDDEN}`],
  ['a folded line', `${POST}X-Folded: a\r\n ${HIDDEN_LENGTH}\r\n${HIDDEN}`],
  ['an unknown coding', `${POST}Transfer-Encoding: cow\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['chunked in disguise', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  [
    'chunked that is not last',
    `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`,
  ],
  ['a vertical tab', `${POST}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['bare line feeds', `${POST.replaceAll('\r\n', '\n')}Content-Length: 0\n\n${HIDDEN}`],
  ['bare carriage returns', `${POST}X: a\rContent-Length: 0\r\n\r\n${HIDDEN}`],
  ['a wrong chunk size', `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n${HIDDEN}`],
  ['a huge chunk size', `${POST}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n${HIDDEN}`],
  [
    'a chunk with a tail',
    `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n${HIDDEN}`,
  ],
  ['a null in a name', `${POST}Content\0-Length: 0\r\n\r\n${HIDDEN}`],
  ['a null in a value', `${POST}X: a\0b\r\n\r\n${HIDDEN}`],
];

const GET = `GET /offers HTTP/1.1\r\n${HOST}`;

/** Broken in other ways; an answer in our form or a closed connection will do. */
export const BROKEN: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['one byte', 'G'],
  ['empty lines', '\r\n'.repeat(1000)],
  ['null bytes', '\0'.repeat(5000)],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['an SSH greeting', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['HTTP/0.9', 'GET /offers\r\n'],
  ['HTTP/1.0', 'GET /offers HTTP/1.0\r\n\r\n'],
  ['HTTP/9.9', `GET /offers HTTP/9.9\r\n${HOST}\r\n`],
  ['no version', `GET /offers\r\n${HOST}\r\n`],
  ['an unknown method', `MEOW /offers HTTP/1.1\r\n${HOST}\r\n`],
  ['a lower-case method', `get /offers HTTP/1.1\r\n${HOST}\r\n`],
  ['CONNECT', `CONNECT localhost:22 HTTP/1.1\r\n${HOST}\r\n`],
  ['TRACE', `TRACE / HTTP/1.1\r\n${HOST}\r\n`],
  ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
  ['an absolute target', `GET http://localhost/offers HTTP/1.1\r\n${HOST}\r\n`],
  ['a foreign absolute target', `GET http://evil.example/offers HTTP/1.1\r\n${HOST}\r\n`],
  ['an authority for a target', `GET localhost:80 HTTP/1.1\r\n${HOST}\r\n`],
  ['a target of slashes', `GET ${'/'.repeat(5000)} HTTP/1.1\r\n${HOST}\r\n`],
  ['a target of dots', `GET ${'/..'.repeat(2000)} HTTP/1.1\r\n${HOST}\r\n`],
  ['a target of backslashes', `GET \\\\evil\\share HTTP/1.1\r\n${HOST}\r\n`],
  ['a torn encoding', `GET /offers/%zz%%%1 HTTP/1.1\r\n${HOST}\r\n`],
  ['bytes above ASCII in the target', `GET /offers/\xff\xfe\xc3 HTTP/1.1\r\n${HOST}\r\n`],
  ['a null in the target', `GET /offers/\0 HTTP/1.1\r\n${HOST}\r\n`],
  ['a tab in the target', `GET /off\ters HTTP/1.1\r\n${HOST}\r\n`],
  ['a fragment', `GET /offers#x?limit=1 HTTP/1.1\r\n${HOST}\r\n`],
  ['no Host', 'GET /offers HTTP/1.1\r\n\r\n'],
  ['an empty Host', 'GET /offers HTTP/1.1\r\nHost:\r\n\r\n'],
  ['two Hosts', `${GET}Host: evil.example\r\n\r\n`],
  ['a Host with a space', 'GET /offers HTTP/1.1\r\nHost: local host\r\n\r\n'],
  ['a target that is too long', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`],
  ['a query that is too long', `GET /offers?${'a=1&'.repeat(5000)} HTTP/1.1\r\n${HOST}\r\n`],
  ['a header that is too long', `${GET}X: ${'a'.repeat(20_000)}\r\n\r\n`],
  ['very many headers', `${GET}${'a:\r\n'.repeat(3500)}\r\n`],
  ['the same header very often', `${GET}${'If-None-Match: *\r\n'.repeat(700)}\r\n`],
  ['many keys', `${POST}${'Idempotency-Key: a\r\n'.repeat(100)}Content-Length: 0\r\n\r\n`],
  ['headers without names', `${GET}: x\r\n: y\r\n\r\n`],
  ['headers without colons', `${GET}nothing\r\n\r\n`],
  ['an expectation', `${POST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`],
  ['a strange expectation', `${GET}Expect: miracles\r\n\r\n`],
  ['an upgrade', `${GET}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
  [
    'an upgrade to HTTP/2',
    `${GET}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n`,
  ],
  ['a body that is cut off', `${POST}Content-Length: 1000\r\n\r\n{"a":`],
  ['a body that is too long', `${POST}Content-Length: 2\r\n\r\n{}}}}}garbage`],
  ['a length that is too large', `${POST}Content-Length: 99999999\r\n\r\n`],
  ['chunks that are cut off', `${POST}Transfer-Encoding: chunked\r\n\r\n5\r\n{}`],
  [
    'very many tiny chunks',
    `${POST}Transfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(50_000)}0\r\n\r\n`,
  ],
  [
    'large chunk extensions',
    `${POST}Transfer-Encoding: chunked\r\n\r\n2;${'a'.repeat(30_000)}\r\n{}\r\n0\r\n\r\n`,
  ],
  [
    'large trailers',
    `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\nX: ${'a'.repeat(30_000)}\r\n\r\n`,
  ],
  ['a compressed body', `${POST}Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}`],
  ['garbage after a request', `${GET}\r\n\x00\xff garbage`],
  ['a request inside garbage', `garbage\r\n\r\n${GET}\r\n`],
  ['many requests at once', `${GET}\r\n`.repeat(200)],
  ['requests and garbage in turn', `${GET}\r\n\r\n\r\n${GET}\r\nGET\r\n\r\n${GET}\r\n`],
];

/** Requests that are right, to be spoilt. */
const RIGHT: readonly string[] = [
  `${GET}\r\n`,
  `GET /sessions/${SESSION_ID} HTTP/1.1\r\n${HOST}If-None-Match: "a", W/"b"\r\n\r\n`,
  `${POST}Content-Length: 2\r\n\r\n{}`,
  `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  `POST /sessions HTTP/1.1\r\n${HOST}${JSON_TYPE}Idempotency-Key: k\r\nContent-Length: ${JSON.stringify(LEAST_BODY).length}\r\n\r\n${JSON.stringify(LEAST_BODY)}`,
];

const junk = fc.oneof(
  fc
    .uint8Array({ minLength: 1, maxLength: 8 })
    .map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\0',
    ' ',
    '\t',
    ':',
    '%',
    '/',
    '\r\n\r\n',
    'HTTP/1.1',
    '0\r\n\r\n',
  ),
);

/** One or more right requests in a row, with bytes of them lost, doubled or replaced. */
export const spoiltStream: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.constantFrom(...RIGHT), { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 6 }), junk), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([requests, wounds]) =>
    wounds.reduce((text, [place, lost, put]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + put + text.slice(at + lost);
    }, requests.join('')),
  );
