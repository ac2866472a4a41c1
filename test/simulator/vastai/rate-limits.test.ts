import { describe, expect, it } from 'vitest';
import { type Answer, aHost, askOf, CREATE, openShop, type Shop } from './shop.ts';

function limitedShop(): Shop {
  return openShop({ rateLimits: true, hosts: [aHost({ gpuCount: 8 })] });
}

const LIST = '/api/v1/instances/';

describe('rate limits', () => {
  it('are off where the world has none', async () => {
    const shop = openShop();
    for (let count = 0; count < 20; count += 1) expect((await shop.get(LIST)).status).toBe(200);
  });

  it.each([
    ['a list', 1_000, '1.0', (shop: Shop) => shop.get(LIST)],
    ['a single look', 2_000, '2.0', (shop: Shop) => shop.get('/api/v0/instances/5/')],
    ['a destroy', 3_000, '3.0', (shop: Shop) => shop.delete('/api/v0/instances/5/')],
    ['a template search', 3_000, '3.0', (shop: Shop) => shop.get('/api/v0/template/')],
  ])('keep %s apart by %d ms', async (_, everyMs, threshold, call) => {
    const shop = limitedShop();
    expect((await call(shop)).status).not.toBe(429);
    await shop.clock.advance(everyMs - 1);
    const early = await call(shop);
    expect(early.status).toBe(429);
    expect(early.text).toContain(`API requests too frequent: endpoint threshold=${threshold}`);
    expect(Object.keys(early.headers)).toEqual(['content-type']);
    await shop.clock.advance(1);
    expect((await call(shop)).status).not.toBe(429);
  });

  it('refuse a create before anything happens, and keep whoever was early out for 12 s', async () => {
    const shop = limitedShop();
    const create = (): Promise<Answer> => shop.put(`/api/v0/asks/${askOf(1)}/`, CREATE);
    expect((await create()).status).toBe(200);
    await shop.clock.advance(1_000);
    expect((await create()).status).toBe(429);
    expect(shop.market.instances()).toHaveLength(1);
    await shop.clock.advance(10_999);
    expect((await create()).status).toBe(429);
    await shop.clock.advance(1);
    expect((await create()).status).toBe(200);
  });

  it('let creates through that keep 4.5 s between them', async () => {
    const shop = limitedShop();
    for (let count = 0; count < 3; count += 1) {
      expect((await shop.put(`/api/v0/asks/${askOf(1)}/`, CREATE)).status).toBe(200);
      await shop.clock.advance(4_500);
    }
  });

  it('allow ten searches a minute, over all its forms', async () => {
    const shop = limitedShop();
    for (let count = 0; count < 10; count += 1) {
      expect((await shop.post('/api/v0/bundles/', {})).status).toBe(200);
      await shop.clock.advance(1_000);
    }
    expect((await shop.get('/api/v0/bundles/')).status).toBe(429);
    expect((await shop.put('/api/v0/search/asks/', {})).status).toBe(429);
    await shop.clock.advance(50_000);
    expect((await shop.post('/api/v0/bundles/', {})).status).toBe(200);
  });

  it('hold by endpoint and by key', async () => {
    const shop = limitedShop();
    expect((await shop.get(LIST)).status).toBe(200);
    expect((await shop.get('/api/v0/instances/5/')).status).toBe(200);
    const stranger = { method: 'GET', path: LIST, headers: { authorization: 'Bearer other' } };
    expect((await shop.send(stranger))?.status).toBe(404);
    expect((await shop.send(stranger))?.status).toBe(429);
  });

  it('are told in a different body each time', async () => {
    const shop = limitedShop();
    await shop.get(LIST);
    const refusals: Answer[] = [];
    for (let count = 0; count < 5; count += 1) refusals.push(await shop.get(LIST));
    expect(refusals.map(({ status }) => status)).toEqual([429, 429, 429, 429, 429]);
    expect(refusals[0]?.text).toBe('API requests too frequent: endpoint threshold=1.0');
    expect(refusals[1]?.json).toEqual({
      detail: 'API requests too frequent endpoint threshold=1.0',
    });
    expect(refusals[2]?.json).toMatchObject({
      success: false,
      error: 'rate_limit_exceeded',
      msg: 'API requests too frequent endpoint threshold=1.0',
    });
    expect(refusals[3]?.json).toMatchObject({
      message: expect.stringContaining('endpoint threshold=1.0*1.0'),
      code: '429 Too Many Requests',
    });
    expect(refusals[4]?.text).toBe(refusals[0]?.text);
  });
});
