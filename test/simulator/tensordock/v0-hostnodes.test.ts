import { expect, test } from 'vitest';
import { at, deployedId, dockHost, dockWorld, HOSTNODE, v0, v0Open } from './dock-world.ts';
import { HOSTNODE as DOCUMENTED_HOSTNODE, HOSTNODES } from './documented-answers.ts';
import { shapeOf } from './shape.ts';

const OTHER = 'bbbbbbbb-0000-4000-8000-000000000002';

test('anybody may list hostnodes, in the documented form', async () => {
  const { body } = await v0Open(dockWorld(), 'GET /client/deploy/hostnodes');
  expect(shapeOf(body)).toEqual(shapeOf(HOSTNODES));
});

test('one hostnode stands under its own uuid', async () => {
  const { body } = await v0Open(dockWorld(), `GET /client/deploy/hostnodes/${HOSTNODE}`);
  expect(shapeOf(body)).toEqual(shapeOf(DOCUMENTED_HOSTNODE));
  expect(at(body, HOSTNODE, 'specs')).toMatchObject({
    cpu: { amount: 96, price: 0.003 },
    gpu: { 'geforcertx4090-pcie-24gb': { amount: 4, price: 0.4 } },
    storage: { amount: 8_000, price: 0.00005 },
  });
});

test('an unknown hostnode is a no inside a 200, or a 404', async () => {
  const ask = (v0MissingAs: 'in200' | '404') =>
    v0Open(dockWorld({ quirks: { v0MissingAs } }), `GET /client/deploy/hostnodes/${OTHER}`);
  const body = { success: false, error: 'Hostnode not found' };
  expect(await ask('in200')).toEqual({ status: 200, body });
  expect(await ask('404')).toEqual({ status: 404, body });
});

test.each([
  ['minRAM', '512', 1],
  ['minRAM', '513', 0],
  ['maxRAM', '511', 0],
  ['minVCPUs', '97', 0],
  ['minStorage', '8001', 0],
  ['minVRAM', '24', 1],
  ['minVRAM', '25', 0],
  ['minGPUCount', '5', 0],
  ['maxGPUCount', '4', 1],
  ['maxGPUCount', '3', 0],
  ['requiresRTX', 'true', 1],
  ['requiresGTX', 'true', 0],
  ['requiresGTX', 'false', 1],
])('the filter %s=%s leaves %d', async (name, value, count) => {
  const { body } = await v0Open(dockWorld(), 'GET /client/deploy/hostnodes', { [name]: value });
  expect(Object.keys(at(body, 'hostnodes') ?? {})).toHaveLength(count);
});

test('ports in use are not offered, and a host that forwards none offers none', async () => {
  const world = dockWorld({ hosts: [dockHost(), dockHost({ id: OTHER, portForwards: false })] });
  const portsOf = async (id: string) =>
    at((await v0Open(world, `GET /client/deploy/hostnodes/${id}`)).body, id, 'networking', 'ports');
  expect(await portsOf(HOSTNODE)).toContain(20_011);
  await deployedId(world);
  expect(await portsOf(HOSTNODE)).not.toContain(20_011);
  expect(await portsOf(OTHER)).toEqual([]);
});

test('credentials open the account, in form or query, and nothing else does', async () => {
  const world = dockWorld();
  expect((await v0(world, 'POST /auth/test')).body).toEqual({ success: true });
  const refused = await v0(world, 'POST /auth/test', { api_token: 'wrong' });
  expect(refused).toEqual({
    status: 200,
    body: { success: false, error: 'Invalid authorization' },
  });
  expect((await v0Open(world, 'POST /client/list')).body).toMatchObject({ success: false });
  const { tensordockAuthId, tensordockToken } = world.market.credentials;
  const inQuery = await world.v0({
    method: 'POST',
    path: '/api/v0/client/list',
    query: new URLSearchParams({ api_key: tensordockAuthId, api_token: tensordockToken }),
    headers: {},
    body: '',
  });
  expect(inQuery?.body).toBe('{"virtualmachines":{},"success":true}');
  expect((await v0(world, 'POST /auth/list')).body).toMatchObject({
    success: true,
    authorizations: { [tensordockAuthId]: { permissions: 'All' } },
  });
});
