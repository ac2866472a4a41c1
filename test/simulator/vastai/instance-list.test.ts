import { describe, expect, it } from 'vitest';
import { aHost, askOf, create, openShop, rowsOf, type Shop, show } from './shop.ts';

const LIST = '/api/v1/instances/';

async function rent(
  count: number,
): Promise<{ readonly shop: Shop; readonly ids: readonly number[] }> {
  const hosts = Array.from({ length: count }, (_, index) => aHost({ machineId: 4_000 + index }));
  const shop = openShop({ hosts });
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) {
    ids.push(Number(await create(shop, { label: `box-${index}` }, askOf(1, 4_000 + index))));
  }
  return { shop, ids };
}

function query(parameters: Readonly<Record<string, unknown>>): string {
  const texts = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    texts.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return `${LIST}?${texts}`;
}

describe('the list', () => {
  it('comes in pages of 25 with a cursor to the next', async () => {
    const { shop, ids } = await rent(60);
    const seen: unknown[] = [];
    const sizes: unknown[] = [];
    for (let path = LIST; path !== ''; ) {
      const page = await shop.get(path);
      expect(page.json).toMatchObject({ success: true, total_instances: 60 });
      sizes.push(page.json['instances_found']);
      seen.push(...rowsOf(page, 'instances').map((row) => row['id']));
      const token = page.json['next_token'];
      path = typeof token === 'string' ? query({ after_token: token }) : '';
    }
    expect(sizes).toEqual([25, 25, 10]);
    expect(seen).toEqual(ids);
  });

  it('shows nobody twice and misses nobody when an earlier row goes between two pages', async () => {
    const { shop, ids } = await rent(27);
    const first = await shop.get(LIST);
    await shop.delete(`/api/v0/instances/${ids[0]}/`);
    const second = await shop.get(query({ after_token: first.json['next_token'] }));
    expect(rowsOf(second, 'instances').map((row) => row['id'])).toEqual(ids.slice(25));
    expect(second.json['next_token']).toBeNull();
  });

  it.each([
    ['10', 10],
    ['100', 25],
    ['0', 5],
    ['-3', 5],
  ])('reads a limit of %s as %d', async (limit, rows) => {
    const { shop } = await rent(26);
    expect((await shop.get(query({ limit }))).json['instances_found']).toBe(rows);
  });

  it('counts labels, and the missing one under the empty text', async () => {
    const hosts = [1, 2, 3].map((machineId) => aHost({ machineId }));
    const shop = openShop({ hosts });
    await create(shop, { label: 'a' }, askOf(1, 1));
    await create(shop, { label: 'a' }, askOf(1, 2));
    await create(shop, { label: undefined }, askOf(1, 3));
    const answer = await shop.get(query({ limit: '1' }));
    expect(answer.json['label_counts']).toEqual({ a: 2, '': 1 });
    const unlabelled = await shop.get(query({ select_filters: { label: { in: [null] } } }));
    expect(unlabelled.json['total_instances']).toBe(1);
  });

  it('finds by stored columns', async () => {
    const { shop, ids } = await rent(3);
    const found = async (filters: unknown): Promise<unknown[]> =>
      rowsOf(await shop.get(query({ select_filters: filters })), 'instances').map(
        (row) => row['id'],
      );
    expect(await found({ label: { eq: 'box-1' } })).toEqual([ids[1]]);
    expect(await found({ label: { in: ['box-0', 'box-2'] } })).toEqual([ids[0], ids[2]]);
    expect(await found({ id: { gt: ids[1] } })).toEqual([ids[2]]);
    expect(await found({ machine_id: { eq: 4_002 } })).toEqual([ids[2]]);
  });

  it.each([
    [
      'a computed column',
      { dph_total: { lt: 1 } },
      'Error in query parameters: dph_total is not a valid search key',
    ],
    ['a bare value', { id: 5 }, 'invalid_request 0 is not a valid search op'],
    [
      'a prefix of a label',
      { label: { gte: 'gpub-' } },
      'invalid_request gte is not a valid search op',
    ],
  ])('refuses to filter by %s', async (_, filters, msg) => {
    const { shop } = await rent(1);
    expect(await shop.get(query({ select_filters: filters }))).toMatchObject({
      status: 400,
      json: { success: false, error: 'invalid_request', msg },
    });
  });

  it('orders by stored columns, the other way round too', async () => {
    const { shop, ids } = await rent(30);
    const order = { order_by: [{ col: 'machine_id', dir: 'desc' }] };
    const first = await shop.get(query(order));
    const rest = await shop.get(query({ ...order, after_token: first.json['next_token'] }));
    const seen = [...rowsOf(first, 'instances'), ...rowsOf(rest, 'instances')].map(
      (row) => row['id'],
    );
    expect(seen).toEqual([...ids].reverse());
    expect((await shop.get(query({ order_by: [{ col: 'num_gpus' }] }))).status).toBe(400);
  });

  it('selects columns, unknown ones as null', async () => {
    const { shop, ids } = await rent(1);
    const answer = await shop.get(query({ select_cols: ['id', 'colour'] }));
    expect(rowsOf(answer, 'instances')).toEqual([{ id: ids[0], colour: null }]);
  });

  it('refuses a cursor that it never gave', async () => {
    const answer = await openShop().get(query({ after_token: 'guess' }));
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_token' } });
  });

  it('has null for rows when there is nothing', async () => {
    expect((await openShop().get(LIST)).json).toEqual({
      success: true,
      instances_found: 0,
      total_instances: 0,
      label_counts: {},
      next_token: null,
      instances: null,
    });
  });

  it('lags behind what was made and what was destroyed, which a direct look does not', async () => {
    const shop = openShop({ listLag: { appearMs: 60_000, disappearMs: 60_000 } });
    const id = await create(shop);
    expect((await shop.get(LIST)).json['total_instances']).toBe(0);
    expect(await show(shop, id)).toMatchObject({ id: Number(id) });
    await shop.clock.advance(60_000);
    await shop.delete(`/api/v0/instances/${id}/`);
    expect(rowsOf(await shop.get(LIST), 'instances')).toMatchObject([
      { id: Number(id), intended_status: 'stopped' },
    ]);
    expect((await shop.get(`/api/v0/instances/${id}/`)).json).toEqual({ instances: null });
    await shop.clock.advance(60_000);
    expect((await shop.get(LIST)).json['total_instances']).toBe(0);
  });

  it('is gone in its old version', async () => {
    expect(await openShop().get('/api/v0/instances/')).toMatchObject({
      status: 410,
      json: { success: false, error: 'deprecated_endpoint' },
    });
  });
});

describe('a single instance', () => {
  it('is one object under a plural name', async () => {
    const shop = openShop();
    const id = await create(shop);
    const answer = await shop.get(`/api/v0/instances/${id}/?owner=me`);
    expect(answer.json).toMatchObject({ instances: { id: Number(id), machine_id: 17_000 } });
  });

  it('is null when there is none, or a 404, as the world has it', async () => {
    const path = '/api/v0/instances/5/';
    expect(await openShop().get(path)).toMatchObject({ status: 200, json: { instances: null } });
    const other = openShop({ quirks: { missingInstanceAs: '404' } });
    expect(await other.get(path)).toMatchObject({
      status: 404,
      json: { error: 'no_such_instance', msg: 'Instance 5 not found.' },
    });
  });

  it('has a number for an id', async () => {
    expect((await openShop().get('/api/v0/instances/mine/')).status).toBe(400);
  });
});
