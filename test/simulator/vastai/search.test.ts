import { describe, expect, it } from 'vitest';
import { aHost, askOf, create, DAY_MS, offersOf, openShop, STARTED_AT, search } from './shop.ts';

const card = aHost().gpu;

describe('the search', () => {
  it('answers alike in its three forms, to callers without a key', async () => {
    const shop = openShop();
    const query = { gpu_name: { eq: 'RTX 4090' }, allocated_storage: 60 };
    const forms = [
      { method: 'POST', path: '/api/v0/bundles/', body: JSON.stringify(query) },
      { method: 'GET', path: `/api/v0/bundles/?q=${encodeURIComponent(JSON.stringify(query))}` },
      {
        method: 'PUT',
        path: '/api/v0/search/asks/',
        body: JSON.stringify({ select_cols: ['*'], q: query }),
      },
    ];
    const answers = await Promise.all(forms.map((form) => shop.send({ ...form, headers: {} })));
    expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map((answer) => answer?.text)).size).toBe(1);
    expect(answers[0] && offersOf(answers[0])).toHaveLength(1);
  });

  it('lists a machine as overlapping offers, up to the GPUs that are free', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 6 })] });
    const sizes = async (): Promise<unknown[]> =>
      (await search(shop, { order: [['num_gpus', 'asc']] })).map((row) => row['num_gpus']);
    expect(await sizes()).toEqual([1, 2, 4, 6]);
    await create(shop, {}, askOf(2));
    expect(await sizes()).toEqual([1, 2, 4]);
    await create(shop, {}, askOf(2));
    expect(await sizes()).toEqual([1, 2]);
  });

  it('keeps the id of a slice, and says it twice', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 2 })] });
    const first = await search(shop);
    const second = await search(shop);
    expect(first).toEqual(second);
    expect(first.map((row) => row['id'])).toEqual(first.map((row) => row['ask_contract_id']));
    expect(first.map((row) => row['id']).sort()).toEqual([askOf(1), askOf(2)]);
  });

  it('never returns more than 64 rows, whatever the limit', async () => {
    const hosts = Array.from({ length: 70 }, (_, index) => aHost({ machineId: 20_000 + index }));
    const shop = openShop({ hosts });
    expect(await search(shop, { limit: 3_000 })).toHaveLength(64);
    expect(await search(shop)).toHaveLength(64);
    expect(await search(shop, { limit: 5 })).toHaveLength(5);
  });

  it('can be walked through by price', async () => {
    const hosts = Array.from({ length: 70 }, (_, index) =>
      aHost({
        machineId: 20_000 + index,
        rates: { ...aHost().rates, gpuHour: (300 + index) / 1_000 },
      }),
    );
    const shop = openShop({ hosts });
    const order = [['dph_total', 'asc']];
    const first = await search(shop, { order });
    const next = await search(shop, { order, dph_total: { gte: first.at(-1)?.['dph_total'] } });
    expect(new Set([...first, ...next].map((row) => row['id'])).size).toBe(70);
    expect(next).toHaveLength(7);
  });

  it('shows only verified machines that can be rented unless asked for others', async () => {
    const hosts = [
      aHost({ machineId: 1_001 }),
      aHost({ machineId: 1_002, verified: false }),
      aHost({ machineId: 1_003 }),
    ];
    const shop = openShop({ hosts });
    await create(shop, {}, askOf(1, 1_003));
    const machines = async (query: Record<string, unknown>): Promise<unknown[]> =>
      (await search(shop, query)).map((row) => row['machine_id']);
    expect(await machines({})).toEqual([1_001]);
    expect(await machines({ verified: { eq: false } })).toEqual([1_002]);
    expect(await machines({ rentable: { eq: false } })).toEqual([]);
    expect(await machines({ rentable: { eq: false }, rented: { eq: true } })).toEqual([1_003]);
  });

  it('prices the disk that is allocated, and hides machines without that much of it', async () => {
    const shop = openShop();
    const [usual] = await search(shop);
    const [larger] = await search(shop, { allocated_storage: 60 });
    expect(usual?.['storage_total_cost']).toBeCloseTo((8 * 0.15) / 720, 12);
    expect(larger).toMatchObject({
      dph_base: 0.36,
      storage_cost: 0.15,
      storage_total_cost: 0.0125,
      dph_total: 0.3725,
      search: { gpuCostPerHour: 0.36, diskHour: 0.0125, totalHour: 0.3725 },
      instance: { gpuCostPerHour: 0, diskHour: 0.0125, totalHour: 0.0125 },
    });
    expect(await search(shop, { allocated_storage: 801 })).toEqual([]);
  });

  it('takes disk that is rented off what a machine can give', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 2 })] });
    const id = await create(shop, { disk: 300 });
    const [left] = await search(shop);
    expect(left).toMatchObject({ num_gpus: 1, disk_space: 500 });
    await shop.delete(`/api/v0/instances/${id}/`);
    const [whole] = await search(shop);
    expect(whole).toMatchObject({ disk_space: 800 });
  });

  it('prices a bid by the least bid, which on-demand offers show too', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 2 })] });
    const two = { num_gpus: { eq: 2 }, allocated_storage: 60 };
    const [onDemand] = await search(shop, { ...two, type: 'ondemand' });
    const [bid] = await search(shop, { ...two, type: 'bid' });
    expect(onDemand).toMatchObject({ dph_base: 0.72, min_bid: 0.31, is_bid: false });
    expect(bid).toMatchObject({ dph_base: 0.31, dph_total: 0.3225, min_bid: 0.31, is_bid: true });
  });

  it('finds nothing by id, and one offer by ask_contract_id', async () => {
    const shop = openShop();
    expect(await search(shop, { id: { eq: askOf(1) } })).toEqual([]);
    expect(await search(shop, { ask_contract_id: { eq: askOf(1) } })).toHaveLength(1);
  });

  it('orders by score from the best unless told otherwise', async () => {
    const dear = { ...aHost().rates, gpuHour: 0.9 };
    const hosts = [aHost({ machineId: 1_001, rates: dear }), aHost({ machineId: 1_002 })];
    const shop = openShop({ hosts });
    const machines = async (query: Record<string, unknown>): Promise<unknown[]> =>
      (await search(shop, query)).map((row) => row['machine_id']);
    expect(await machines({})).toEqual([1_002, 1_001]);
    expect(await machines({ order: [['dphtotal', 'desc']] })).toEqual([1_001, 1_002]);
    expect(
      await machines({
        order: [
          ['gpu_ram', 'asc'],
          ['machine_id', 'asc'],
        ],
      }),
    ).toEqual([1_001, 1_002]);
  });

  it('does not list a machine whose offer has ended', async () => {
    const shop = openShop({ hosts: [aHost({ offeredUntil: STARTED_AT + DAY_MS })] });
    expect(await search(shop, { duration: { gte: 80_000 } })).toHaveLength(1);
    expect(await search(shop, { duration: { gte: 90_000 } })).toEqual([]);
    await shop.clock.advance(DAY_MS + 1);
    expect(await search(shop)).toEqual([]);
  });
});

