import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  API_KEY,
  failureOf,
  instanceRow,
  NOW,
  PUBLIC_KEY,
  sealNetwork,
  TAG,
  unsealNetwork,
  vastaiWorld,
  wire,
} from './fixtures.ts';

beforeEach(sealNetwork);
afterEach(unsealNetwork);

const HOUR_MS = 3_600_000;
const INSTANCE = '/api/v0/instances/54540011/';
const MISSING = { success: false, error: 'no_such_instance', msg: 'Instance 54540011 not found.' };

async function observe(overrides: Readonly<Record<string, unknown>> = {}) {
  wire()
    .get(INSTANCE)
    .reply(200, { instances: instanceRow(overrides) });
  return vastaiWorld().provider.get('54540011');
}

function servePages(...pages: readonly unknown[]): Record<string, unknown>[] {
  const queries: Record<string, unknown>[] = [];
  for (const page of pages) {
    wire()
      .get('/api/v1/instances/')
      .query((query) => {
        queries.push(query);
        return true;
      })
      .reply(200, JSON.stringify(page));
  }
  return queries;
}

function rows(from: number, count: number) {
  return Array.from({ length: count }, (_, index) =>
    instanceRow({ id: from + index, label: `label-${from + index}` }),
  );
}

describe('one Vast.ai instance', () => {
  it('shows the example of the fact sheet in our words', async () => {
    expect(await observe()).toEqual({
      id: '54540011',
      tag: TAG,
      phase: 'running',
      reason: 'success, running pytorch/pytorch_2.7.0-cuda12.8-cudnn9-runtime/ssh',
      address: { host: '198.51.100.23', port: 41_022, user: 'root' },
      openPorts: [{ internal: 8_000, host: '198.51.100.23', port: 41_077 }],
      createdAt: NOW - 2 * HOUR_MS,
      runningSince: NOW - 744_000,
      interruptible: false,
      price: { gpu: 720_000, cpu: 0, ram: 0, disk: 12_500 },
    });
  });

  it('does not exist when the provider answers null or says so in a 404', async () => {
    wire().get(INSTANCE).reply(200, { instances: null });
    wire().get(INSTANCE).reply(404, MISSING);
    wire()
      .get(INSTANCE)
      .reply(404, { success: false, error: 'not_found', msg: 'Instance 54540011 not found.' });
    const { provider } = vastaiWorld();
    for (let reading = 0; reading < 3; reading += 1) {
      expect(await provider.get('54540011')).toBeUndefined();
    }
    expect(nock.isDone()).toBe(true);
  });

  it('is not believed when another one was asked for', async () => {
    wire()
      .get(INSTANCE)
      .reply(200, { instances: instanceRow({ id: 7 }) });
    expect(await failureOf(vastaiWorld().provider.get('54540011'))).toMatchObject({
      kind: 'malformed',
    });
  });

  it.each(['', '0', 'abc', '7/', '../asks', '1?x=2'])(
    'is not looked for under the id %j',
    async (id) => {
      const { provider, recorder } = vastaiWorld();
      for (const call of [
        provider.get(id),
        provider.terminate(id),
        provider.grantAccess(id, 'k'),
      ]) {
        expect(await failureOf(call)).toMatchObject({ kind: 'invalid', outcome: 'not_done' });
      }
      expect(recorder.notes).toEqual([]);
    },
  );

  it('is reached directly, with the line end behind its host cut off', async () => {
    expect(await observe({ public_ipaddr: ' 198.51.100.7 \n' })).toMatchObject({
      address: { host: '198.51.100.7', port: 41_022, user: 'root' },
    });
  });

  it.each([
    ['no mapped port', { ports: { '8000/tcp': [{ HostPort: '41077' }] } }],
    ['no ports at all', { ports: null }],
    ['ports as the docs type them', { ports: [22] }],
    ['an empty mapping', { ports: { '22/tcp': [] } }],
    ['a port that is none', { ports: { '22/tcp': [{ HostPort: '0' }] } }],
    ['no public host', { public_ipaddr: '' }],
    ['a host that is none', { public_ipaddr: 'a b; rm' }],
  ])('is reached through the proxy with %s', async (_, overrides) => {
    expect(await observe(overrides)).toMatchObject({
      phase: 'running',
      address: { host: 'ssh5.vast.ai', port: 20_010, user: 'root' },
    });
  });

  it('is reached one port higher at the proxy when Jupyter runs', async () => {
    const image_runtype = 'jupyter_direc ssh_direc ssh_proxy';
    expect(await observe({ image_runtype, ports: null })).toMatchObject({
      address: { host: 'ssh5.vast.ai', port: 20_011 },
    });
  });

  it('has no address before it runs, or while neither way in is known', async () => {
    expect(await observe({ actual_status: 'loading' })).not.toHaveProperty('address');
    const unknown = { ports: null, ssh_host: null, ssh_port: null };
    expect(await observe(unknown)).not.toHaveProperty('address');
  });

  it('has not been running for longer than it exists', async () => {
    expect(await observe({ uptime_mins: 9_999 })).toMatchObject({
      runningSince: NOW - 2 * HOUR_MS,
    });
    expect(await observe({ uptime_mins: -1 })).not.toHaveProperty('runningSince');
    expect(await observe({ uptime_mins: null })).not.toHaveProperty('runningSince');
    expect(await observe({ actual_status: 'loading' })).not.toHaveProperty('runningSince');
  });

  it('costs what its breakdown says while it runs', async () => {
    const instance = { gpuCostPerHour: 0.5, diskHour: 0.02, totalHour: 0.52 };
    expect(await observe({ instance })).toMatchObject({
      price: { gpu: 500_000, cpu: 0, ram: 0, disk: 20_000 },
    });
  });

  it.each([
    ['does not add up', { instance: { gpuCostPerHour: 0.5, diskHour: 0.02, totalHour: 0.9 } }],
    ['has no GPU in it', { instance: { gpuCostPerHour: 0, diskHour: 0.0125, totalHour: 0.0125 } }],
    ['is missing', { instance: null }],
    [
      'is that of an instance at rest',
      {
        actual_status: 'loading',
        instance: { gpuCostPerHour: 0, diskHour: 0.0125, totalHour: 0.0125 },
      },
    ],
    ['is missing and so is the disk', { instance: null, storage_total_cost: null }],
  ])('costs what the contract says when the breakdown %s', async (_, overrides) => {
    expect(await observe(overrides)).toMatchObject({
      price: { gpu: 720_000, cpu: 0, ram: 0, disk: 12_500 },
    });
  });

  it('shows its price as one sum when that is all there is', async () => {
    const observation = await observe({ dph_base: null, instance: null });
    expect(observation).toMatchObject({ totalPerHour: 732_500 });
    expect(observation).not.toHaveProperty('price');
    const silent = await observe({ dph_base: null, instance: null, dph_total: null });
    expect(silent).not.toHaveProperty('totalPerHour');
  });

  it('gives its reason on one line, capped, without our key', async () => {
    const status_msg = `\n Error response\nfrom daemon: ${API_KEY} ${'x'.repeat(900)}`;
    const reason = (await observe({ status_msg }))?.reason ?? '';
    expect(reason).toMatch(/^Error response from daemon: \[redacted\] x+$/);
    expect(reason.length).toBeLessThanOrEqual(200);
    expect(await observe({ status_msg: ' \n' })).not.toHaveProperty('reason');
  });

  it('shows nothing of what the provider echoes of variables and tokens', async () => {
    expect(JSON.stringify(await observe())).not.toContain('secret');
  });

  it('still exists when its state cannot be read', async () => {
    expect(await observe({ actual_status: 7 })).toEqual({
      id: '54540011',
      tag: TAG,
      phase: 'unknown',
      reason: 'the provider sent an unreadable state',
    });
  });

  it('fails when not even its label can be read', async () => {
    wire()
      .get(INSTANCE)
      .reply(200, { instances: instanceRow({ label: 7 }) });
    expect(await failureOf(vastaiWorld().provider.get('54540011'))).toMatchObject({
      kind: 'malformed',
      outcome: 'not_done',
    });
  });
});

