import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { buildServer } from '../../src/http/server.ts';
import { errorOf, LEAST_BODY, ORPHAN_ID, problemsOf, SESSION_ID, world } from './http-world.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('unknown paths and methods', () => {
  const { inject } = world();

  it.each(['/nowhere', '/sessions/a/b/c', '/offers/', '/templates', '//'])(
    '%s is 404',
    async (url) => {
      const answer = await inject(url);
      expect(answer.statusCode).toBe(404);
      expect(errorOf(answer)).toEqual({
        error: expect.any(String),
        error_type: 'not_found',
        request_id: 'made-request-id',
      });
    },
  );

  it.each([
    ['GET', '/offers/', '; did you mean /offers?'],
    ['GET', '/api/v1/inventory/?limit=1', '; did you mean /api/v1/inventory?'],
    ['POST', '/sessions/', '; did you mean /sessions?'],
    ['POST', `/sessions/${SESSION_ID}/done/`, `; did you mean /sessions/${SESSION_ID}/done?`],
    ['GET', '/nowhere/', ''],
    ['GET', '/offers//', '; did you mean /offers?'],
  ] as const)('%s %s is told the path without its last slash', async (method, url, hint) => {
    const answer = await inject({ method, url });
    expect(answer.statusCode).toBe(404);
    expect(errorOf(answer).error).toBe(`there is no such path${hint}`);
  });

  it.each([
    ['/offers?gpu_type=%zz', 'gpu_type'],
    ['/offers?limit=1&gpu_type=%ff', 'gpu_type'],
    ['/sessions?consumer_id=100%', 'consumer_id'],
    ['/costs?%E0%A4=1', 'querystring'],
  ])('%s is refused for its broken escape', async (url, path) => {
    const answer = await inject(url);
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([
      `${path}: is not valid percent-encoding; a percent sign itself is written %25`,
    ]);
  });

  it.each([
    ['PUT', '/offers', 'GET, HEAD'],
    ['POST', '/offers/vastai-12345', 'GET, HEAD'],
    ['PATCH', '/sessions', 'GET, HEAD, POST'],
    ['PUT', `/sessions/${SESSION_ID}`, 'DELETE, GET, HEAD'],
    ['GET', `/sessions/${SESSION_ID}/done`, 'POST'],
    ['DELETE', `/sessions/${SESSION_ID}/extend`, 'POST'],
    ['DELETE', '/orphans', 'GET, HEAD'],
    ['DELETE', `/orphans/${ORPHAN_ID}`, 'GET, HEAD'],
    ['GET', `/orphans/${ORPHAN_ID}/terminate`, 'POST'],
    ['PUT', `/orphans/${ORPHAN_ID}/ignore`, 'POST'],
    ['POST', '/costs', 'GET, HEAD'],
    ['DELETE', '/costs/summary', 'GET, HEAD'],
    ['POST', '/health', 'GET, HEAD'],
    ['OPTIONS', '/ready', 'GET, HEAD'],
    ['DELETE', '/api/v1/inventory?limit=1', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
  ] as const)('%s %s is 405 and names what the path takes', async (method, url, allow) => {
    const answer = await inject({ method, url, headers: JSON_TYPE, payload: '{broken' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe(allow);
    expect(errorOf(answer).error_type).toBe('method_not_allowed');
  });

  it.each([
    ['/sessions/%', 400],
    ['/offers/%C3%28', 400],
    [`/offers/${'x'.repeat(300)}`, 404],
  ])('%s is refused in the common form', async (url, status) => {
    const answer = await inject(url);
    expect(answer.statusCode).toBe(status);
    expect(errorOf(answer).request_id).toBe('made-request-id');
    expect(answer.headers).toMatchObject({
      'x-request-id': 'made-request-id',
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('bodies', () => {
  const { inject, created } = world();
  const post = (payload: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
    inject({ method: 'POST', url: '/sessions', headers, payload });

  it.each(['{', '{"a":1,}', 'not json', '{"a":NaN}', "{'a':1}"])(
    'must be JSON: %s',
    async (payload) => {
      const answer = await post(payload);
      expect(answer.statusCode).toBe(400);
      expect(errorOf(answer)).toEqual({
        error: 'body is not valid JSON',
        error_type: 'validation_error',
        request_id: 'made-request-id',
        details: [{ path: 'body', message: 'is not valid JSON' }],
      });
    },
  );

  it.each([
    ['{"__proto__":{"polluted":1}}', '__proto__: is not known'],
    ['{"requirements":{"__proto__":{"polluted":1}}}', 'requirements.__proto__: is not known'],
    ['{"constructor":{"prototype":{"polluted":1}}}', 'constructor: is not known'],
  ])('have names that reach for prototypes refused as any other: %s', async (payload, problem) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toContainEqual(expect.stringContaining(problem));
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['POST', `/sessions/${SESSION_ID}/done`],
    ['DELETE', `/sessions/${SESSION_ID}`],
  ] as const)('have no media type where there are none: %s %s', async (method, url) => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'nonsense']) {
      for (const length of [{}, { 'content-length': '0' }]) {
        const headers = { 'content-type': type, ...length };
        expect((await inject({ method, url, headers })).statusCode).toBe(200);
      }
      const filled = await inject({ method, url, headers: { 'content-type': type }, payload: 'x' });
      expect(filled.statusCode).toBe(415);
    }
  });

  it.each(['gzip', 'br', 'identity, gzip'])('are not read in the coding %s', async (coding) => {
    const answer = await post('\u001f\u008b', { ...JSON_TYPE, 'content-encoding': coding });
    expect(answer.statusCode).toBe(415);
    expect(errorOf(answer).error).toContain('without Content-Encoding');
  });

  it('may say that they are not coded at all', async () => {
    const headers = { ...JSON_TYPE, 'content-encoding': 'identity' };
    expect((await post('{}', headers)).statusCode).toBe(400);
  });

  it('may have 1 MiB and no more', async () => {
    const answer = await post(JSON.stringify({ ...LEAST_BODY, x: 'x'.repeat(1024 * 1024) }));
    expect(answer.statusCode).toBe(413);
    expect(errorOf(answer).error_type).toBe('payload_too_large');
    expect((await post(JSON.stringify({ x: 'x'.repeat(1024 * 1000) }))).statusCode).toBe(400);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense'])(
    'must not be %s',
    async (type) => {
      const answer = await post('{}', { 'content-type': type });
      expect(answer.statusCode).toBe(415);
      expect(errorOf(answer).error_type).toBe('unsupported_media_type');
    },
  );

  it('may name a charset', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await post(JSON.stringify(LEAST_BODY), headers)).statusCode).toBe(201);
  });

  it('list at most fifty problems, with names cut short', async () => {
    const unknown = Array.from({ length: 500 }, (_, n) => [`${'n'.repeat(200)}${n}`, n]);
    const answer = await post(JSON.stringify(Object.fromEntries(unknown)));
    const details = errorOf(answer).details ?? [];
    expect(details.length).toBeLessThanOrEqual(50);
    expect(Math.max(...details.map(({ path }) => path.length))).toBeLessThanOrEqual(64);
  });

  it('leave nothing rented when refused', () => {
    expect(created.map(({ request }) => request.consumerId)).toEqual(['my-application']);
  });
});

describe('faults of ours', () => {
  it('tell nothing of the inside', async () => {
    const fault = new Error('SQLITE_CORRUPT at /var/lib/secret.db');
    const { inject, logLines } = world({ sessionAnswers: { get: () => Promise.reject(fault) } });
    const answer = await inject(`/sessions/${SESSION_ID}`);
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      error: 'something went wrong on our side',
      error_type: 'internal',
      request_id: 'made-request-id',
    });
    expect(logLines).toMatchObject([
      { msg: 'request failed', request_id: 'made-request-id', err: { message: fault.message } },
      { msg: 'request served', request_id: 'made-request-id', status: 500 },
    ]);
  });

  it.each([
    Object.assign(new Error('inner'), { statusCode: 418 }),
    Object.assign(new Error('inner'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('inner'), { statusCode: 400, code: 'SOMETHING' }),
    'a thrown text',
  ])('do not choose their own status: %#', async (fault) => {
    const { inject } = world({ sessionAnswers: { get: () => Promise.reject(fault) } });
    const answer = await inject(`/sessions/${SESSION_ID}`);
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('inner');
  });
});

describe('request ids', () => {
  const { inject } = world();

  it('are taken from the caller and echoed in header and error', async () => {
    const answer = await inject({ url: '/nowhere', headers: { 'x-request-id': 'Trace_1.a-b' } });
    expect(answer.headers['x-request-id']).toBe('Trace_1.a-b');
    expect(errorOf(answer).request_id).toBe('Trace_1.a-b');
  });

  it.each(['', 'two words', 'x'.repeat(129), 'line\u00e9', 'a/b', '<script>'])(
    'are made when the caller sent %j',
    async (id) => {
      const answer = await inject({ url: '/offers', headers: { 'x-request-id': id } });
      expect(answer.headers['x-request-id']).toBe('made-request-id');
    },
  );
});

describe('every answer', () => {
  it.each(['/offers', '/nowhere', '/sessions?limit=0'])(
    'carries the security headers: %s',
    async (url) => {
      const answer = await world().inject(url);
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(answer.headers).not.toHaveProperty('x-powered-by');
    },
  );

  it('keeps a created key out of caches', async () => {
    const answer = await world().inject({ method: 'POST', url: '/sessions', payload: LEAST_BODY });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is counted by route pattern and in one log line', async () => {
    const { inject, served, logLines } = world();
    await inject(`/sessions/${SESSION_ID}`);
    await inject('/sessions/unknown-id');
    await inject({ method: 'DELETE', url: `/sessions/${SESSION_ID}` });
    await inject('/no/such/path');
    expect(served).toMatchObject([
      { method: 'GET', route: '/sessions/:id', status: 200 },
      { method: 'GET', route: '/sessions/:id', status: 404 },
      { method: 'DELETE', route: '/sessions/:id', status: 200 },
      { method: 'GET', route: 'unmatched', status: 404 },
    ]);
    expect(served.every(({ durationMs }) => durationMs >= 0)).toBe(true);
    expect(logLines.map(({ level, route }) => [level, route])).toEqual([
      [20, '/sessions/:id'],
      [30, '/sessions/:id'],
      [30, '/sessions/:id'],
      [30, 'unmatched'],
    ]);
  });
});

describe('on a real socket', () => {
  /** What the server writes back to raw bytes, until it closes. */
  async function exchange(bytes: string, { parts } = world()): Promise<string> {
    const app = buildServer(parts);
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    try {
      const socket = connect(Number(url.port), url.hostname);
      socket.end(bytes);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    } finally {
      await app.close();
    }
  }

  it('answers what is not HTTP in the common form', async () => {
    const answer = await exchange('this is not http\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('"error_type":"validation_error","request_id":"made-request-id"');
  });

  it('answers headers that are too large with 431', async () => {
    const answer = await exchange(
      `GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('serves an ordinary request', async () => {
    const answer = await exchange(
      'GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('does not take a caller that hangs up in the middle of its body for a fault', async () => {
    const asked = world();
    const answer = await exchange(
      'POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"consumer',
      asked,
    );
    expect(answer).not.toMatch(/^HTTP\/1\.1 500 /);
    expect(asked.logLines.map(({ msg }) => msg)).not.toContain('request failed');
  });

  it.each([
    'GET /offers HTTP/1.0\r\n\r\n',
    'GET /offers HTTP/1.1\r\nConnection: close\r\n\r\n',
    'GET /offers HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
  ])('refuses a request that does not name one host, in the common form: %j', async (request) => {
    const answer = await exchange(request);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"error_type":"validation_error","request_id":"made-request-id"');
  });

  it.each([
    ['GET /health HTTP/1.0\r\n\r\n', 200],
    ['GET /ready HTTP/1.0\r\n\r\n', 200],
    ['GET /health HTTP/1.0\r\nHost: evil.example\r\n\r\n', 403],
    ['GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
    ['GET /metrics HTTP/1.0\r\n\r\n', 400],
  ])(
    'lets the plainest health probe pass without a host, and nothing else: %j',
    async (request, status) => {
      expect(await exchange(request)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    },
  );

  it('leaves an expectation that it does not know unanswered and the request answered', async () => {
    const answer = await exchange(
      'GET /ready HTTP/1.1\r\nHost: localhost\r\nExpect: the-unexpected\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('answers a method that HTTP knows and we do not', async () => {
    const answer = await exchange(
      'PROPFIND /offers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).toContain('"error_type":"method_not_allowed"');
  });
});