describe('filters', () => {
  it.each([
    ['eq', { num_gpus: { eq: 2 } }, [2]],
    ['eq with a number as text', { num_gpus: { eq: '2' } }, [2]],
    ['neq', { num_gpus: { neq: 2 } }, [1, 4]],
    ['gt', { num_gpus: { gt: 2 } }, [4]],
    ['gte', { num_gpus: { gte: 2 } }, [2, 4]],
    ['lt', { num_gpus: { lt: 2 } }, [1]],
    ['lte', { num_gpus: { lte: 2 } }, [1, 2]],
    ['in', { num_gpus: { in: [1, 4] } }, [1, 4]],
    ['notin', { num_gpus: { notin: [1, 4] } }, [2]],
    ['two at once', { num_gpus: { gte: 2, lt: 4 } }, [2]],
    ['an unknown column', { compute_capability: { gte: 99_999 } }, [1, 2, 4]],
    ['deprecated keys', { external: { eq: true }, disable_bundling: true }, [1, 2, 4]],
  ])('hold: %s', async (_, query, sizes) => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 4 })] });
    const rows = await search(shop, { ...query, order: [['num_gpus', 'asc']] });
    expect(rows.map((row) => row['num_gpus'])).toEqual(sizes);
  });

  it.each([
    ['reliability2', { reliability2: { gte: 0.99 } }],
    ['gpu_totalram', { gpu_totalram: { eq: 24_564 } }],
    ['dphtotal', { dphtotal: { lte: 0.4 } }],
    ['gpu_ram_GB', { gpu_ram_GB: { gte: 24 } }],
    ['driver_version as a number', { driver_version: { gte: 570_086_015, lt: 570_086_016 } }],
    ['a country', { geolocation: { in: ['US', 'CA'] } }],
    ['datacenter', { datacenter: { eq: false } }],
    ['target_reliability', { target_reliability: { gte: 0.9 } }],
  ])('know the alias %s', async (_, query) => {
    expect(await search(openShop(), query)).toHaveLength(1);
  });

  it.each([
    ['underscores in a name', { gpu_name: { eq: 'RTX_4090' } }],
    ['another case', { gpu_name: { eq: 'rtx 4090' } }],
    ['GiB where the driver reports less', { gpu_ram: { gte: 24 * 1_024 } }],
    ['a place instead of a country', { geolocation: { eq: 'Quebec, CA' } }],
    ['another country', { geolocation: { notin: ['CA'] } }],
  ])('match nothing by %s', async (_, query) => {
    expect(await search(openShop(), query)).toEqual([]);
  });

  it.each([
    ['a bare value', { num_gpus: 1 }, '0'],
    ['a bare list', { gpu_name: ['RTX 4090'] }, '0'],
    ['an unknown operator', { num_gpus: { like: 1 } }, 'like'],
    ['an operator that a country does not take', { geolocation: { gte: 'A' } }, 'gte'],
  ])('are refused with %s', async (_, query, operator) => {
    const answer = await openShop().post('/api/v0/bundles/', query);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({
      success: false,
      error: 'invalid_request',
      msg: `invalid_request ${operator} is not a valid search op`,
    });
  });

  it('are refused when they are no JSON', async () => {
    const answer = await openShop().send({ method: 'POST', path: '/api/v0/bundles/', body: '{' });
    expect(answer).toMatchObject({
      status: 400,
      json: { error: 'invalid_request', msg: 'Invalid json body' },
    });
  });
});

