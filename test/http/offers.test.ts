import { describe, expect, it } from 'vitest';
import { NOW, offer, problemsOf, world } from './http-world.ts';

describe('GET /offers', () => {
  it('shows the page, its size and how many match in all', async () => {
    const answer = await world().inject('/offers');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      offers: [
        {
          id: 'vastai-12345',
          provider: 'vastai',
          provider_id: '12345',
          gpu_type: 'RTX 4090',
          gpu_count: 1,
          vram_gb: 24,
          price_per_hour: 0.45,
          price: { gpu: 0.4, cpu: 0, ram: 0, disk: 0.05 },
          location: 'California, US',
          country: 'US',
          reliability: 0.98,
          available: true,
          availability_confidence: 0.9,
          expected_cost: 0.481673,
          max_duration_hours: 0,
          fetched_at: '2026-01-29T11:59:30Z',
          interruptible: false,
          preservable: false,
        },
      ],
      count: 1,
      total: 150,
    });
  });

  it('shows what is known of the hardware', async () => {
    const known = offer({
      cudaVersion: '12.9',
      cpuCores: 16,
      ramGb: 64,
      maxDiskGb: 500,
      inetDownMbps: 900,
      inetUpMbps: 800,
      machineId: '4711',
      minBid: 120_000,
      preservable: true,
    });
    const answer = await world({ page: { offers: [known] } }).inject('/offers/vastai-12345');
    expect(answer.json()).toMatchObject({
      cuda_version: 12.9,
      cpu_cores: 16,
      ram_gb: 64,
      disk_gb: 500,
      inet_down_mbps: 900,
      inet_up_mbps: 800,
      machine_id: '4711',
      min_bid: 0.12,
      preservable: true,
    });
  });

  it("keeps an adapter's own data inside", async () => {
    const answer = await world().inject('/offers');
    expect(answer.body).not.toContain('adapter');
  });

  it('hands every filter to the menu', async () => {
    const { inject, menuQueries } = world();
    await inject(
      '/offers?provider=vastai&gpu_type=RTX%204090,A100&location=US&min_vram=24&max_price=1.5&min_gpu_count=2' +
        '&min_reliability=0.9&min_availability_confidence=0.5&min_cuda=12.10&sort=-reliability&limit=5&offset=10',
    );
    expect(menuQueries).toEqual([
      {
        filters: [
          { provider: 'vastai' },
          { gpuTypes: ['RTX 4090', 'A100'] },
          { location: 'US' },
          { minVramGb: 24 },
          { maxPricePerHour: 1_500_000 },
          { minGpuCount: 2 },
          { minReliability: 0.9 },
          { minAvailabilityConfidence: 0.5 },
          { minCuda: '12.10' },
        ],
        sort: 'reliability',
        descending: true,
        limit: 5,
        offset: 10,
      },
    ]);
  });

  it('defaults to the hundred cheapest', async () => {
    const { inject, menuQueries } = world();
    await inject('/offers');
    expect(menuQueries).toEqual([
      { filters: [], sort: 'price_per_hour', descending: false, limit: 100, offset: 0 },
    ]);
  });

  it('takes gpu_count as another name for min_gpu_count', async () => {
    const { inject, menuQueries } = world();
    await inject('/offers?gpu_count=4');
    expect(menuQueries[0]?.filters).toEqual([{ minGpuCount: 4 }]);
  });

  it('tells the age of what it shows, in whole seconds', async () => {
    const { inject } = world();
    expect((await inject('/offers')).headers['age']).toBe('30');
    expect((await inject('/offers/vastai-12345')).headers['age']).toBe('30');
  });

  it('never tells a negative age', async () => {
    const { inject } = world({ page: { offers: [offer({ fetchedAt: NOW + 5000 })] } });
    expect((await inject('/offers/vastai-12345')).headers['age']).toBe('0');
  });

  it('says when it is partial, and for whom', async () => {
    const { inject } = world({ page: { staleProviders: ['tensordock'] } });
    expect((await inject('/offers')).json()).toMatchObject({
      partial: true,
      stale_providers: ['tensordock'],
    });
  });

  it.each([
    ['max_prce=1', 'max_prce: is not known; did you mean max_price?'],
    ['gputype=A100', 'gputype: is not known; did you mean gpu_type?'],
    [
      'colour_of_the_case=red',
      'colour_of_the_case: is not known; known are provider, gpu_type, location, min_vram, max_price, min_gpu_count, gpu_count, min_reliability, min_availability_confidence, template_hash_id, min_cuda, sort, limit, offset',
    ],
    ['provider=elsewhere', 'provider: must be one of vastai, tensordock'],
    ['sort=cheapest', expect.stringContaining('sort: must be one of price_per_hour, ')],
    ['limit=0', 'limit: must be at least 1'],
    ['limit=1001', 'limit: must be at most 1000'],
    ['limit=', 'limit: must be a whole number in plain decimals, such as 5'],
    ['limit=1.5', 'limit: must be a whole number'],
    ['limit=1e2', 'limit: must be a whole number in plain decimals, such as 5'],
    ['limit=0x10', 'limit: must be a whole number in plain decimals, such as 5'],
    ['limit=5&limit=6', 'limit: must be given once, as a single value'],
    ['gpu_type=A100&gpu_type=H100', 'gpu_type: must be given once, as a single value'],
    ['offset=-1', 'offset: must be at least 0'],
    ['max_price=0', 'max_price: must be greater than 0'],
    ['max_price=cheap', 'max_price: must be a number in plain decimals, such as 0.5'],
    ['max_price=.5', 'max_price: must be a number in plain decimals, such as 0.5'],
    ['min_vram=1e3', 'min_vram: must be a number in plain decimals, such as 0.5'],
    ['offset=99999999999999999999', 'offset: must have at most 15 digits'],
    ['min_reliability=1.1', 'min_reliability: must be at most 1'],
    ['min_availability_confidence=-0.1', 'min_availability_confidence: must be at least 0'],
    ['min_vram=-1', 'min_vram: must be at least 0'],
    ['gpu_count=0', 'gpu_count: must be at least 1'],
    [
      'gpu_count=1&min_gpu_count=2',
      'gpu_count: is another name for min_gpu_count and must not differ from it',
    ],
    ['min_cuda=twelve', 'min_cuda: must be a version such as 12.9'],
    ['min_cuda=12.9.1', 'min_cuda: must be a version such as 12.9'],
    ['gpu_type=', 'gpu_type: must not be empty'],
    ['gpu_type=A100,,H100', 'gpu_type: must name a GPU type on each side of a comma'],
    [`gpu_type=${'a,'.repeat(20)}a`, 'gpu_type: must name at most 20 types'],
    ['location=', 'location: must not be empty'],
    ['location=---', 'location: must have a letter or digit'],
    ['template_hash_id=', 'template_hash_id: must not be empty'],
  ])('refuses %s', async (query, problem) => {
    const { inject, menuQueries } = world();
    const answer = await inject(`/offers?${query}`);
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([problem]);
    expect(menuQueries).toEqual([]);
  });

  it('tells every problem at once', async () => {
    const answer = await world().inject('/offers?limit=0&max_price=-1&max_prce=1');
    expect(problemsOf(answer)).toHaveLength(3);
  });
});

