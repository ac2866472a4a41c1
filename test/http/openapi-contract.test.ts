import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { buildServer } from '../../src/http/server.ts';
import { contractChecker, type SeenAnswer } from '../support/contract-checker.ts';
import { offer, SESSION_ID, session, world } from './http-world.ts';
import { openapiDocument } from './openapi-document.ts';

const check = contractChecker(await openapiDocument());

const BIG = 'x'.repeat(20_000);

/** What the server writes back to raw bytes, until it closes. */
async function exchange(bytes: string): Promise<string> {
  const app = buildServer(world().parts);
  const { port, hostname } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  try {
    const socket = connect(Number(port), hostname);
    socket.end(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  } finally {
    await app.close();
  }
}

/** A real answer, with something changed in it. */
async function answer(url: string, overrides: Partial<SeenAnswer> = {}): Promise<SeenAnswer> {
  const { statusCode, headers, body } = await world().inject(url);
  return { method: 'GET', url, status: statusCode, headers, body, ...overrides };
}

function withoutHeader({ headers, ...seen }: SeenAnswer, name: string): SeenAnswer {
  const { [name]: _left, ...rest } = headers;
  return { ...seen, headers: rest };
}

const ERROR = { error: 'a sentence', error_type: 'not_found', request_id: 'x' };

describe('the contract checker passes', () => {
  it.each([
    '/offers',
    '/offers?limit=0',
    '/offers/none',
    '/api/v1/inventory/vastai-12345',
    `/sessions/${SESSION_ID}`,
    '/metrics',
    '/docs',
    '/nowhere',
    '/sessions/%',
  ])('what a broker answers at %s', async (url) => {
    const seen = await answer(url);
    expect(() => check(seen)).not.toThrow();
  });
});

describe('what the parser refuses before there is a route', () => {
  it('is listed for the route too: headers that are too large', async () => {
    const text = await exchange(`GET /offers HTTP/1.1\r\nHost: localhost\r\nX-Big: ${BIG}\r\n\r\n`);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    const lines = head.split('\r\n').slice(1);
    const headers = Object.fromEntries(lines.map((line) => line.split(': ')));
    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    expect(() =>
      check({ method: 'GET', url: '/offers', status: 431, headers, body }),
    ).not.toThrow();
  });
});

describe('the contract checker refuses', () => {
  const refused = (seen: SeenAnswer): string => {
    try {
      check(seen);
    } catch (error) {
      return String(error);
    }
    return 'passed';
  };

  it('a status that the document does not list for the route', async () => {
    const seen = await answer('/offers/none', { url: '/orphans' });
    expect(refused(seen)).toMatch(/lists no 404 for GET \/orphans/);
  });

  it('a code that belongs to another status or route', async () => {
    const body = JSON.stringify({ ...ERROR, error_type: 'stale_inventory' });
    expect(refused(await answer('/offers/none', { body }))).toMatch(/error_type must be equal/);
  });

  it('a field that nobody listed', async () => {
    const seen = await answer('/ready');
    const body = JSON.stringify({ ...JSON.parse(seen.body), api_key: 'x' });
    expect(refused({ ...seen, body })).toMatch(/additionalProperty":"api_key/);
  });

  it('a field that is missing or of another type, however deep', async () => {
    const seen = await answer('/offers');
    const without = seen.body.replace('"gpu_count":1,', '');
    expect(refused({ ...seen, body: without })).toMatch(/offers\/0 must have .* 'gpu_count'/);
    const text = seen.body.replace('"gpu_count":1,', '"gpu_count":"1",');
    expect(refused({ ...seen, body: text })).toMatch(/gpu_count must be integer/);
  });

  it('an instant of another form', async () => {
    const seen = await answer('/ready');
    const body = seen.body.replace(/"timestamp":"[^"]+"/, '"timestamp":"29 January"');
    expect(refused({ ...seen, body })).toMatch(/timestamp must match format "date-time"/);
  });

  it('another media type', async () => {
    const seen = await answer('/ready');
    const headers = { ...seen.headers, 'content-type': 'text/html' };
    expect(refused({ ...seen, headers })).toMatch(/text\/html is not listed/);
  });

  it.each(['x-request-id', 'etag', 'age'])('an answer without its %s', async (name) => {
    expect(refused(withoutHeader(await answer('/offers'), name))).toMatch(/is missing/);
  });

  it('a header field that means something and is not listed', async () => {
    const seen = await answer('/sessions');
    const headers = { ...seen.headers, age: '3' };
    expect(refused({ ...seen, headers })).toMatch(/Age is not listed/);
  });

  it('a body where there is to be none', async () => {
    const seen = await answer('/offers');
    expect(refused({ ...seen, status: 304 })).toMatch(/there is a body/);
  });

  it('a route that the document does not know', async () => {
    const seen = await answer('/offers', { url: '/secrets' });
    expect(refused(seen)).toMatch(/does not know GET \/secrets/);
  });

  it('an error of another form, where there is no route', async () => {
    const seen = await answer('/nowhere', { body: '{"message":"Not Found"}' });
    expect(refused(seen)).toMatch(/is not as the document says/);
  });
});

describe('the world of these tests', () => {
  it('fails a test whose answer is not as the document says', async () => {
    const odd = offer({ gpuCount: 0 });
    await expect(world({ page: { offers: [odd] } }).inject('/offers')).rejects.toThrow(
      /gpu_count must be >= 1/,
    );
    const stored = session({ runningAt: Date.UTC(2026, 0, 29, 12) });
    expect((await world({ stored }).inject(`/sessions/${SESSION_ID}`)).statusCode).toBe(200);
  });
});
