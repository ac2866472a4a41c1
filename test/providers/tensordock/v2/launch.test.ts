import nock from 'nock';
import { expect, test } from 'vitest';
import type { ProviderFailure } from '../../../../src/domain/errors.ts';
import type { LaunchOrder } from '../../../../src/ports/provider.ts';
import { createTensordockV2Provider } from '../../../../src/providers/tensordock/v2/provider.ts';
import { offer } from '../../../support/builders.ts';
import {
  AUTH_ID,
  BASE_URL,
  failureOf,
  KEY,
  NODE_ID,
  order,
  PUBLIC_KEY,
  sealNetwork,
  shown,
  TAG,
  TOKEN,
  type World,
  world,
} from '../harness.ts';

sealNetwork();

const SITE = {
  locationId: 'loc-1',
  v0Name: 'geforcertx4090-pcie-24gb',
  count: 2,
  vcpus: 8,
  ramGb: 32,
  dedicatedIp: true,
  portForwarding: true,
};
const ACCEPTED = { data: { type: 'virtualmachine', id: NODE_ID, name: TAG, status: 'creating' } };
const NO_IP = { status: 500, error: 'No available public IPs on hostnode' };

function providerIn(parts: World) {
  return createTensordockV2Provider(parts, {
    apiToken: TOKEN,
    authId: AUTH_ID,
    baseUrl: BASE_URL,
    defaultImage: 'ubuntu2204',
    defaultVcpus: 8,
    defaultRamGb: 32,
  });
}

/** Answers the next create and hands over the attributes that it was asked with. */
function stubCreate(status: number, answer: unknown): { attributes: Record<string, unknown> } {
  const seen: { attributes: Record<string, unknown> } = { attributes: {} };
  nock(BASE_URL, { reqheaders: { authorization: `Bearer ${TOKEN}` } })
    .post('/api/v2/instances', (body) => {
      seen.attributes = body.data.attributes;
      return body.data.type === 'virtualmachine';
    })
    .reply(status, typeof answer === 'string' ? answer : JSON.stringify(answer));
  return seen;
}

function launch(site: Partial<typeof SITE> = {}, parts = world()) {
  return providerIn(parts).launch(
    order(offer({ adapterData: { ...SITE, ...site } }), { diskGb: 150 }),
  );
}

const TEMPLATE_LAUNCH: LaunchOrder['workload'] = { kind: 'ssh', template: { hashId: 'abc' } };

function launchServer(site: Partial<typeof SITE> = {}) {
  const workload = { kind: 'entrypoint', image: 'nginx', ports: [8000, 9000] } as const;
  return providerIn(world()).launch(
    order(offer({ adapterData: { ...SITE, ...site } }), { workload }),
  );
}

function runcmdOf(attributes: Record<string, unknown>): string[] {
  const given = attributes['cloud_init'];
  const commands = typeof given === 'object' && given && 'runcmd' in given ? given.runcmd : [];
  return Array.isArray(commands) ? commands.map(String) : [];
}

test('a launch sends the tag, the size, the key by its only working way, and asks for a dedicated address', async () => {
  const seen = stubCreate(201, ACCEPTED);
  expect(await launch()).toEqual({ id: NODE_ID });
  expect(seen.attributes).toEqual({
    name: TAG,
    type: 'virtualmachine',
    image: 'ubuntu2204',
    location_id: 'loc-1',
    resources: {
      vcpu_count: 8,
      ram_gb: 32,
      storage_gb: 150,
      gpus: { 'geforcertx4090-pcie-24gb': { count: 2 } },
    },
    useDedicatedIp: true,
    ssh_key: KEY,
    cloud_init: { runcmd: expect.arrayContaining([expect.stringContaining(`echo '${KEY}'`)]) },
  });
});

test('a site without dedicated addresses gets SSH forwarded', async () => {
  const seen = stubCreate(200, ACCEPTED);
  await launch({ dedicatedIp: false });
  expect(seen.attributes).toMatchObject({
    port_forwards: [{ protocol: 'tcp', internal_port: 22, external_port: 22 }],
  });
  expect(seen.attributes).not.toHaveProperty('useDedicatedIp');
});

test('a server gets each of its ports forwarded beside SSH', async () => {
  const seen = stubCreate(200, ACCEPTED);
  await launchServer({ dedicatedIp: false });
  expect(seen.attributes['port_forwards']).toEqual([
    { protocol: 'tcp', internal_port: 22, external_port: 22 },
    { protocol: 'tcp', internal_port: 8000, external_port: 8000 },
    { protocol: 'tcp', internal_port: 9000, external_port: 9000 },
  ]);
});

test('a server on an address of its own needs no forwards', async () => {
  const seen = stubCreate(200, ACCEPTED);
  await launchServer();
  expect(seen.attributes).not.toHaveProperty('port_forwards');
});

test('a server is not put behind forwards that the site may not make where the addresses ran out', async () => {
  stubCreate(200, NO_IP);
  const failure = await failureOf(launchServer());
  expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
});

