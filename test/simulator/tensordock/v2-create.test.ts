import { expect, test } from 'vitest';
import type { FacadeQuirks } from '../../../src/simulator/model.ts';
import {
  at,
  BOOTED_MS,
  type CreateWishes,
  createBody,
  createdId,
  type DockWishes,
  dockHost,
  dockWorld,
  GPU,
  HOSTNODE,
  KEY,
  keySteps,
  textAt,
  v2,
} from './dock-world.ts';

/** The error text of a create, said inside a 200. */
async function refusalOf(wishes: DockWishes, create: CreateWishes = {}): Promise<string> {
  const { status, body } = await v2(dockWorld(wishes), 'POST /instances', createBody(create));
  expect(status).toBe(200);
  return textAt(body, 'error');
}

test('a create answers with an id, the name and no address', async () => {
  const world = dockWorld();
  const { status, body } = await v2(world, 'POST /instances', createBody());
  expect([200, 201]).toContain(status);
  expect(body).toEqual({
    data: {
      type: 'virtualmachine',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'gpub-demo-0123456789abcdef-1',
      status: expect.stringMatching(/^(?:running|creating)$/),
    },
  });
  expect(world.market.instance(textAt(body, 'data', 'id'))).toMatchObject({
    label: 'gpub-demo-0123456789abcdef-1',
    madeBy: 'tensordock-v2',
    gpuCount: 1,
    vcpus: 8,
    ramGb: 32,
    diskGb: 100,
  });
});

test('GPUs may be a list, as in the OpenAPI document', async () => {
  const world = dockWorld();
  const id = await createdId(world, { resources: { gpus: [{ gpuV0Name: GPU, count: 2 }] } });
  expect(world.market.instance(id)?.gpuCount).toBe(2);
});

test('a hostnode may be named in place of a location, and one of them has to be', async () => {
  const world = dockWorld();
  const onHostnode = { ...AT_HOSTNODE, port_forwards: [forwardOf(22, 20_010)] };
  const id = await createdId(world, { attributes: onHostnode });
  expect(world.market.instance(id)?.host.id).toBe(HOSTNODE);
  expect(await refusalOf({}, { attributes: { location_id: undefined } })).toContain('location_id');
});

test.each<[string, CreateWishes, string]>([
  ['a disk below 100 GB', { resources: { storage_gb: 99 } }, 'greater than or equal to 100'],
  ['no GPU', { resources: { gpus: {} } }, 'At least one GPU'],
  ['vCPUs as text', { resources: { vcpu_count: '8' } }, 'Expected number, received string'],
  ['an unknown image', { attributes: { image: 'ubuntu1804' } }, 'Invalid image'],
  ['no name', { attributes: { name: '' } }, 'at least 1 character'],
  ['no key', { attributes: { ssh_key: undefined } }, 'Required'],
  ['cloud_init as text', { attributes: { cloud_init: 'runcmd: []' } }, 'Expected object'],
  [
    'neither way to reach 22',
    { attributes: { port_forwards: [] } },
    'SSH port (22) must be forwarded for Ubuntu VMs',
  ],
  ['an unknown location', { attributes: { location_id: HOSTNODE } }, 'Location not found'],
  [
    'a model that is not there',
    { resources: { gpus: { 'l4-pcie-24gb': { count: 1 } } } },
    'No available nodes found',
  ],
  [
    'more GPUs than are free',
    { resources: { gpus: { [GPU]: { count: 5 } } } },
    'No available nodes found',
  ],
  ['more RAM than is free', { resources: { ram_gb: 513 } }, 'No available nodes found'],
])('refuses %s', async (_, create, text) => {
  expect(await refusalOf({}, create)).toContain(text);
});

test.each<[string, DockWishes, CreateWishes, string]>([
  ['a stale hostnode', { hosts: [dockHost({ nature: 'stale' })] }, {}, 'No available nodes found'],
  [
    'a stale hostnode in Ottawa',
    { hosts: [dockHost({ nature: 'stale', city: 'Ottawa' })] },
    {},
    'unexpected error during deployment',
  ],
  [
    'a hostnode out of addresses',
    { hosts: [dockHost({ dedicatedIps: false })] },
    { attributes: { useDedicatedIp: true } },
    'No available public IPs on hostnode',
  ],
  ['an account without money', { credit: 0 }, {}, 'Insufficient balance'],
])('says how %s refuses', async (_, wishes, create, text) => {
  expect(await refusalOf(wishes, create)).toContain(text);
});

test.each<[FacadeQuirks['v2ErrorsAs'], number, unknown]>([
  ['in200', 200, { status: 400, error: 'No available nodes found' }],
  ['array400', 400, [{ code: 'custom', message: 'No available nodes found', path: [] }]],
  [
    'jsonapi',
    400,
    { errors: [{ status: '400', title: 'Bad Request', detail: 'No available nodes found' }] },
  ],
])('a refusal in the form %s', async (v2ErrorsAs, status, body) => {
  const world = dockWorld({ hosts: [dockHost({ nature: 'stale' })], quirks: { v2ErrorsAs } });
  expect(await v2(world, 'POST /instances', createBody())).toEqual({ status, body });
});