describe('GET /offers/:id', () => {
  it('gives the offer bare', async () => {
    expect((await world().inject('/offers/vastai-12345')).json()).toMatchObject({
      id: 'vastai-12345',
      price_per_hour: 0.45,
    });
  });

  it('is 404 when the menu does not have it', async () => {
    const answer = await world().inject('/offers/vastai-1');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toEqual({
      error: expect.stringMatching(/^no offer \S+; list the current ones with GET \/offers$/),
      error_type: 'not_found',
      request_id: 'made-request-id',
    });
  });

  it('takes no query', async () => {
    expect((await world().inject('/offers/vastai-12345?limit=1')).statusCode).toBe(400);
  });
});

describe('other names of the paths', () => {
  it.each(['/api/v1/offers', '/api/v1/inventory', '/api/v1/inventory?limit=100'])(
    '%s gives the offers',
    async (url) => {
      const { inject, served } = world();
      expect((await inject(url)).json()).toMatchObject({ total: 150 });
      expect(served[0]?.route).toBe('/offers');
    },
  );

  it.each([
    ['/api/v1/inventory/vastai-12345', 200],
    ['/api/v1/sessions', 200],
    ['/api/v1/costs/summary', 200],
    ['/api/v1/health', 200],
    ['/api/v1/ready', 200],
    ['/api/v1/metrics', 200],
    ['/api/v1', 200],
    ['/inventory', 404],
    ['/api/v1/inventoryx', 404],
    ['/api/v10/offers', 404],
    ['/api/v1/api/v1/offers', 404],
  ])('%s is answered %i', async (url, status) => {
    expect((await world().inject(url)).statusCode).toBe(status);
  });
});
