import { describe, expect, it } from 'vitest';
import { offer, SESSION_ID, world } from './http-world.ts';

const PATHS = ['/offers', '/offers/vastai-12345', `/sessions/${SESSION_ID}`];

async function etagOf(url: string, options: Parameters<typeof world>[0] = {}): Promise<string> {
  const { headers } = await world(options).inject(url);
  return String(headers['etag']);
}

describe.each(PATHS)('ETag of %s', (url) => {
  it('is the same for the same answer', async () => {
    expect(await etagOf(url)).toMatch(/^"[\w-]{27}"$/);
    expect(await etagOf(url)).toBe(await etagOf(url));
  });

  it('spares the body when the caller has it', async () => {
    const etag = await etagOf(url);
    for (const tags of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
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
    expect(answer.headers['etag']).toBe(await etagOf(url));
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
