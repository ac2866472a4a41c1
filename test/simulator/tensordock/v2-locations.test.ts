import { expect, test } from 'vitest';
import { at, createdId, dockHost, dockWorld, GPU, HOSTNODE, LOCATION, v2 } from './dock-world.ts';
import { V2_HOSTNODE, V2_HOSTNODES, V2_LOCATIONS } from './documented-answers.ts';
import { shapeOf } from './shape.ts';

const SECOND = 'bbbbbbbb-0000-4000-8000-000000000002';
const ELSEWHERE = 'aaaaaaaa-0000-4000-8000-000000000002';

test('locations have the documented fields', async () => {
  const { status, body } = await v2(dockWorld(), 'GET /locations');
  expect(status).toBe(200);
  expect(shapeOf(body)).toEqual(shapeOf(V2_LOCATIONS));
});

test('hostnodes of one location and model are one entry with the greatest sizes of any', async () => {
  const hosts = [dockHost({ gpuCount: 2 }), dockHost({ id: SECOND, gpuCount: 8, ramGb: 128 })];
  const { body } = await v2(dockWorld({ hosts }), 'GET /locations');
  expect(at(body, 'data', 'locations')).toHaveLength(1);
  expect(at(body, 'data', 'locations', 0, 'gpus')).toMatchObject([
    { v0Name: GPU, max_count: 8, price_per_hr: 0.4, resources: { max_ram_gb: 512 } },
  ]);
});

test('a location takes what is rented out of what it offers, and goes when nothing is left', async () => {
  const world = dockWorld({ hosts: [dockHost({ gpuCount: 2 })] });
  await createdId(world);
  const { body } = await v2(world, 'GET /locations');
  expect(at(body, 'data', 'locations', 0, 'gpus', 0)).toMatchObject({
    max_count: 1,
    resources: { max_vcpus: 88, max_ram_gb: 480, max_storage_gb: 7_900 },
  });
  await createdId(world);
  expect((await v2(world, 'GET /locations')).body).toEqual({ data: { locations: [] } });
});

test('a stale hostnode is listed', async () => {
  const { body } = await v2(
    dockWorld({ hosts: [dockHost({ nature: 'stale' })] }),
    'GET /locations',
  );
  expect(at(body, 'data', 'locations', 0, 'gpus', 0, 'max_count')).toBe(4);
});

test('the pair in the query opens locations and does not open instances', async () => {
  const world = dockWorld();
  const { tensordockAuthId, tensordockToken } = world.market.credentials;
  const ask = (path: string, token: string) =>
    world.v2({
      method: 'GET',
      path,
      query: new URLSearchParams({ api_key: tensordockAuthId, api_token: token }),
      headers: {},
      body: '',
    });
  expect((await ask('/api/v2/locations', tensordockToken))?.status).toBe(200);
  expect((await ask('/api/v2/locations', 'wrong'))?.status).toBe(401);
  expect((await ask('/api/v2/instances', tensordockToken))?.status).toBe(401);
});

test('hostnodes have the documented fields in the list and alone', async () => {
  const world = dockWorld();
  const list = await v2(world, 'GET /hostnodes');
  const single = await v2(world, `GET /hostnodes/${HOSTNODE}`);
  expect(shapeOf(list.body)).toEqual(shapeOf(V2_HOSTNODES));
  expect(shapeOf(single.body)).toEqual(shapeOf(V2_HOSTNODE));
  expect((await v2(world, `GET /hostnodes/${SECOND}`)).status).toBe(404);
});

test.each([
  [`location=${LOCATION}`, 1],
  ['minRamGb=513', 1],
  ['minRamGb=512', 2],
  ['minVcpu=97', 0],
  [`gpu=${GPU}`, 2],
  ['gpu=h100-sxm5-80gb', 0],
])('hostnodes filtered by %s are %d', async (query, count) => {
  const hosts = [dockHost(), dockHost({ id: SECOND, locationId: ELSEWHERE, ramGb: 1_024 })];
  const { body } = await v2(dockWorld({ hosts }), `GET /hostnodes?${query}`);
  expect(at(body, 'data', 'hostnodes')).toHaveLength(count);
});

test('the 101st request of a minute is refused, and the next minute starts anew', async () => {
  const world = dockWorld({ rateLimits: true });
  for (let asked = 0; asked < 100; asked += 1) {
    expect((await v2(world, 'GET /locations')).status).toBe(200);
  }
  const refused = await v2(world, 'GET /instances');
  expect(refused.status).toBe(429);
  expect(at(refused.body, 'errors', 0, 'status')).toBe('429');
  world.advance(60_001);
  expect((await v2(world, 'GET /instances')).status).toBe(200);
});

test('other paths are left to others, and its own unknown ones are answered', async () => {
  const world = dockWorld();
  const request = { method: 'GET', query: new URLSearchParams(), headers: {}, body: '' };
  expect(await world.v2({ ...request, path: '/api/v0/client/list' })).toBeUndefined();
  expect(await world.v0({ ...request, path: '/api/v0/instances/' })).toBeUndefined();
  expect((await v2(world, 'GET /instances/a/b/c')).status).toBe(404);
  expect((await v2(world, 'PATCH /instances')).status).toBe(405);
});

test.each([
  ['stale', 2, 4],
  ['fresh', 1, 0],
] as const)(
  'hostnodes that are %s list %d and show %d free GPUs of a stale one',
  async (as, listed, free) => {
    const hosts = [dockHost(), dockHost({ id: SECOND, nature: 'stale' })];
    const world = dockWorld({ hosts, quirks: { v2HostnodesAs: as } });
    expect(at((await v2(world, 'GET /hostnodes')).body, 'data', 'hostnodes')).toHaveLength(listed);
    const { body } = await v2(world, `GET /hostnodes/${SECOND}`);
    expect(at(body, 'data', 'available_resources', 'gpus', 0, 'availableCount')).toBe(free);
  },
);

test('hostnodes may not be there at all', async () => {
  const world = dockWorld({ quirks: { v2HostnodesAs: 'absent' } });
  expect((await v2(world, 'GET /hostnodes')).status).toBe(404);
  expect((await v2(world, `GET /hostnodes/${HOSTNODE}`)).status).toBe(404);
});

test('locations may be open to anybody, and instances never are', async () => {
  const world = dockWorld({ quirks: { v2DiscoveryAs: 'open' } });
  const ask = (path: string) =>
    world.v2({
      method: 'GET',
      path,
      query: new URLSearchParams(),
      headers: { authorization: 'Bearer wrong' },
      body: '',
    });
  expect((await ask('/api/v2/locations'))?.status).toBe(200);
  expect((await ask('/api/v2/hostnodes'))?.status).toBe(200);
  expect((await ask('/api/v2/instances'))?.status).toBe(401);
});
