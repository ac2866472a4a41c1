import nock from 'nock';
import { expect, test } from 'vitest';
import { endpointOf } from '../../../../src/domain/instance.ts';
import { offer } from '../../../support/builders.ts';
import {
  AUTH_ID,
  BASE_URL,
  failureOf,
  KEY,
  NODE_ID,
  order,
  sealNetwork,
  shown,
  TAG,
  TOKEN,
  world,
} from '../harness.ts';
import { offersFrom, providerIn, SITE, stubGet, stubPost } from './desk.ts';
import {
  DELETED,
  DEPLOYED,
  HOSTNODES,
  hostnodes,
  MACHINES,
  machine,
  SINGLE,
  WINNIPEG,
} from './examples.ts';

sealNetwork();

const HIGH_PORTS = Array.from({ length: 13 }, (_, index) => 20_001 + index).join(',');

test('the documented hostnode is an offer, priced all in, on a machine with a name', async () => {
  expect(await offersFrom({ hostnodes: HOSTNODES })).toEqual([
    {
      id: `tensordock-${WINNIPEG}-geforcertx3080-pcie-10gb`,
      provider: 'tensordock',
      api: 'tensordock-v0',
      providerId: WINNIPEG,
      gpuType: 'RTX 3080',
      gpuVendor: 'nvidia',
      // Everything is billed from the creation on; some two and a half minutes pass until the first login.
      startUp: {
        billedParts: ['gpu', 'cpu', 'ram', 'disk'],
        bootMs: 150_000,
        readyTimeoutMs: 360_000,
        serverReadyTimeoutMs: 2_700_000,
      },
      gpuCount: 1,
      vramGb: 10,
      price: { gpu: 150_000, cpu: 24_000, ram: 64_000, disk: 5_000 },
      diskMicroUsdPerGbHour: 50,
      includedDiskGb: 100,
      minDiskGb: 100,
      maxDiskGb: 580,
      location: 'Winnipeg, Manitoba, Canada',
      country: 'CA',
      reliability: 0.9999,
      available: true,
      availabilityConfidence: 0.3,
      maxDurationHours: 0,
      fetchedAt: expect.any(Number),
      cpuCores: 8,
      ramGb: 32,
      inetDownMbps: 1000,
      inetUpMbps: 1000,
      machineId: WINNIPEG,
      hostId: `tensordock-host-${WINNIPEG}`,
      maxOpenPorts: 20,
      preservable: true,
      interruptible: false,
      siteId: 'tensordock-site-50cf200c-be1b-4983-a316-369d2eea10ec',
      siteKey: 'tensordock|50cf200c-be1b-4983-a316-369d2eea10ec|geforcertx3080-pcie-10gb|1',
      adapterData: {
        hostnode: WINNIPEG,
        ports: `${HIGH_PORTS},80,443,3000,3389,8000,8080,8935`,
        v0Name: 'geforcertx3080-pcie-10gb',
        count: 1,
        vcpus: 8,
        ramGb: 32,
      },
    },
  ]);
});

test('only hostnodes that can be launched on are asked for', async () => {
  stubPost('/auth/test', { success: true });
  const seen = stubGet('/client/deploy/hostnodes', HOSTNODES);
  stubGet('/client/deploy/instantvms', { virtual_machines: {} });
  await providerIn().offers();
  expect(seen.query).toEqual({ minGPUCount: '1', minStorage: '100' });
});

test('a bare map of hostnodes, as the other document has it, is read too', async () => {
  const offers = await offersFrom({ hostnodes: HOSTNODES.hostnodes });
  expect(offers.map((seen) => seen.providerId)).toEqual([WINNIPEG]);
});

test('a host with several GPUs is offered in counts, with an even machine that fits', async () => {
  const offers = await offersFrom({
    hostnodes: hostnodes({
      specs: {
        cpu: { amount: 7, price: 0.003 },
        gpu: { 'v100-sxm2-16gb': { amount: 5, price: 0.2 }, broken: { amount: 'many' } },
        ram: { amount: 29.5, price: 0.002 },
        storage: { amount: 580, price: 0 },
      },
    }),
  });
  expect(offers.map((seen) => [seen.id, seen.cpuCores, seen.ramGb, seen.price.gpu])).toEqual([
    [`tensordock-${WINNIPEG}-v100-sxm2-16gb`, 6, 28, 200_000],
    [`tensordock-${WINNIPEG}-v100-sxm2-16gb-x2`, 6, 28, 400_000],
    [`tensordock-${WINNIPEG}-v100-sxm2-16gb-x4`, 6, 28, 800_000],
  ]);
});

