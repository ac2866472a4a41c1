import { expect, test } from 'vitest';
import {
  at,
  BOOTED_MS,
  createdId,
  deployedId,
  dockHost,
  dockWorld,
  GPU,
  LOCATION,
  v2,
} from './dock-world.ts';

const MINUTE_MS = 60_000;
const RATE = 0.4 + 8 * 0.003 + 32 * 0.002 + 100 * 0.00005;
const GONE = 'cccccccc-0000-4000-8000-000000000001';

test('a list row mixes snake and camel case', async () => {
  const world = dockWorld();
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  const { status, body } = await v2(world, 'GET /instances');
  expect(status).toBe(200);
  expect(body).toEqual({
    data: [
      {
        id,
        name: 'gpub-demo-0123456789abcdef-1',
        status: 'running',
        ipAddress: '198.51.100.7',
        gpu_model: 'NVIDIA GeForce RTX 4090 PCIe 24GB',
        gpu_count: 1,
        vcpus: 8,
        ram_gb: 32,
        storage_gb: 100,
        price_per_hour: 0.493,
        created_at: '2026-02-03T12:00:00.000Z',
        location_id: LOCATION,
      },
    ],
  });
});

test('the list has either envelope, or both in turn', async () => {
  const empty = async (v2ListAs: 'array' | 'object' | 'alternating') => {
    const world = dockWorld({ quirks: { v2ListAs } });
    const first = await v2(world, 'GET /instances');
    return [first.body, (await v2(world, 'GET /instances')).body];
  };
  const array = { data: [] };
  const object = { data: { instances: [] } };
  expect(await empty('array')).toEqual([array, array]);
  expect(await empty('object')).toEqual([object, object]);
  expect(await empty('alternating')).toEqual([array, object]);
});

