import nock from 'nock';
import { expect, test } from 'vitest';
import { endpointOf } from '../../../../src/domain/instance.ts';
import { createTensordockV2Provider } from '../../../../src/providers/tensordock/v2/provider.ts';
import {
  BASE_URL,
  failureOf,
  NODE_ID,
  sealNetwork,
  TAG,
  TOKEN,
  type World,
  world,
} from '../harness.ts';
import { bareInstance, jsonApiInstance, listedInstance } from './examples.ts';

sealNetwork();

const ONE = `/api/v2/instances/${NODE_ID}`;

function providerIn(parts: World = world()) {
  return createTensordockV2Provider(parts, {
    apiToken: TOKEN,
    baseUrl: BASE_URL,
    defaultImage: 'ubuntu2204',
    defaultVcpus: 8,
    defaultRamGb: 32,
  });
}

function api() {
  return nock(BASE_URL, { reqheaders: { authorization: `Bearer ${TOKEN}` } });
}

function body(answer: unknown): string {
  return typeof answer === 'string' ? answer : JSON.stringify(answer);
}

const LISTED = {
  id: NODE_ID,
  tag: TAG,
  phase: 'running',
  createdAt: Date.UTC(2026, 1, 3, 17, 0, 6),
  totalPerHour: 499_600,
};

test.each([
  ['under data', { data: [listedInstance()] }],
  ['under data.instances', { data: { instances: [listedInstance()] } }],
])('the list is read %s, without addresses, which it cannot tell', async (_, answer) => {
  api().get('/api/v2/instances').reply(200, body(answer));
  expect(await providerIn().list()).toEqual([LISTED]);
});

test('a list of JSON:API items is the same list', async () => {
  api()
    .get('/api/v2/instances')
    .reply(200, body({ data: { instances: [jsonApiInstance({ status: 'stopped' })] } }));
  expect(await providerIn().list()).toEqual([
    {
      id: NODE_ID,
      tag: TAG,
      phase: 'stopped',
      reason: 'provider shows stopped',
      totalPerHour: 272_999,
    },
  ]);
});

test.each([[{ data: [] }], [{ data: { instances: [] } }]])(
  'an empty list is a list: %j',
  async (answer) => {
    api().get('/api/v2/instances').reply(200, body(answer));
    expect(await providerIn().list()).toEqual([]);
  },
);

test('machines of others are listed with their own names, deleted ones not at all', async () => {
  const rows = [
    listedInstance({ id: 'a', name: 'my notebook' }),
    listedInstance({ id: 'b', name: null }),
    listedInstance({ id: 'c', status: 'deleted' }),
  ];
  api()
    .get('/api/v2/instances')
    .reply(200, body({ data: rows }));
  const seen = await providerIn().list();
  expect(seen.map(({ id, tag }) => [id, tag])).toEqual([
    ['a', 'my notebook'],
    ['b', undefined],
  ]);
});

test.each([
  ['a row without an id', { data: [listedInstance(), listedInstance({ id: undefined })] }],
  ['a row without a name', { data: [listedInstance({ name: undefined })] }],
  ['a row without a status', { data: { instances: [listedInstance({ status: undefined })] } }],
  ['a row that is no object', { data: [null] }],
  ['no envelope', []],
  ['another envelope', { instances: [listedInstance()] }],
  ['no data', { data: null }],
  ['an empty object', {}],
  ['a web page', '<html>maintenance</html>'],
  ['nothing', ''],
  ['a cut body', '{"data":[{"id":"65e7'],
  ['a first page of two', { data: [listedInstance()], meta: { total: 2 } }],
  ['a link to more', { data: [listedInstance()], links: { next: '/api/v2/instances?page=2' } }],
])('a list with %s is a failure, never a short list', async (_, answer) => {
  api().get('/api/v2/instances').reply(200, body(answer));
  expect(await failureOf(providerIn().list())).toMatchObject({
    kind: 'malformed',
    outcome: 'not_done',
  });
});