test.each([
  ['offline', { status: { listed: true, online: false, uptime: 0.9 } }],
  ['unlisted', { status: { listed: false, online: true, uptime: 0.9 } }],
  ['without a free port for a login', { networking: { ports: [], receive: 1000, send: 1000 } }],
])('a hostnode that is %s offers nothing', async (_, overrides) => {
  expect(await offersFrom({ hostnodes: hostnodes(overrides) })).toEqual([]);
});

test('hostnodes of which not one can be read are no empty market', async () => {
  const answer = offersFrom({ hostnodes: hostnodes({ specs: null }) });
  expect(await failureOf(answer)).toMatchObject({ kind: 'malformed', outcome: 'not_done' });
});

test('as many free ports are kept as a launch may ask for, and they are what can be opened', async () => {
  const ports = Array.from({ length: 200 }, (_, index) => 20_001 + index);
  const [only] = await offersFrom({ hostnodes: hostnodes({ networking: { ports } }) });
  expect(only?.maxOpenPorts).toBe(24);
  expect(String(only?.adapterData['ports']).split(',')).toHaveLength(24);
});

test('low ports are used where no high one is free', async () => {
  const [only] = await offersFrom({ hostnodes: hostnodes({ networking: { ports: [443, 8080] } }) });
  expect(only?.adapterData['ports']).toBe('443,8080');
});

test.each([
  ['no hostnodes', { success: true }, 'malformed'],
  ['a refusal', { success: false, error: 'Invalid API key' }, 'unauthorized'],
])('%s is a failure, not an empty menu', async (_, answer, kind) => {
  expect(await failureOf(offersFrom({ hostnodes: answer }))).toMatchObject({
    kind,
    outcome: 'not_done',
  });
});

test('a deploy names its host, asks for one free port, and puts the key in by cloud-init, without a password', async () => {
  const seen = stubPost('/client/deploy/single', DEPLOYED);
  const call = providerIn().launch(order(offer({ adapterData: SITE }), { diskGb: 120 }));
  expect(await call).toEqual({ id: DEPLOYED.server });
  const { external_ports: external, cloudinit_script: script, ...fields } = seen.fields;
  expect(fields).toEqual({
    name: TAG,
    hostnode: WINNIPEG,
    gpu_model: 'geforcertx3080-pcie-10gb',
    gpu_count: '1',
    vcpus: '8',
    ram: '32',
    storage: '120',
    operating_system: 'Ubuntu 22.04 LTS',
    internal_ports: '{22}',
    ssh_key: KEY,
  });
  expect(external).toMatch(/^\{2000[123]\}$/);
  expect(script).not.toContain('\n');
  expect(script?.split('\\n')).toEqual([
    'runcmd:',
    '  - mkdir -p /root/.ssh',
    '  - chmod 700 /root/.ssh',
    `  - grep -qsxF '${KEY}' /root/.ssh/authorized_keys || echo '${KEY}' >> /root/.ssh/authorized_keys`,
    '  - chmod 600 /root/.ssh/authorized_keys',
    '  - mkdir -p /home/user/.ssh',
    '  - chmod 700 /home/user/.ssh',
    `  - grep -qsxF '${KEY}' /home/user/.ssh/authorized_keys || echo '${KEY}' >> /home/user/.ssh/authorized_keys`,
    '  - chmod 600 /home/user/.ssh/authorized_keys',
    '  - chown -R user:user /home/user/.ssh',
    '',
  ]);
});

const SERVER = { kind: 'entrypoint', image: 'nginx', ports: [8000, 9000] } as const;

