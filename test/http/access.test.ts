import { describe, expect, it } from 'vitest';
import {
  errorOf,
  LEAST_BODY,
  ORPHAN_ID,
  SESSION_ID,
  type WorldOptions,
  world,
} from './http-world.ts';

const TOKENS = [
  { name: 'alice', token: 'alice-secret-token' },
  { name: 'ci', token: 'ci-secret-token' },
];

describe('tokens', () => {
  const { inject } = world({ tokens: TOKENS });

  it.each([
    ['GET', '/offers'],
    ['GET', '/offers/vastai-12345'],
    ['GET', '/api/v1/inventory'],
    ['GET', '/sessions'],
    ['POST', '/sessions'],
    ['GET', `/sessions/${SESSION_ID}`],
    ['DELETE', `/sessions/${SESSION_ID}`],
    ['POST', `/sessions/${SESSION_ID}/done`],
    ['POST', `/sessions/${SESSION_ID}/extend`],
    ['GET', '/orphans'],
    ['GET', `/orphans/${ORPHAN_ID}`],
    ['POST', `/orphans/${ORPHAN_ID}/terminate`],
    ['POST', `/orphans/${ORPHAN_ID}/ignore`],
    ['GET', '/costs'],
    ['GET', '/costs/summary'],
    ['GET', '/metrics'],
    ['GET', '/'],
    ['GET', '/nowhere'],
    ['PUT', '/health'],
  ] as const)('are needed for %s %s', async (method, url) => {
    const answer = await inject({ method, url });
    expect(answer.statusCode).toBe(401);
    expect(errorOf(answer).error_type).toBe('unauthorized');
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="gpu-broker"');
  });

  it.each(['/health', '/ready', '/api/v1/health'])('are not needed for %s', async (url) => {
    expect((await inject(url)).statusCode).toBe(200);
  });

  it.each(['Bearer alice-secret-token', 'bearer ci-secret-token', 'Bearer  ci-secret-token'])(
    'let in %s',
    async (authorization) => {
      expect((await inject({ url: '/offers', headers: { authorization } })).statusCode).toBe(200);
    },
  );

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer wrong',
    'Bearer alice-secret-token2',
    'Bearer alice-secret-toke',
    'Bearer alice-secret-token ci-secret-token',
    'Basic alice-secret-token',
    'alice-secret-token',
  ])('keep out %j', async (authorization) => {
    expect((await inject({ url: '/offers', headers: { authorization } })).statusCode).toBe(401);
  });

  it('put the name, never the token, on the log line', async () => {
    const { inject: ask, logLines } = world({ tokens: TOKENS });
    await ask({ url: '/offers', headers: { authorization: 'Bearer ci-secret-token' } });
    expect(logLines).toMatchObject([{ caller: 'ci', route: '/offers' }]);
    expect(JSON.stringify(logLines)).not.toContain('secret');
  });
});

describe('the Host header', () => {
  const status = async (host: string, options: WorldOptions = {}) =>
    (await world(options).inject({ url: '/offers', headers: { host } })).statusCode;

  it.each(['localhost', 'LocalHost:8080', '127.0.0.1:8080', '127.0.0.1'])(
    'may be %s',
    async (host) => {
      expect(await status(host)).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '192.0.2.7',
    '127.0.0.1.evil.example',
    'user@localhost',
    'localhost/x',
    'local host',
  ])('may not be %j', async (host) => {
    const answer = await world().inject({ url: '/health', headers: { host } });
    expect(answer.statusCode).toBe(403);
    expect(errorOf(answer).error_type).toBe('forbidden');
  });

  it('may be a name that is listed', async () => {
    expect(await status('broker.example:8080', { allowedHosts: ['Broker.example'] })).toBe(200);
    expect(await status('other.example', { allowedHosts: ['broker.example'] })).toBe(403);
  });

  it('may be any address of a server on all addresses, but no other name', async () => {
    expect(await status('192.0.2.7:8080', { boundHost: '0.0.0.0' })).toBe(200);
    expect(await status('[2001:db8::1]:8080', { boundHost: '::' })).toBe(200);
    expect(await status('evil.example', { boundHost: '0.0.0.0' })).toBe(403);
  });

  it('may be the bound IPv6 address, or either loopback of a server on localhost', async () => {
    expect(await status('[::1]:8080', { boundHost: '::1' })).toBe(200);
    expect(await status('[::1]:8080', { boundHost: 'localhost' })).toBe(200);
    expect(await status('127.0.0.1', { boundHost: 'localhost' })).toBe(200);
  });
});

describe('a browser on another site', () => {
  const { inject, created } = world();
  const ask = (headers: Record<string, string>) =>
    inject({
      method: 'POST',
      url: '/sessions',
      payload: LEAST_BODY,
      headers: { host: 'localhost:8080', ...headers },
    });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'unheard-of' },
    { origin: 'https://evil.example' },
    { origin: 'http://localhost:3000' },
    { origin: 'http://127.0.0.1:8080' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'file://' },
  ])('is refused: %j', async (headers) => {
    const answer = await ask(headers);
    expect(answer.statusCode).toBe(403);
    expect(errorOf(answer).error_type).toBe('forbidden');
    expect(created).toEqual([]);
  });

  it.each([
    { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
    {},
  ])('is told from our own page and from programs: %j', async (headers) => {
    expect((await ask(headers)).statusCode).toBe(201);
  });

  it('gets no CORS leave', async () => {
    const answer = await inject({
      method: 'OPTIONS',
      url: '/sessions',
      headers: { host: 'localhost' },
    });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('recognises our own page behind a proxy that ends TLS', async () => {
    const { inject: viaProxy } = world({ allowedHosts: ['broker.example'] });
    const headers = { host: 'broker.example', origin: 'https://broker.example' };
    expect((await viaProxy({ url: '/offers', headers })).statusCode).toBe(200);
  });
});

describe('before the broker is ready', () => {
  it.each(['starting', 'stopping'] as const)(
    'reads are served and rentals refused: %s',
    async (startAt) => {
      const { inject, created, orphanWords } = world({ startAt });
      const id = SESSION_ID;
      for (const request of [
        { method: 'POST', url: '/sessions', payload: LEAST_BODY },
        { method: 'POST', url: `/sessions/${id}/done` },
        { method: 'POST', url: `/sessions/${id}/extend`, payload: { additional_hours: 1 } },
        { method: 'DELETE', url: `/sessions/${id}` },
        { method: 'POST', url: `/orphans/${ORPHAN_ID}/terminate` },
        { method: 'POST', url: `/orphans/${ORPHAN_ID}/ignore` },
      ] as const) {
        const answer = await inject(request);
        expect(answer.statusCode).toBe(503);
        expect(errorOf(answer).error_type).toBe('not_ready');
        expect(answer.headers['retry-after']).toBe('5');
      }
      const readable = ['/offers', '/sessions', '/orphans', '/costs', '/metrics', '/'];
      for (const url of [...readable, `/sessions/${id}`, `/orphans/${ORPHAN_ID}`]) {
        expect((await inject(url)).statusCode).toBe(200);
      }
      expect(created).toEqual([]);
      expect(orphanWords).toEqual([]);
    },
  );
});
