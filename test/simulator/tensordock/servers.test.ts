import { expect, test } from 'vitest';
import type { SimInstance } from '../../../src/simulator/model.ts';
import {
  at,
  createdId,
  type DockWorld,
  deployedId,
  dockHost,
  dockWorld,
  keySteps,
  v0,
  v2,
} from './dock-world.ts';

const HOUR_MS = 3_600_000;

const SERVER = [
  ...keySteps('/home/user', 'user'),
  'apt-get install -y -o DPkg::Lock::Timeout=300 nvidia-driver-550 docker.io',
  'apt-get install -y nvidia-container-toolkit',
  'docker run -d --restart unless-stopped --gpus all -p 8000:8000 some/server',
];
const FORWARDS = [22, 8000].map((port) => ({
  protocol: 'tcp',
  internal_port: port,
  external_port: port,
}));

function machineOf(world: DockWorld, id: string): SimInstance {
  const machine = world.market.instance(id);
  if (!machine) throw new Error('no such machine');
  return machine;
}

/** What answers at the first port that is open. */
function visit(world: DockWorld, id: string) {
  const [open] = machineOf(world, id).openPorts;
  if (!open) return 'no port is open';
  return world.market.visit({ host: open.host, port: open.externalPort, path: '/' }).kind;
}

test('a server on an address of its own answers there, under its own port, some minutes after the boot', async () => {
  const world = dockWorld();
  const attributes = { useDedicatedIp: true, port_forwards: [], cloud_init: { runcmd: SERVER } };
  const id = await createdId(world, { attributes });
  world.advance(60_000);
  expect(visit(world, id)).toBe('refused');
  world.advance(HOUR_MS);
  expect(visit(world, id)).toBe('answers');
  expect(machineOf(world, id).openPorts).toEqual([
    { internalPort: 8000, host: machineOf(world, id).sshHost, externalPort: 8000 },
  ]);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(at(body, 'portForwards')).toEqual([]);
});

test('a server on a shared address answers at the port that is shown, which is another than the one asked for', async () => {
  const world = dockWorld();
  const attributes = { port_forwards: FORWARDS, cloud_init: { runcmd: SERVER } };
  const id = await createdId(world, { attributes });
  world.advance(HOUR_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  const [open] = machineOf(world, id).openPorts;
  expect(at(body, 'portForwards', 1)).toEqual({
    protocol: 'tcp',
    internal_port: 8000,
    external_port: open?.externalPort,
  });
  expect(open?.externalPort).not.toBe(8000);
  expect(visit(world, id)).toBe('answers');
});

test('where forwards are ignored none are shown, and nobody reaches the server', async () => {
  const world = dockWorld({ hosts: [dockHost({ portForwards: false })] });
  const attributes = { port_forwards: FORWARDS, cloud_init: { runcmd: SERVER } };
  const id = await createdId(world, { attributes });
  world.advance(HOUR_MS);
  const { body } = await v2(world, `GET /instances/${id}`);
  expect(at(body, 'portForwards')).toEqual([]);
  expect(visit(world, id)).toBe('no port is open');
});

test('the old API opens the ports that were asked for', async () => {
  const world = dockWorld();
  const script = ['runcmd:', ...SERVER.map((line) => `  - ${line}`)].join('\\n');
  const id = await deployedId(world, {
    external_ports: '{20010, 20011}',
    internal_ports: '{22, 8000}',
    cloudinit_script: script,
  });
  world.advance(HOUR_MS);
  const { body } = await v0(world, 'POST /client/get/single', { server: id });
  expect(at(body, 'virtualmachine', 'port_forwards')).toMatchObject({ '20011': '8000' });
  expect(visit(world, id)).toBe('answers');
});

test('an image with everything runs a container that puts nothing in; a bare one does not', async () => {
  const run = SERVER.at(-1) ?? '';
  const attributes = { useDedicatedIp: true, cloud_init: { runcmd: [run] } };
  const complete = dockWorld({ quirks: { dockImageAs: 'complete' } });
  const served = await createdId(complete, { attributes });
  complete.advance(HOUR_MS);
  expect(visit(complete, served)).toBe('answers');
  const bare = dockWorld();
  const unserved = await createdId(bare, { attributes });
  expect(machineOf(bare, unserved).container).toBeNull();
});
