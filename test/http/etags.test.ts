import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/domain/session.ts';
import { instance, NOW, offer, SESSION_ID, session, world } from './http-world.ts';

const PATHS = ['/offers', '/offers/vastai-12345', `/sessions/${SESSION_ID}`];
const SESSION_PATH = `/sessions/${SESSION_ID}`;
const LATER = NOW + 90_000;

async function etagOf(url: string, options: Parameters<typeof world>[0] = {}): Promise<string> {
  const { headers } = await world(options).inject(url);
  return String(headers['etag']);
}

function closed(): Session {
  const lines = instance().costs.map((line) => ({ ...line, endedAt: NOW }));
  return session({ instances: [instance({ costs: lines })] });
}

describe.each(PATHS)('ETag of %s', (url) => {
  it('is the same for the same answer', async () => {
    expect(await etagOf(url)).toMatch(/^(W\/)?"[\w.-]{8,27}"$/);
    expect(await etagOf(url)).toBe(await etagOf(url));
  });

  it('spares the body when the caller has it', async () => {
    const etag = await etagOf(url);
    for (const tags of [etag, `W/${etag.replace('W/', '')}`, `"other", ${etag}`, '*']) {
      const answer = await world().inject({ url, headers: { 'if-none-match': tags } });
      expect(answer.statusCode).toBe(304);
      expect(answer.body).toBe('');
      expect(answer.headers['etag']).toBe(etag);
      expect(answer.headers).not.toHaveProperty('content-type');
    }
  });

  it('sends the body when the caller has another', async () => {
    const answer = await world().inject({ url, headers: { 'if-none-match': '"other"' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('private, no-cache');
  });

  it('answers HEAD alike', async () => {
    const answer = await world().inject({ method: 'HEAD', url });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('');
    const etag = await etagOf(url);
    expect(answer.headers['etag']).toBe(etag);
    const same = await world().inject({ method: 'HEAD', url, headers: { 'if-none-match': etag } });
    expect([same.statusCode, same.body]).toEqual([304, '']);
  });
});

it('changes with what is shown', async () => {
  const dearer = offer({ price: { gpu: 500_000, cpu: 0, ram: 0, disk: 50_000 } });
  expect(await etagOf('/offers')).not.toBe(await etagOf('/offers', { page: { offers: [dearer] } }));
  expect(await etagOf('/offers')).not.toBe(
    await etagOf('/offers', { page: { staleProviders: ['vastai'] } }),
  );
});

it('keeps the age with a 304', async () => {
  const headers = { 'if-none-match': await etagOf('/offers') };
  expect((await world().inject({ url: '/offers', headers })).headers['age']).toBe('30');
});

it.each(['/sessions', '/costs', '/health', '/offers/unknown'])(
  'is not sent for %s',
  async (url) => {
    expect((await world().inject(url)).headers).not.toHaveProperty('etag');
  },
);

describe('ETag of a session', () => {
  it('is weak and stays while nothing but the cost runs', async () => {
    const before = world();
    const { headers, body } = await before.inject(SESSION_PATH);
    const later = world({ now: () => LATER });
    const again = await later.inject(SESSION_PATH);
    expect(again.body).not.toBe(body);
    expect(headers['etag']).toMatch(/^W\//);
    expect(again.headers['etag']).toBe(headers['etag']);
    const spared = { 'if-none-match': String(headers['etag']) };
    expect((await later.inject({ url: SESSION_PATH, headers: spared })).statusCode).toBe(304);
  });

  it('changes with anything else', async () => {
    const extended = session({ expiresAt: LATER });
    const moved = session({ instances: [instance({ state: 'terminating' })] });
    const tags = await Promise.all(
      [session(), extended, moved].map((stored) => etagOf(SESSION_PATH, { stored })),
    );
    expect(new Set(tags).size).toBe(3);
  });

  it('is of the whole answer, cost and all, when no cost runs', async () => {
    expect(await etagOf(SESSION_PATH, { stored: closed() })).toMatch(/^"/);
    expect(await etagOf(SESSION_PATH, { stored: closed(), now: () => LATER })).toBe(
      await etagOf(SESSION_PATH, { stored: closed() }),
    );
  });
});