test('a deploy of a server asks for a free port for each of its ports too', async () => {
  const seen = stubPost('/client/deploy/single', DEPLOYED);
  await providerIn().launch(order(offer({ adapterData: SITE }), { workload: SERVER }));
  expect(seen.fields['internal_ports']).toBe('{22, 8000, 9000}');
  const external = seen.fields['external_ports'] ?? '';
  expect(external).toMatch(/^\{\d+, \d+, \d+\}$/);
  expect((external.match(/\d+/g) ?? []).sort()).toEqual(['20001', '20002', '20003']);
});

test('low ports are asked for only where high ones do not suffice', async () => {
  const ports = '20001,20002,80,443';
  const two = stubPost('/client/deploy/single', DEPLOYED);
  const workload = { ...SERVER, ports: [8000] } as const;
  await providerIn().launch(order(offer({ adapterData: { ...SITE, ports } }), { workload }));
  expect(two.fields['external_ports']).toMatch(/^\{2000[12], 2000[12]\}$/);
  const three = stubPost('/client/deploy/single', DEPLOYED);
  await providerIn().launch(
    order(offer({ adapterData: { ...SITE, ports } }), { workload: SERVER }),
  );
  expect(three.fields['external_ports']).toMatch(/80|443/);
});

test('a host with too few free ports for a server is passed over before anything is sent', async () => {
  const ports = '20001,20002';
  const call = providerIn().launch(
    order(offer({ adapterData: { ...SITE, ports } }), { workload: SERVER }),
  );
  expect(await failureOf(call)).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
});