describe('the list of Vast.ai instances', () => {
  it('holds everybody’s, with labels whole', async () => {
    const [ours, theirs] = [instanceRow(), instanceRow({ id: 8, label: null })];
    servePages({
      success: true,
      instances_found: 2,
      total_instances: 2,
      label_counts: { [TAG]: 1, '': 1 },
      next_token: null,
      instances: [ours, theirs],
    });
    expect(await vastaiWorld().provider.list()).toMatchObject([
      { id: '54540011', tag: TAG, phase: 'running' },
      { id: '8', tag: undefined },
    ]);
  });

  it('is read page by page until the last', async () => {
    const queries = servePages(
      { instances: rows(100, 25), total_instances: 55, instances_found: 25, next_token: 'a=' },
      { instances: rows(125, 25), total_instances: 55, instances_found: 25, next_token: 'b=' },
      { instances: rows(150, 5), total_instances: 55, instances_found: 5, next_token: null },
    );
    const { provider, clock } = vastaiWorld();
    expect(await provider.list()).toHaveLength(55);
    const order_by = '[{"col":"id","dir":"asc"}]';
    expect(queries).toEqual([
      { limit: '25', order_by },
      { limit: '25', order_by, after_token: 'a=' },
      { limit: '25', order_by, after_token: 'b=' },
    ]);
    expect(clock.monotonicMs()).toBeGreaterThan(2_000);
  });

  it('is empty when the provider counts none', async () => {
    servePages({ success: true, instances: null, total_instances: 0, next_token: null });
    expect(await vastaiWorld().provider.list()).toEqual([]);
  });

  it('keeps an instance of ours whose state makes no sense', async () => {
    servePages({ instances: [instanceRow({ cur_state: [] })], total_instances: 1 });
    expect(await vastaiWorld().provider.list()).toMatchObject([{ tag: TAG, phase: 'unknown' }]);
  });

  it.each([
    [
      'is short by its own count',
      [{ instances: rows(1, 2), total_instances: 3, next_token: null }],
    ],
    ['is null although something is counted', [{ instances: null, total_instances: 1 }]],
    ['is null and nothing is counted', [{ instances: null, next_token: null }]],
    [
      'has fewer rows on a page than it says',
      [{ instances: rows(1, 2), instances_found: 3, next_token: null }],
    ],
    ['says nothing of what follows', [{ instances: rows(1, 25) }]],
    ['has a row without a label', [{ instances: [{ id: 1 }], total_instances: 1 }]],
    ['has a row without an id', [{ instances: [{ label: TAG }], total_instances: 1 }]],
    ['has a row that is none', [{ instances: [null], total_instances: 1 }]],
    ['says that it failed', [{ success: false, instances: [], total_instances: 0 }]],
    [
      'shows one instance twice and another not at all',
      [
        { instances: rows(1, 2), total_instances: 4, next_token: 'a' },
        { instances: rows(2, 2), total_instances: 4, next_token: null },
      ],
    ],
    [
      'shrank while it was read',
      [
        { instances: rows(1, 2), total_instances: 3, next_token: 'a' },
        { instances: rows(3, 1), total_instances: 2, next_token: null },
      ],
    ],
    [
      'goes in circles',
      [
        { instances: rows(1, 2), total_instances: 9, next_token: 'a' },
        { instances: rows(3, 2), total_instances: 9, next_token: 'a' },
      ],
    ],
  ])('fails when it %s', async (_, pages) => {
    servePages(...pages);
    expect(await failureOf(vastaiWorld().provider.list())).toMatchObject({ outcome: 'not_done' });
    expect(nock.isDone()).toBe(true);
  });

  it('fails when a later page fails', async () => {
    servePages({ instances: rows(1, 25), total_instances: 26, next_token: 'a' });
    wire().get('/api/v1/instances/').query(true).reply(502, 'bad gateway');
    expect(await failureOf(vastaiWorld().provider.list())).toMatchObject({ kind: 'unavailable' });
  });

  it('fails when it has no end', async () => {
    let served = 0;
    wire()
      .get('/api/v1/instances/')
      .query(true)
      .times(200)
      .reply(200, () => {
        served += 1;
        return { instances: rows(served, 1), next_token: `t${served}` };
      });
    expect(await failureOf(vastaiWorld().provider.list())).toMatchObject({ kind: 'malformed' });
    expect(served).toBe(200);
  });
});