test('a start command is run after the keys have been put in', async () => {
  const seen = stubCreate(200, ACCEPTED);
  await providerIn(world()).launch(
    order(offer({ adapterData: SITE }), { workload: { kind: 'ssh', onStart: 'echo hello' } }),
  );
  const commands = runcmdOf(seen.attributes);
  const key = commands.findIndex((command) => command.includes('/home/user/.ssh/authorized_keys'));
  const script = commands.findIndex((command) => command.includes('on-start.sh'));
  expect(key).toBeGreaterThanOrEqual(0);
  expect(script).toBeGreaterThan(key);
  expect(commands.at(-1)).toBe('systemctl start --no-block gpu-broker-on-start.service');
});

test.each<[string, LaunchOrder['workload']]>([
  ['a template, which this marketplace has not', TEMPLATE_LAUNCH],
  ["a server on SSH's port", { kind: 'entrypoint', image: 'nginx', ports: [22] }],
])('an order of %s is refused before anything is sent', async (_, workload) => {
  const call = providerIn(world()).launch(order(offer({ adapterData: SITE }), { workload }));
  expect(await failureOf(call)).toMatchObject({ kind: 'invalid', outcome: 'not_done' });
});

test('a site whose addresses ran out is asked once more, with a forwarded port', async () => {
  const first = stubCreate(200, NO_IP);
  const second = stubCreate(201, ACCEPTED);
  expect(await launch()).toEqual({ id: NODE_ID });
  expect(first.attributes).toHaveProperty('useDedicatedIp', true);
  expect(second.attributes).toHaveProperty('port_forwards');
});

test('a site whose addresses ran out and that forwards nothing has no capacity', async () => {
  stubCreate(400, NO_IP);
  const failure = await failureOf(launch({ portForwarding: false }));
  expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
});

test('the second network is the last one that is tried', async () => {
  stubCreate(200, NO_IP);
  stubCreate(200, NO_IP);
  const failure = await failureOf(launch());
  expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
});

test('a single 401 on a create is asked again, no sooner than a second later', async () => {
  stubCreate(401, { error: 'Unauthorized' });
  stubCreate(201, ACCEPTED);
  const parts = world();
  expect(await launch({}, parts)).toEqual({ id: NODE_ID });
  expect(parts.clock.monotonicMs()).toBeGreaterThanOrEqual(1_000);
});

test('a second 401 is believed', async () => {
  stubCreate(401, { error: 'Unauthorized' });
  stubCreate(401, { error: 'Unauthorized' });
  expect(await failureOf(launch())).toMatchObject({ kind: 'unauthorized', outcome: 'not_done' });
});

test.each([
  ['an empty id', 200, { data: { type: 'virtualmachine', id: '', name: TAG, status: 'running' } }],
  ['no id', 201, { data: { type: 'virtualmachine', name: TAG } }],
  ['an id that names another path', 201, { data: { id: '../instances' } }],
  ['a page', 200, '<html>welcome</html>'],
  ['a cut body', 201, '{"data":{"type":"virtual'],
  ['nothing', 201, ''],
])('a success with %s may have rented', async (_, status, answer) => {
  stubCreate(status, answer);
  expect(await failureOf(launch())).toMatchObject({ kind: 'malformed', outcome: 'unknown' });
});

test('a launch without an answer is unknown after two minutes, and is not repeated', async () => {
  nock(BASE_URL).post('/api/v2/instances').delay(60_000).reply(201, ACCEPTED);
  const parts = world();
  const pending = failureOf(launch({}, parts));
  await parts.clock.advance(119_000);
  expect(parts.recorder.notes).toEqual([]);
  await parts.clock.advance(1_000);
  expect(await pending).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
  nock.abortPendingRequests();
});

test('a reset connection may have rented', async () => {
  nock(BASE_URL)
    .post('/api/v2/instances')
    .replyWithError(Object.assign(new Error('x'), { code: 'ECONNRESET' }));
  expect(await failureOf(launch())).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
});

test('a refused connection has rented nothing', async () => {
  nock(BASE_URL)
    .post('/api/v2/instances')
    .replyWithError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));
  expect(await failureOf(launch())).toMatchObject({ kind: 'unavailable', outcome: 'not_done' });
});

test.each([
  ['of another version', { vcpus: '8' }, PUBLIC_KEY],
  ['with a key that is none', SITE, "ssh-ed25519 AAAA'; reboot"],
])('an order %s is refused before anything is sent', async (_, data, publicKey) => {
  const call = providerIn(world()).launch(order(offer({ adapterData: data }), { publicKey }));
  expect(await failureOf(call)).toMatchObject({ kind: 'invalid', outcome: 'not_done' });
});

test('what the provider echoes of the request is not shown', async () => {
  const parts = world();
  stubCreate(400, [
    { code: 'custom', message: `bad ssh_key ${KEY} for ${TAG}`, path: ['ssh_key'] },
    { code: 'custom', message: `token ${TOKEN}`, path: [] },
  ]);
  const failure: ProviderFailure = await failureOf(launch({}, parts));
  expect(failure.detail).toBe(
    'launch answered 400: bad ssh_key ssh-ed25519 [cut] for [cut]; token [redacted]',
  );
  for (const secret of [TOKEN, KEY, TAG]) expect(shown(failure, parts)).not.toContain(secret);
});