test('what a deploy boots with stays one list of plain text, whatever a renter runs', async () => {
  const seen = stubPost('/client/deploy/single', DEPLOYED);
  const onStart = 'printf \'a: b # c\\n\'\n- reboot\n"x": [1, 2]';
  await providerIn().launch(
    order(offer({ adapterData: SITE }), { workload: { kind: 'ssh', onStart } }),
  );
  const script = seen.fields['cloudinit_script'] ?? '';
  expect(script).not.toContain('\n');
  for (const line of script.split('\\n').slice(1, -1)) {
    expect(line).toMatch(/^ {2}- [a-z]/);
    expect(line.slice(4)).not.toMatch(/: | #|\\|[^ -~]/);
  }
});

test('launches of different tags spread over the free ports', async () => {
  const asked = new Set<string | undefined>();
  for (let attempt = 1; attempt <= 9; attempt += 1) {
    const seen = stubPost('/client/deploy/single', DEPLOYED);
    const tag = `gpub-test01-0000000000000001-${attempt}`;
    await providerIn().launch(order(offer({ adapterData: SITE }), { tag }));
    asked.add(seen.fields['external_ports']);
  }
  expect([...asked].sort()).toEqual(['{20001}', '{20002}', '{20003}']);
});

test.each([
  [
    'a refusal for capacity',
    200,
    { success: false, error: 'Not enough resources' },
    'no_capacity',
    'not_done',
  ],
  ['a success without a server', 200, { success: true }, 'malformed', 'unknown'],
  ['an empty server', 200, { success: true, server: '' }, 'malformed', 'unknown'],
  ['a server but no word of success', 200, { server: NODE_ID }, 'malformed', 'unknown'],
  ['a web page', 200, '<html>', 'malformed', 'unknown'],
  ['a 500', 500, '', 'unavailable', 'unknown'],
])('a deploy answered with %s', async (_, status, answer, kind, outcome) => {
  stubPost('/client/deploy/single', answer, status);
  const call = providerIn().launch(order(offer({ adapterData: SITE })));
  expect(await failureOf(call)).toMatchObject({ kind, outcome });
});

test('an offer of another version is refused before anything is sent', async () => {
  const call = providerIn().launch(order(offer({ adapterData: { ...SITE, ports: '22;80' } })));
  expect(await failureOf(call)).toMatchObject({ kind: 'invalid', outcome: 'not_done' });
});

const KRAKOW = {
  id: '10873ec1-b418-4c14-871e-37b658bd0d42',
  tag: '4090 Server',
  phase: 'running',
  address: { host: '139.28.40.249', port: 50_604, user: 'user' },
  openPorts: [
    { internal: 3_389, host: '139.28.40.249', port: 50_605 },
    { internal: 8_888, host: '139.28.40.249', port: 50_606 },
  ],
  createdAt: Date.UTC(2024, 5, 6, 19, 45, 29),
  totalPerHour: 384_000,
  interruptible: false,
};

test('the documented list is read with addresses, ages and whole prices', async () => {
  stubPost('/client/list', MACHINES);
  expect(await providerIn().list()).toEqual([
    KRAKOW,
    {
      id: 'b50a812f-8835-4baf-be98-a52b141353bf',
      tag: 'My Gaming Server',
      phase: 'stopped',
      reason: 'provider shows StoppedDisassociated',
      address: { host: '104.202.252.50', port: 47_900, user: 'user' },
      createdAt: Date.UTC(2024, 5, 6, 19, 46, 24),
      interruptible: false,
    },
  ]);
});

test('a list as an array, as the other document has it, is the same list', async () => {
  stubPost('/client/list', {
    success: true,
    virtualmachines: [machine({ id: KRAKOW.id }), machine({ id: 'b', status: 'Deleted' })],
  });
  expect(await providerIn().list()).toEqual([KRAKOW]);
});

test.each([[{}], [[]]])('an account without machines: %j', async (virtualmachines) => {
  stubPost('/client/list', { success: true, virtualmachines });
  expect(await providerIn().list()).toEqual([]);
});

test.each([
  ['a machine without a status', { virtualmachines: { a: machine({ status: undefined }) } }],
  [
    'a machine without a name',
    { virtualmachines: { a: machine(), b: machine({ name: undefined }) } },
  ],
  ['an array item without an id', { virtualmachines: [machine()] }],
  ['null for the machines', { virtualmachines: null }],
  ['no machines at all', {}],
])('a list with %s is a failure, never a short list', async (_, answer) => {
  stubPost('/client/list', { success: true, ...answer });
  expect(await failureOf(providerIn().list())).toMatchObject({
    kind: 'malformed',
    outcome: 'not_done',
  });
});

test('a list that is refused is a failure even with machines beside the refusal', async () => {
  stubPost('/client/list', { ...MACHINES, success: false });
  expect(await failureOf(providerIn().list())).toMatchObject({ kind: 'unavailable' });
});

test('the documented single machine is read; its cost is not taken for the whole price', async () => {
  const seen = stubPost('/client/get/single', SINGLE);
  expect(await providerIn().get(NODE_ID)).toEqual({
    id: NODE_ID,
    tag: 'test',
    phase: 'stopped',
    reason: 'provider shows Outbid',
    stopCause: 'outbid',
    interruptible: true,
    address: { host: '217.79.242.232', port: 60_098, user: 'user' },
    createdAt: Date.UTC(2023, 4, 21, 16, 18, 35),
  });
  expect(seen.fields).toEqual({ server: NODE_ID });
});

test.each([
  ['its parts', { total_price: undefined }, 384_000],
  ['one sum under another name', { total_price: undefined, rate_hourly: 0.4 }, 400_000],
  ['the compute price alone', { total_price: undefined, storage_price: undefined }, undefined],
])('a price told as %s', async (_, overrides, total) => {
  stubPost('/client/get/single', { success: true, virtualmachine: machine(overrides) });
  expect((await providerIn().get(NODE_ID))?.totalPerHour).toBe(total);
});

test.each([
  ['a dedicated address', { dedicated_ip_address: '5.6.7.8', port_forwards: {} }, '5.6.7.8', 22],
  [
    'a host by name',
    { ip_address: undefined, ip: 'mass-a.tensordockmarketplace.com' },
    'mass-a.tensordockmarketplace.com',
    50_604,
  ],
  ['nothing forwarded yet', { port_forwards: {} }, undefined, undefined],
  ['no address yet', { ip_address: null }, undefined, undefined],
])('the login of a machine with %s', async (_, overrides, host, port) => {
  stubPost('/client/get/single', { success: true, virtualmachine: machine(overrides) });
  const seen = await providerIn().get(NODE_ID);
  expect([seen?.address?.host, seen?.address?.port]).toEqual([host, port]);
});

test.each([
  [
    'a shared address',
    { port_forwards: { '50604': '22', '50610': '8000' } },
    { host: '139.28.40.249', port: 50_610 },
  ],
  [
    'an address of its own',
    { dedicated_ip_address: '5.6.7.8', port_forwards: {} },
    { host: '5.6.7.8', port: 8000 },
  ],
  ['nothing forwarded yet', { port_forwards: {} }, undefined],
  ['a boot to finish', { status: 'Deploying', port_forwards: { '50610': '8000' } }, undefined],
])('port 8000 of a machine with %s', async (_, overrides, endpoint) => {
  stubPost('/client/get/single', { success: true, virtualmachine: machine(overrides) });
  const seen = await providerIn().get(NODE_ID);
  expect(seen && endpointOf(seen, 8000)).toEqual(endpoint);
});

test.each([
  ['words inside a 200', 200, { success: false, error: 'Server not found' }],
  ['a 404', 404, { success: false }],
  ['a record of its end', 200, { success: true, virtualmachine: machine({ status: 'Deleted' }) }],
])('a machine is gone by %s', async (_, status, answer) => {
  stubPost('/client/get/single', answer, status);
  expect(await providerIn().get(NODE_ID)).toBeUndefined();
});

test.each([
  ['a refusal without a reason', 200, { success: false }, 'unavailable'],
  ['a success without a machine', 200, { success: true }, 'malformed'],
  [
    'another machine',
    200,
    { success: true, virtualmachine: machine({ id: 'other' }) },
    'malformed',
  ],
  ['a web page with 404', 404, '<html>', 'malformed'],
  ['a 500', 500, '', 'unavailable'],
])('a machine is not gone by %s', async (_, status, answer, kind) => {
  stubPost('/client/get/single', answer, status);
  expect(await failureOf(providerIn().get(NODE_ID))).toMatchObject({ kind, outcome: 'not_done' });
});

test.each([
  ['a success', 200, DELETED],
  ['a server that is gone already', 200, { success: false, error: 'Server does not exist' }],
  ['a 404', 404, ''],
])('the end is accepted by %s', async (_, status, answer) => {
  const seen = stubPost('/client/delete/single', answer, status);
  await expect(providerIn().terminate(NODE_ID)).resolves.toBeUndefined();
  expect(seen.fields).toEqual({ server: NODE_ID });
});

test.each([
  ['a refusal', 200, { success: false, error: 'try later' }, 'unavailable', 'not_done'],
  ['a 502', 502, '<html>', 'unavailable', 'unknown'],
  ['a web page', 200, '<html>', 'malformed', 'unknown'],
])('the end is not accepted by %s', async (_, status, answer, kind, outcome) => {
  stubPost('/client/delete/single', answer, status);
  expect(await failureOf(providerIn().terminate(NODE_ID))).toMatchObject({ kind, outcome });
});

test('a delete without an answer is unknown', async () => {
  nock(BASE_URL).post('/api/v0/client/delete/single').delay(60_000).reply(200, DELETED);
  const parts = world();
  const pending = failureOf(providerIn(parts).terminate(NODE_ID));
  await parts.clock.advance(60_000);
  expect(await pending).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
  nock.abortPendingRequests();
});

test('keys are put in by the launch', async () => {
  await expect(providerIn().grantAccess(NODE_ID, KEY)).resolves.toBeUndefined();
});

test('credentials, key and tag are in nothing that is thrown or recorded', async () => {
  const parts = world();
  stubPost('/client/deploy/single', {
    success: false,
    error: `bad form: ${TOKEN} ${AUTH_ID} ${KEY} ${TAG}`,
  });
  const failure = await failureOf(providerIn(parts).launch(order(offer({ adapterData: SITE }))));
  for (const secret of [TOKEN, AUTH_ID, KEY, TAG])
    expect(shown(failure, parts)).not.toContain(secret);
});

test('a call that no stub expects fails instead of dialling out', async () => {
  const parts = world();
  const failure = await failureOf(providerIn(parts).offers());
  expect(failure).toMatchObject({ kind: 'unavailable', outcome: 'not_done' });
  for (const secret of [TOKEN, AUTH_ID]) expect(shown(failure, parts)).not.toContain(secret);
});
