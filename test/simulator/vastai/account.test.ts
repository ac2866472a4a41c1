import { describe, expect, it } from 'vitest';
import { aHost, create, KEY, openShop, rowsOf, STARTED_AT, untilRunning } from './shop.ts';

const CLOSED = [
  ['GET', '/api/v1/instances/'],
  ['GET', '/api/v0/instances/5/'],
  ['DELETE', '/api/v0/instances/5/'],
  ['PUT', '/api/v0/asks/1700001/'],
  ['POST', '/api/v0/instances/5/ssh/'],
  ['GET', '/api/v0/users/current/'],
  ['GET', '/api/v0/template/'],
  ['GET', '/api/v0/charges/'],
] as const;

describe('a key', () => {
  it.each(CLOSED)('that is wrong is answered like a missing thing: %s %s', async (method, path) => {
    const headers = { authorization: 'Bearer nobody' };
    expect(await openShop().send({ method, path, headers })).toMatchObject({
      status: 404,
      json: { success: false, error: 'auth_error', msg: 'Invalid user key' },
    });
  });

  it.each(CLOSED)('has to be there: %s %s', async (method, path) => {
    expect(await openShop().send({ method, path, headers: {} })).toMatchObject({
      status: 403,
      json: { success: false, error: 'auth_error', msg: 'This action requires login.' },
    });
  });

  it('is taken from the header alone', async () => {
    const path = `/api/v0/users/current/?api_key=${KEY}`;
    expect((await openShop().send({ method: 'GET', path, headers: {} }))?.status).toBe(403);
  });

  it('is not looked at by the search, wrong or not', async () => {
    const headers = { authorization: 'Bearer nobody' };
    const answer = await openShop().send({ method: 'POST', path: '/api/v0/bundles/', headers });
    expect(answer?.status).toBe(200);
  });
});

describe('the account', () => {
  it('has its money in credit and something else in balance', async () => {
    const shop = openShop({ credit: { vastai: 41.27, tensordock: 0 } });
    const { json } = await shop.get('/api/v0/users/current');
    expect(json).toMatchObject({ credit: 41.27, api_key: KEY });
    expect(json['balance']).not.toBe(json['credit']);
  });

  it('has less credit as time goes by', async () => {
    const shop = openShop({ credit: { vastai: 10, tensordock: 0 } });
    await create(shop);
    await shop.clock.advance(3_600_000);
    const { json } = await shop.get('/api/v0/users/current/');
    expect(json['credit']).toBeLessThan(9.7);
  });
});

describe('charges', () => {
  function path(filters: unknown, more = ''): string {
    return `/api/v0/charges/?select_filters=${encodeURIComponent(JSON.stringify(filters))}${more}`;
  }
  const day = { gte: STARTED_AT / 1_000 - 10, lte: STARTED_AT / 1_000 + 86_400 };

  it('are the bill of each instance, part by part', async () => {
    const shop = openShop();
    const id = await create(shop);
    await untilRunning(shop);
    await shop.clock.advance(3_600_000);
    const bill = shop.market.bill(id);
    const answer = await shop.get(path({ day, type: { in: ['instance'] } }));
    expect(answer.json).toMatchObject({ success: true, count: 1, total: 1, next_token: null });
    expect(rowsOf(answer, 'results')).toMatchObject([
      {
        start: STARTED_AT / 1_000,
        end: shop.clock.now() / 1_000,
        type: 'instance',
        source: `instance-${id}`,
        amount: (bill.gpu + bill.disk) / 1_000_000,
        metadata: { label: 'gpub-demo-aaaaaaaaaaaaaaaa-1' },
        items: [
          { type: 'gpu', amount: bill.gpu / 1_000_000 },
          { type: 'disk', amount: bill.disk / 1_000_000 },
          { type: 'bwd', amount: 0 },
          { type: 'bwu', amount: 0 },
        ],
      },
    ]);
    expect(bill.gpu).toBeGreaterThan(0);
  });

  it('stay when the instance is gone, and are those of the asked days', async () => {
    const shop = openShop();
    const id = await create(shop);
    await shop.delete(`/api/v0/instances/${id}/`);
    await shop.clock.advance(86_400_000);
    expect((await shop.get(path({ day }))).json['total']).toBe(1);
    const later = { gte: STARTED_AT / 1_000 + 3_600, lte: STARTED_AT / 1_000 + 86_400 };
    expect((await shop.get(path({ day: later }))).json['total']).toBe(0);
    expect((await shop.get(path({ day, type: { in: ['volume'] } }))).json['total']).toBe(0);
  });

  it('come in pages', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 4 })] });
    for (let count = 0; count < 3; count += 1) await create(shop);
    const first = await shop.get(path({ day }, '&limit=2'));
    expect(first.json).toMatchObject({ count: 2, total: 3, next_token: expect.any(String) });
    const rest = await shop.get(path({ day }, `&limit=2&after_token=${first.json['next_token']}`));
    expect(rest.json).toMatchObject({ count: 1, next_token: null });
    const bad = await shop.get(path({ day }, '&after_token=guess'));
    expect(bad).toMatchObject({ status: 400, json: { error: 'invalid_token' } });
  });

  it('need a first and a last day', async () => {
    expect(await openShop().get(path({ day: { gte: 1 } }))).toMatchObject({
      status: 400,
      json: {
        success: false,
        msg: "Must provide both 'day' gte and lte filters for instance charges",
      },
    });
  });
});