describe('an offer', () => {
  it('shows the whole machine in cores and memory, and its own share beside it', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 4 })] });
    const [half] = await search(shop, { num_gpus: { eq: 2 } });
    expect(half).toMatchObject({
      gpu_name: 'RTX 4090',
      gpu_ram: 24_564,
      gpu_total_ram: 49_128,
      gpu_frac: 0.5,
      cpu_cores: 48,
      cpu_cores_effective: 24,
      cuda_max_good: 12.8,
      compute_cap: 890,
      driver_version: '570.86.15',
      geolocation: 'Quebec, CA',
      verification: 'verified',
      rentable: true,
      rented: false,
      direct_port_count: 124,
      duration: (30 * DAY_MS) / 1_000,
    });
  });

  it('may lack its place and its cores, or have a place without a region', async () => {
    const hosts = Array.from({ length: 40 }, (_, index) =>
      aHost({ machineId: 3_000 + index, country: 'United States', countryCode: 'US' }),
    );
    const rows = await search(openShop({ hosts }), {});
    const places = new Set(rows.map((row) => row['geolocation']));
    expect(places).toEqual(new Set([null, ', US', 'Quebec, US']));
    expect(rows.some((row) => row['cpu_cores'] === null)).toBe(true);
  });
});

describe('the catalogue', () => {
  it('names the GPUs that are present, to anybody', async () => {
    const other = { ...card, vastName: 'H100 SXM', vramMb: 81_559 };
    const shop = openShop({ hosts: [aHost(), aHost({ machineId: 9, gpu: other })] });
    const names = await shop.send({
      method: 'GET',
      path: '/api/v0/gpu_names/unique/',
      headers: {},
    });
    expect(names?.json).toEqual({ gpu_names: ['RTX 4090', 'H100 SXM'] });
    const types = await shop.send({ method: 'GET', path: '/api/v0/gpu_types/', headers: {} });
    expect(types?.json['gpu_types']).toEqual([
      { canonical_name: 'RTX 4090', gpu_ram_mb: 24_564 },
      { canonical_name: 'H100 SXM', gpu_ram_mb: 81_559 },
    ]);
  });
});