test('several complaints come at once, each with its path', async () => {
  const world = dockWorld({ quirks: { v2ErrorsAs: 'array400' } });
  const create = createBody({ resources: { vcpu_count: 0, storage_gb: 10 } });
  const { body } = await v2(world, 'POST /instances', create);
  expect(body).toMatchObject([
    { code: 'too_small', path: ['data', 'attributes', 'resources', 'vcpu_count'] },
    { code: 'too_small', path: ['data', 'attributes', 'resources', 'storage_gb'] },
  ]);
});

test('a body that is no JSON is refused, not crashed on', async () => {
  const world = dockWorld({ quirks: { v2ErrorsAs: 'jsonapi' } });
  const reply = await world.v2({
    method: 'POST',
    path: '/api/v2/instances',
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${world.market.credentials.tensordockToken}` },
    body: '{"data":',
  });
  expect(reply?.status).toBe(400);
});

test('a sporadic 401 rents nothing', async () => {
  const world = dockWorld({ quirks: { v2SporadicUnauthorized: 1 } });
  expect((await v2(world, 'POST /instances', createBody())).status).toBe(401);
  expect(world.market.instances()).toEqual([]);
});

test('only keys written by runcmd get in', async () => {
  const keysOf = async (attributes: Readonly<Record<string, unknown>>) => {
    const world = dockWorld();
    return world.market.keys(await createdId(world, { attributes }));
  };
  expect(await keysOf({ cloud_init: { runcmd: keySteps('/home/user', 'user') } })).toEqual([KEY]);
  expect(await keysOf({ cloud_init: { ssh_authorized_keys: [KEY] } })).toEqual([]);
  expect(await keysOf({ cloud_init: undefined })).toEqual([]);
});

test('a machine lets its key in where it says that SSH is, some time after it runs', async () => {
  const world = dockWorld();
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  const host = textAt(body, 'ipAddress');
  const port = Number(at(body, 'portForwards', 0, 'external_port'));
  expect(port).not.toBe(22);
  expect(world.market.knock({ host, port, user: 'user', publicKey: KEY }).kind).toBe('open');
});

test('a location that ignores forwards accepts them, shows none, and hangs on 22', async () => {
  const world = dockWorld({ hosts: [dockHost({ portForwards: false })] });
  const id = await createdId(world);
  world.advance(BOOTED_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(body).toMatchObject({ status: 'running', portForwards: [] });
  const attempt = { host: textAt(body, 'ipAddress'), port: 22, user: 'user', publicKey: KEY };
  expect(world.market.knock(attempt).kind).toBe('hangs');
});

test('a dedicated address needs no forwards and answers on 22', async () => {
  const world = dockWorld({ hosts: [dockHost({ portForwards: false })] });
  const id = await createdId(world, { attributes: { useDedicatedIp: true, port_forwards: [] } });
  world.advance(BOOTED_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(at(body, 'portForwards')).toEqual([]);
  const attempt = { host: textAt(body, 'ipAddress'), port: 22, user: 'root', publicKey: KEY };
  expect(world.market.knock(attempt).kind).toBe('open');
});

test('further ports are forwarded from other external ports than those asked for', async () => {
  const world = dockWorld();
  const wanted = [22, 8_888].map((port) => ({
    protocol: 'tcp',
    internal_port: port,
    external_port: port,
  }));
  const id = await createdId(world, { attributes: { port_forwards: wanted } });
  world.advance(BOOTED_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(at(body, 'portForwards')).toMatchObject([{ internal_port: 22 }, { internal_port: 8_888 }]);
  expect(at(body, 'portForwards', 1, 'external_port')).not.toBe(8_888);
});

const AT_HOSTNODE = { location_id: undefined, hostnode_id: HOSTNODE };

function forwardOf(port: number, external: number) {
  return { protocol: 'tcp', internal_port: port, external_port: external };
}

test('at a hostnode the external ports are those that are asked for', async () => {
  const world = dockWorld();
  const port_forwards = [forwardOf(22, 20_010), forwardOf(8_888, 20_011)];
  const id = await createdId(world, { attributes: { ...AT_HOSTNODE, port_forwards } });
  world.advance(BOOTED_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(at(body, 'portForwards', 1)).toEqual(forwardOf(8_888, 20_011));
});

test('or others, where this world plays it so', async () => {
  const world = dockWorld({ quirks: { v2HostnodePortsAs: 'scattered' } });
  const port_forwards = [forwardOf(22, 22), forwardOf(8_888, 8_888)];
  const id = await createdId(world, { attributes: { ...AT_HOSTNODE, port_forwards } });
  world.advance(BOOTED_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(at(body, 'portForwards', 1, 'external_port')).not.toBe(8_888);
});

test.each<[string, DockWishes, CreateWishes, string]>([
  ['a port that is not free there', {}, {}, 'Port 22 is not available on hostnode'],
  [
    'more vCPUs than it gives a GPU',
    {},
    { attributes: { port_forwards: [forwardOf(22, 20_010)] }, resources: { vcpu_count: 25 } },
    'Insufficient capacity on hostnode',
  ],
  ['what it has no room for', {}, { resources: { ram_gb: 513 } }, 'No available nodes found'],
  ['everything', { quirks: { v2HostnodesAs: 'absent' } }, {}, 'Hostnode not found'],
])('a hostnode refuses %s', async (_, wishes, create, text) => {
  const attributes = { ...create.attributes, ...AT_HOSTNODE };
  expect(await refusalOf(wishes, { ...create, attributes })).toContain(text);
});