test.each([
  ['an error in a 200', 200, { status: 500, error: 'boom' }, 'unavailable'],
  ['a 503', 503, '<html>', 'unavailable'],
  ['a 401', 401, { errors: [{ status: '401', title: 'Unauthorized' }] }, 'unauthorized'],
  ['a 404 for the route', 404, '<html>', 'malformed'],
])('a list answered with %s is a failure', async (_, status, answer, kind) => {
  api().get('/api/v2/instances').reply(status, body(answer));
  expect(await failureOf(providerIn().list())).toMatchObject({ kind, outcome: 'not_done' });
});

const FORWARDED_SSH = { protocol: 'tcp', internal_port: 22, external_port: 20_456 };

const OBSERVED = {
  id: NODE_ID,
  tag: TAG,
  phase: 'running',
  address: { host: '139.28.40.249', port: 20_456, user: 'user' },
  openPorts: [],
  totalPerHour: 272_999,
};

test.each([
  ['bare', bareInstance()],
  ['wrapped', { data: bareInstance() }],
  ['wrapped with attributes', { data: jsonApiInstance() }],
])('one machine is read %s, with its address and its own price', async (_, answer) => {
  api().get(ONE).reply(200, body(answer));
  expect(await providerIn().get(NODE_ID)).toEqual(OBSERVED);
});

test.each([
  [
    'forwards, as a list',
    { portForwards: [FORWARDED_SSH, { internal_port: 8000, external_port: 20_500 }] },
    { host: '139.28.40.249', port: 20_500 },
  ],
  [
    'forwards, as an object',
    { portForwards: { '48007': '22', '48008': '8000' } },
    { host: '139.28.40.249', port: 48_008 },
  ],
  [
    'forwards of another port only',
    { portForwards: [FORWARDED_SSH, { internal_port: 80, external_port: 20_500 }] },
    undefined,
  ],
  [
    'a forward of another protocol only',
    {
      portForwards: [
        FORWARDED_SSH,
        { protocol: 'udp', internal_port: 8000, external_port: 20_500 },
      ],
    },
    undefined,
  ],
  ['an address of its own', { portForwards: [] }, { host: '139.28.40.249', port: 8000 }],
  ['no address yet', { ipAddress: '', portForwards: [] }, undefined],
  ['a boot to finish', { status: 'starting', portForwards: [] }, undefined],
])('port 8000 of a machine with %s', async (_, overrides, endpoint) => {
  api()
    .get(ONE)
    .reply(200, body(bareInstance(overrides)));
  const seen = await providerIn().get(NODE_ID);
  expect(seen && endpointOf(seen, 8000)).toEqual(endpoint);
});

test.each([
  ['a forwarded port as an object', { portForwards: { '48007': '22' } }, 48_007],
  ['no forwards: a dedicated address', { portForwards: [] }, 22],
  ['forwards left out', { portForwards: undefined }, 22],
  ['no address yet', { ipAddress: '', portForwards: [] }, undefined],
  ['a null address', { ipAddress: null }, undefined],
  [
    'forwards that do not lead to SSH',
    { portForwards: [{ internal_port: 80, external_port: 1 }] },
    undefined,
  ],
])('the login of a machine with %s', async (_, overrides, port) => {
  api()
    .get(ONE)
    .reply(200, body(bareInstance(overrides)));
  const seen = await providerIn().get(NODE_ID);
  expect(seen?.address?.port).toBe(port);
});

test.each([
  ['a 404', 404, { errors: [{ status: '404', title: 'Not Found' }] }],
  ['a 404 without a body', 404, ''],
  ['a 404 inside a 200', 200, { status: 404, error: 'Not found' }],
  ['a JSON:API 404 inside a 200', 200, { errors: [{ status: '404', detail: 'no' }] }],
  ['words inside a 200', 200, { error: 'Instance not found' }],
  ['a record of its end', 200, bareInstance({ status: 'deleted' })],
])('a machine is gone by %s', async (_, status, answer) => {
  api().get(ONE).reply(status, body(answer));
  expect(await providerIn().get(NODE_ID)).toBeUndefined();
});

