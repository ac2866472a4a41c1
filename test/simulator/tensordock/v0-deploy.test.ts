import { expect, test } from 'vitest';
import {
  at,
  BOOTED_MS,
  DEPLOY_FIELDS,
  type DockWorld,
  deployedId,
  dockHost,
  dockWorld,
  KEY,
  keySteps,
  textAt,
  v0,
  v0Open,
} from './dock-world.ts';
import { DEPLOYED, INSTANT_DEPLOYED, INSTANT_VMS } from './documented-answers.ts';
import { shapeOf } from './shape.ts';

async function refusalOf(
  fields: Readonly<Record<string, string>>,
  world: DockWorld = dockWorld(),
): Promise<unknown> {
  const { status, body } = await v0(world, 'POST /client/deploy/single', {
    ...DEPLOY_FIELDS,
    ...fields,
  });
  expect(status).toBe(200);
  expect(at(body, 'success')).toBe(false);
  return at(body, 'error');
}

test('a deployment answers in the documented form', async () => {
  const { body } = await v0(dockWorld(), 'POST /client/deploy/single', DEPLOY_FIELDS);
  expect(shapeOf(body)).toEqual(shapeOf(DEPLOYED));
  expect(at(body, 'cost')).toEqual({
    compute_price: 0.488,
    storage_price: 0.005,
    total_price: 0.493,
  });
});

test('the answer says where SSH is, and the key of the form gets in there', async () => {
  const world = dockWorld();
  const { body } = await v0(world, 'POST /client/deploy/single', DEPLOY_FIELDS);
  const forwards = Object.entries(at(body, 'port_forwards') ?? {});
  const port = Number(forwards.find(([, internal]) => internal === '22')?.[0]);
  expect(at(body, 'port_forwards', '20011')).toBe('80');
  world.advance(BOOTED_MS);
  const attempt = { host: textAt(body, 'ip'), port, user: 'user', publicKey: KEY };
  expect(world.market.knock(attempt).kind).toBe('open');
});

test('keys of the cloud-init text are installed, with \\n for a newline', async () => {
  const world = dockWorld();
  const script = ['runcmd:', ...keySteps('/home/user', 'user').map((step) => `  - ${step}`)];
  const id = await deployedId(world, {
    ssh_key: '',
    password: 'superC0mplexPassword',
    cloudinit_script: script.join('\\n'),
  });
  expect(world.market.keys(id)).toEqual([KEY]);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ['a missing name', { name: '' }, 'Missing required field: name'],
  ['odd vCPUs', { vcpus: '7' }, 'vcpus must be an even number'],
  ['odd RAM', { ram: '31' }, 'ram must be an even number'],
  ['a fraction of a GB', { storage: '100.5' }, 'storage must be a positive integer'],
  ['a tiny disk', { storage: '10' }, 'storage must be at least 20'],
  ['an unknown system', { operating_system: 'ubuntu2204' }, 'Invalid operating_system: ubuntu2204'],
  [
    'ports without spaces',
    { external_ports: '{20010,20011}' },
    'Ports must be a list such as {30118, 30117}',
  ],
  [
    'lists of different lengths',
    { external_ports: '{20010}' },
    'Every external port needs an internal port',
  ],
  ['the same port twice', { external_ports: '{20010, 20010}' }, 'External ports must differ'],
  ['no way to SSH', { internal_ports: '{80, 443}' }, 'Internal port 22 must be forwarded'],
  [
    'a port that is not free',
    { external_ports: '{19999, 20011}' },
    'Port 19999 is not available on hostnode',
  ],
  ['no login', { ssh_key: '' }, 'Either a password or an ssh_key is required'],
  ['a bad key', { ssh_key: 'ssh-rsa' }, 'Invalid ssh_key'],
  ['spot without a price', { price_type: 'spot' }, 'A spot instance needs a price'],
  ['a low bid', { price_type: 'spot', price: '0.19' }, 'Spot price is too low'],
  ['another model', { gpu_model: 'l4-pcie-24gb' }, 'GPU model not available on hostnode'],
  ['too much RAM', { ram: '514' }, 'Not enough resources available on hostnode'],
  ['an unknown hostnode', { hostnode: 'nowhere' }, 'Hostnode not found'],
])('refuses %s', async (_, fields, error) => {
  expect(await refusalOf(fields)).toBe(error);
});

test('a stale hostnode and an empty account are refused inside a 200', async () => {
  const stale = dockWorld({ hosts: [dockHost({ nature: 'stale' })] });
  expect(await refusalOf({}, stale)).toBe('Not enough resources available on hostnode');
  expect(await refusalOf({}, dockWorld({ credit: 0 }))).toBe('Insufficient balance');
});

test('a port of another machine cannot be taken again', async () => {
  const world = dockWorld();
  await deployedId(world);
  expect(await refusalOf({}, world)).toBe('Port 20011 is not available on hostnode');
});

test('instant VMs are listed in the documented form and one of them can be deployed', async () => {
  const world = dockWorld();
  const { body } = await v0Open(world, 'GET /client/deploy/instantvms');
  expect(shapeOf(body)).toEqual(shapeOf(INSTANT_VMS));
  const [uuid = ''] = Object.keys(at(body, 'virtual_machines') ?? {});
  const fields = { instance_uuid: uuid, name: 'instant', ssh_key: KEY };
  const deployed = await v0(world, 'POST /client/deployinstant/single', fields);
  expect(shapeOf(deployed.body)).toEqual(shapeOf(INSTANT_DEPLOYED));
  expect(world.market.instance(textAt(deployed.body, 'vm'))).toMatchObject({
    label: 'instant',
    gpuCount: 1,
    vcpus: 24,
    ramGb: 128,
    diskGb: 2_000,
  });
  const unknown = await v0(world, 'POST /client/deployinstant/single', {
    ...fields,
    instance_uuid: 'x',
  });
  expect(unknown.body).toEqual({ success: false, error: 'Instant VM not found' });
});

test('an Instant VM may go by the other document’s names', async () => {
  const world = dockWorld({ quirks: { v0InstantAs: 'server' } });
  const { body } = await v0Open(world, 'GET /client/deploy/instantvms');
  const [uuid = ''] = Object.keys(at(body, 'virtual_machines') ?? {});
  const fields = { name: 'instant', ssh_key: KEY };
  const deploy = async (name: string) =>
    (await v0(world, 'POST /client/deployinstant/single', { ...fields, [name]: uuid })).body;
  expect(await deploy('instance_uuid')).toMatchObject({ success: false });
  const deployed = await deploy('instant_vm');
  expect(world.market.instance(textAt(deployed, 'server'))?.label).toBe('instant');
});