describe('ending a Vast.ai instance', () => {
  it.each([
    ['accepts', 200, { success: true, msg: 'Instance destroyed successfully' }],
    ['accepts without a word', 204, ''],
    ['no longer has it', 404, MISSING],
    ['has no page for it', 404, ''],
  ])('returns when the provider %s', async (_, status, body) => {
    wire().delete(INSTANCE).reply(status, body);
    await vastaiWorld().provider.terminate('54540011');
    expect(nock.isDone()).toBe(true);
  });
});

describe('access to a Vast.ai instance', () => {
  it.each([
    ['attaches it', 200, { success: true, msg: 'SSH key attached successfully' }],
    ['has it already', 400, { success: false, error: 'invalid_args', msg: 'key already attached' }],
    ['has it already, in a 200', 200, { success: false, msg: 'Already exists' }],
  ])('is granted when the provider %s', async (_, status, body) => {
    wire().post(`${INSTANCE}ssh/`, { ssh_key: PUBLIC_KEY }).reply(status, body);
    await vastaiWorld().provider.grantAccess('54540011', PUBLIC_KEY);
    expect(nock.isDone()).toBe(true);
  });
});

describe('the Vast.ai balance', () => {
  it('is the prepaid credit, not the other accrual', async () => {
    wire()
      .get('/api/v0/users/current/')
      .reply(200, { id: 1001, credit: 41.27, balance: -0.13, api_key: 'secret' });
    expect(await vastaiWorld().provider.balance()).toEqual({ amount: 41_270_000 });
  });

  it('is unknown where the account does not show it', async () => {
    wire().get('/api/v0/users/current/').reply(200, { id: 1001, balance: 3 });
    expect(await vastaiWorld().provider.balance()).toBeUndefined();
  });
});

describe('the Vast.ai provider', () => {
  it('bills the disk from creation on and the GPU while it runs', () => {
    const { provider } = vastaiWorld();
    expect(provider).toMatchObject({
      api: 'vastai',
      name: 'vastai',
      billing: { created: ['disk'], running: ['gpu', 'disk'], stopped: ['disk'] },
      readyTimeoutMs: 900_000,
      settleMs: 180_000,
    });
  });
});