test('an instance has no address until it is up, and then what it costs', async () => {
  const world = dockWorld();
  const id = await createdId(world);
  const fresh = await v2(world, `GET /instances/${id}`);
  expect(fresh.body).toEqual({
    type: 'virtualmachine',
    id,
    name: 'gpub-demo-0123456789abcdef-1',
    status: 'creating',
    portForwards: [],
    rateHourly: 0.493,
  });
  world.advance(BOOTED_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(body).toMatchObject({ status: 'running', ipAddress: '198.51.100.7' });
  expect(at(body, 'rateHourly')).toBeCloseTo(RATE, 9);
  expect(at(body, 'portForwards')).toEqual([
    { protocol: 'tcp', internal_port: 22, external_port: world.market.instance(id)?.sshPort },
  ]);
});

test('an instance may come wrapped with attributes', async () => {
  const world = dockWorld({ quirks: { v2SingleAs: 'wrapped' } });
  const id = await createdId(world);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(body).toMatchObject({
    data: {
      type: 'virtualmachine',
      id,
      attributes: {
        status: 'creating',
        resources: { vcpu_count: 8, gpus: [{ gpuV0Name: GPU, count: 1 }] },
        location_id: LOCATION,
        image: 'ubuntu2204',
      },
    },
  });
});

test('a machine that v0 made is listed, with its v2 image', async () => {
  const world = dockWorld({ quirks: { v2SingleAs: 'wrapped' } });
  const id = await deployedId(world);
  expect(at((await v2(world, 'GET /instances')).body, 'data', 0, 'id')).toBe(id);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(at(body, 'data', 'attributes', 'image')).toBe('ubuntu2204');
});

test('a delete is accepted, shows as deleting, and ends in 404 after a while', async () => {
  const world = dockWorld();
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  expect(await v2(world, `DELETE /instances/${id}`)).toEqual({
    status: 200,
    body: { success: true },
  });
  expect((await v2(world, `GET /instances/${id}`)).body).toMatchObject({ status: 'deleting' });
  expect((await v2(world, `DELETE /instances/${id}`)).status).toBe(200);
  world.advance(MINUTE_MS);
  expect((await v2(world, `GET /instances/${id}`)).status).toBe(404);
  expect((await v2(world, `DELETE /instances/${id}`)).status).toBe(404);
  expect((await v2(world, 'GET /instances')).body).toEqual({ data: [] });
});

test('a delete in the documented envelope', async () => {
  const world = dockWorld({ quirks: { v2SingleAs: 'wrapped' } });
  const id = await createdId(world);
  const { body } = await v2(world, `DELETE /instances/${id}`);
  expect(body).toEqual({ data: { type: 'success', message: 'Instance deleted' } });
});

test('a lagging list shows for a while what is gone', async () => {
  const world = dockWorld({ disappearMs: 60 * MINUTE_MS });
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  world.market.vanish(id);
  expect((await v2(world, `GET /instances/${id}`)).status).toBe(404);
  expect((await v2(world, 'GET /instances')).body).toMatchObject({
    data: [{ id, status: 'running' }],
  });
});

test('a stop and a start go through their words and keep the GPUs and the rate', async () => {
  const world = dockWorld();
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  const stopping = await v2(world, `POST /instances/${id}/stop`);
  expect(stopping.body).toEqual({
    data: { type: 'virtualmachine', id, attributes: { status: 'stopping' } },
  });
  expect((await v2(world, `GET /instances/${id}`)).body).toMatchObject({ status: 'stopping' });
  world.advance(MINUTE_MS);
  expect((await v2(world, `GET /instances/${id}`)).body).toMatchObject({
    status: 'stopped',
    rateHourly: 0.493,
  });
  expect((await v2(world, `POST /instances/${id}/stop`)).status).toBe(400);
  const starting = await v2(world, `POST /instances/${id}/start`);
  expect(at(starting.body, 'data', 'attributes', 'status')).toBe('starting');
  expect((await v2(world, `GET /instances/${id}`)).body).toMatchObject({ status: 'starting' });
  world.advance(MINUTE_MS);
  expect((await v2(world, `GET /instances/${id}`)).body).toMatchObject({ status: 'running' });
});

test('a machine that breaks shows an error', async () => {
  const world = dockWorld({ hosts: [dockHost({ nature: 'breaks' })] });
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  expect((await v2(world, `GET /instances/${id}`)).body).toMatchObject({ status: 'error' });
});

test('a change of size is checked: stopped, well-formed, and with room for it', async () => {
  const world = dockWorld();
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  const modify = (body: unknown) => v2(world, `PUT /instances/${id}/modify`, body);
  expect((await modify({ cpuCores: 16 })).status).toBe(400);
  await v2(world, `POST /instances/${id}/stop`);
  world.advance(MINUTE_MS);
  expect((await modify({ cpuCores: 'many' })).status).toBe(400);
  expect((await modify({ diskGb: 50 })).status).toBe(400);
  expect((await modify({ gpus: { gpuV0Name: 'l4-pcie-24gb', count: 1 } })).status).toBe(400);
  expect((await modify({ cpuCores: 97 })).status).toBe(400);
  expect((await modify({ cpuCores: 96, gpus: { gpuV0Name: GPU, count: 4 } })).status).toBe(200);
});

test.each(['GET', 'DELETE'])(
  '%s of an unknown instance is 404 with JSON:API errors',
  async (method) => {
    expect(await v2(dockWorld(), `${method} /instances/${GONE}`)).toEqual({
      status: 404,
      body: { errors: [{ status: '404', title: 'Not Found', detail: 'Instance not found' }] },
    });
  },
);

test('a stop may give the GPUs back: the disk alone is billed, and somebody else may take them', async () => {
  const world = dockWorld({
    hosts: [dockHost({ gpuCount: 1 })],
    quirks: { v2StopAs: 'released', v2ErrorsAs: 'jsonapi' },
  });
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  await v2(world, `POST /instances/${id}/stop`);
  world.advance(MINUTE_MS);
  expect((await v2(world, `GET /instances/${id}`)).body).toMatchObject({
    status: 'stopped',
    rateHourly: 0.005,
  });
  await createdId(world);
  expect(await v2(world, `POST /instances/${id}/start`)).toMatchObject({
    status: 400,
    body: { errors: [{ detail: 'No available nodes found' }] },
  });
});