test.each([
  ['a web page with 404', 404, '<!doctype html><h1>Not Found</h1>', 'malformed'],
  ['a web page with 200', 200, '<html>', 'malformed'],
  ['an empty 200', 200, '', 'malformed'],
  ['a null machine', 200, { data: null }, 'malformed'],
  ['another machine', 200, bareInstance({ id: 'other' }), 'malformed'],
  ['a list', 200, { data: [listedInstance()] }, 'malformed'],
  ['a 500', 500, { error: 'Instance not readable' }, 'unavailable'],
  ['a 429', 429, { error: 'slow down' }, 'rate_limited'],
  ['a 401', 401, { error: 'Unauthorized' }, 'unauthorized'],
])('a machine is not gone by %s', async (_, status, answer, kind) => {
  api().get(ONE).reply(status, body(answer));
  expect(await failureOf(providerIn().get(NODE_ID))).toMatchObject({ kind, outcome: 'not_done' });
});

test('a 429 says how long to wait, and never too long for what has to end', async () => {
  api().get(ONE).reply(429, '', { 'retry-after': '7' });
  expect(await failureOf(providerIn().get(NODE_ID))).toMatchObject({ retryAfterMs: 7_000 });
  api().get(ONE).reply(429, '', { 'retry-after': '86400' });
  expect(await failureOf(providerIn().get(NODE_ID))).toMatchObject({ retryAfterMs: 60_000 });
});

test.each([
  ['a success', 200, { success: true }],
  ['the documented success', 200, { data: { type: 'success', message: 'deleted' } }],
  ['no content', 204, ''],
  ['already gone', 404, { errors: [{ status: '404' }] }],
  ['already gone, inside a 200', 200, { status: 404, error: 'gone' }],
])('the end is accepted by %s', async (_, status, answer) => {
  api().delete(ONE).reply(status, body(answer));
  await expect(providerIn().terminate(NODE_ID)).resolves.toBeUndefined();
});

test.each([
  [
    'an error inside a 200',
    200,
    { status: 400, error: 'cannot delete while starting' },
    'invalid',
    'not_done',
  ],
  ['a flat no', 200, { success: false }, 'unavailable', 'not_done'],
  ['a web page', 200, '<html>', 'malformed', 'unknown'],
  ['a web page with 404', 404, '<html>', 'malformed', 'unknown'],
  ['a 502', 502, '<html>', 'unavailable', 'unknown'],
  ['a 401', 401, { error: 'Unauthorized' }, 'unauthorized', 'not_done'],
])('the end is not accepted by %s', async (_, status, answer, kind, outcome) => {
  api().delete(ONE).reply(status, body(answer));
  expect(await failureOf(providerIn().terminate(NODE_ID))).toMatchObject({ kind, outcome });
});

test('a delete is given a minute, and then nobody knows', async () => {
  api().delete(ONE).delay(60_000).reply(200, '{}');
  const parts = world();
  const pending = failureOf(providerIn(parts).terminate(NODE_ID));
  await parts.clock.advance(59_000);
  expect(parts.recorder.notes).toEqual([]);
  await parts.clock.advance(1_000);
  expect(await pending).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
  nock.abortPendingRequests();
});

test.each(['', '..', 'a/b', 'a%2fb', 'x'.repeat(129)])(
  'the id %j never becomes a path',
  async (id) => {
    const provider = providerIn();
    expect(await failureOf(provider.get(id))).toMatchObject({ kind: 'invalid' });
    expect(await failureOf(provider.terminate(id))).toMatchObject({
      kind: 'invalid',
      outcome: 'not_done',
    });
  },
);

test('keys are put in by the launch, the balance is not told, and calls keep their distance', async () => {
  const parts = world();
  const provider = providerIn(parts);
  await expect(provider.grantAccess(NODE_ID, 'ssh-ed25519 AAAA')).resolves.toBeUndefined();
  expect(await provider.balance()).toBeUndefined();
  api().get('/api/v2/instances').times(3).reply(200, { data: [] });
  await Promise.all([provider.list(), provider.list(), provider.list()]);
  expect(parts.clock.monotonicMs()).toBeGreaterThanOrEqual(1_200);
});
