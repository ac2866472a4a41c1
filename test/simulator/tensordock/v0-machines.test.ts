import { expect, test } from 'vitest';
import {
  at,
  BOOTED_MS,
  createdId,
  type DockWorld,
  deployedId,
  dockHost,
  dockWorld,
  v0,
} from './dock-world.ts';
import { BALANCE, MACHINE, MACHINES, SUMMARY } from './documented-answers.ts';
import { shapeOf } from './shape.ts';

const MINUTE_MS = 60_000;

async function statusOf(world: DockWorld, server: string): Promise<unknown> {
  const { body } = await v0(world, 'POST /client/get/single', { server });
  return at(body, 'virtualmachine', 'status');
}

test('machines are listed in the documented form, whichever API made them', async () => {
  const world = dockWorld();
  const ids = [await deployedId(world), await createdId(world)];
  world.advance(BOOTED_MS);
  const { body } = await v0(world, 'POST /client/list');
  expect(shapeOf(body)).toEqual(shapeOf(MACHINES));
  expect(Object.keys(at(body, 'virtualmachines') ?? {})).toEqual(ids);
  expect(at(body, 'virtualmachines', ids[1] ?? '')).toMatchObject({
    name: 'gpub-demo-0123456789abcdef-1',
    operating_system: 'Ubuntu 22.04 LTS',
    status: 'Running',
    compute_price: '0.488000',
    cost: 0.488,
    storage_price: '0.005000',
    total_price: '0.493000',
    timestamp_creation: 'Tue, 03 Feb 2026 12:00:00 GMT',
    type: 'ondem',
  });
});

test('one machine has the documented fields', async () => {
  const world = dockWorld();
  const server = await deployedId(world, { external_ports: '{20010}', internal_ports: '{22}' });
  const { body } = await v0(world, 'POST /client/get/single', { server });
  expect(shapeOf(body)).toEqual(shapeOf(MACHINE));
  expect(at(body, 'virtualmachine', 'status')).toBe('Deploying');
});

test('a stop keeps the GPUs unless they are released', async () => {
  const world = dockWorld({ hosts: [dockHost({ gpuCount: 1 })] });
  const server = await deployedId(world);
  world.advance(BOOTED_MS);
  expect((await v0(world, 'POST /client/stop/single', { server })).body).toEqual({ success: true });
  world.advance(MINUTE_MS);
  expect(await statusOf(world, server)).toBe('Stopped');
  expect(world.market.rate(server).gpu).toBe(0.4);
  await v0(world, 'POST /client/start/single', { server });
  world.advance(MINUTE_MS);
  await v0(world, 'POST /client/stop/single', { server, disassociate_resources: 'true' });
  world.advance(MINUTE_MS);
  expect(await statusOf(world, server)).toBe('StoppedDisassociated');
  expect(world.market.rate(server)).toEqual({ gpu: 0, cpu: 0, ram: 0, disk: 0.005 });
});

test('a released machine does not start while its GPUs are taken, and not later by itself', async () => {
  const world = dockWorld({ hosts: [dockHost({ gpuCount: 1 })] });
  const server = await deployedId(world);
  world.advance(BOOTED_MS);
  await v0(world, 'POST /client/stop/single', { server, disassociate_resources: 'true' });
  world.advance(MINUTE_MS);
  const other = await deployedId(world, { external_ports: '{20020}', internal_ports: '{22}' });
  const start = await v0(world, 'POST /client/start/single', { server });
  expect(start.body).toMatchObject({ success: false });
  await v0(world, 'POST /client/delete/single', { server: other });
  world.advance(BOOTED_MS);
  expect(await statusOf(world, server)).toBe('StoppedDisassociated');
  expect((await v0(world, 'POST /client/start/single', { server })).body).toEqual({
    success: true,
  });
});

test('a start without GPUs may be accepted, wait for them without a word, and be withdrawn by a stop', async () => {
  const world = dockWorld({
    hosts: [dockHost({ gpuCount: 1 })],
    quirks: { v0StartWithoutGpusAs: 'queued' },
  });
  const server = await deployedId(world);
  world.advance(BOOTED_MS);
  const release = { server, disassociate_resources: 'true' };
  await v0(world, 'POST /client/stop/single', release);
  world.advance(MINUTE_MS);
  const other = await deployedId(world, { external_ports: '{20020}', internal_ports: '{22}' });
  const start = () => v0(world, 'POST /client/start/single', { server });
  expect((await start()).body).toEqual({ success: true });
  expect(await statusOf(world, server)).toBe('StoppedDisassociated');
  await v0(world, 'POST /client/stop/single', release);
  await v0(world, 'POST /client/delete/single', { server: other });
  world.advance(BOOTED_MS);
  expect(await statusOf(world, server)).toBe('StoppedDisassociated');
  await start();
  world.advance(BOOTED_MS);
  expect(await statusOf(world, server)).toBe('Running');
});

test('a machine that keeps its GPUs at rest can give them back later, and once only', async () => {
  const world = dockWorld();
  const server = await deployedId(world);
  world.advance(BOOTED_MS);
  await v0(world, 'POST /client/stop/single', { server });
  world.advance(MINUTE_MS);
  const release = { server, disassociate_resources: 'true' };
  expect((await v0(world, 'POST /client/stop/single', release)).body).toEqual({ success: true });
  expect(await statusOf(world, server)).toBe('StoppedDisassociated');
  expect((await v0(world, 'POST /client/stop/single', release)).body).toMatchObject({
    success: false,
  });
});

test.each([
  ['running' as const, { cost: 0.488, storage_price: '0.005000', total_price: '0.493000' }],
  ['storage' as const, { cost: 0, storage_price: '0.005000', total_price: '0.005000' }],
])('a machine without its GPUs may show the price of %s', async (v0ReleasedPriceAs, shown) => {
  const world = dockWorld({ quirks: { v0ReleasedPriceAs } });
  const server = await deployedId(world);
  world.advance(BOOTED_MS);
  await v0(world, 'POST /client/stop/single', { server, disassociate_resources: 'true' });
  world.advance(MINUTE_MS);
  const { body } = await v0(world, 'POST /client/list');
  expect(at(body, 'virtualmachines', server)).toMatchObject(shown);
});

test('a machine on its way to rest shows what it is charged, also after a new price', async () => {
  const world = dockWorld();
  const server = await deployedId(world);
  world.advance(BOOTED_MS);
  world.market.reprice(server, 2);
  await v0(world, 'POST /client/stop/single', { server, disassociate_resources: 'true' });
  const { body } = await v0(world, 'POST /client/list');
  expect(at(body, 'virtualmachines', server)).toMatchObject({
    status: 'Running',
    total_price: '0.981000',
  });
  expect(world.market.rate(server).gpu).toBe(0.8);
});

test('a deleted machine is there for a while and unknown after it', async () => {
  const world = dockWorld();
  const server = await deployedId(world);
  world.advance(BOOTED_MS);
  expect((await v0(world, 'POST /client/delete/single', { server })).body).toEqual({
    success: true,
  });
  expect(await statusOf(world, server)).toBe('Running');
  world.advance(MINUTE_MS);
  expect(await v0(world, 'POST /client/get/single', { server })).toEqual({
    status: 200,
    body: { success: false, error: 'Virtual machine not found' },
  });
  expect((await v0(world, 'POST /client/delete/single', { server })).body).toMatchObject({
    success: false,
  });
});

test('an unknown server may be a 404', async () => {
  const world = dockWorld({ quirks: { v0MissingAs: '404' } });
  const { status } = await v0(world, 'POST /client/get/single', { server: 'nobody' });
  expect(status).toBe(404);
});

test('a change of size is refused: running machines, and then machines on local disks', async () => {
  const world = dockWorld();
  const server = await deployedId(world);
  world.advance(BOOTED_MS);
  const modify = async () =>
    at(
      (await v0(world, 'POST /client/modify/single', { server_id: server, vcpus: '16' })).body,
      'error',
    );
  expect(await modify()).toContain('must be stopped');
  await v0(world, 'POST /client/stop/single', { server });
  world.advance(MINUTE_MS);
  expect(await modify()).toContain('network storage');
});

test('the balance falls with what runs', async () => {
  const world = dockWorld();
  await deployedId(world);
  world.advance(60 * MINUTE_MS);
  const { body } = await v0(world, 'POST /billing/balance');
  expect(shapeOf(body)).toEqual(shapeOf(BALANCE));
  expect(body).toEqual({ balance: 499.507, hourly_cost: 0.493, success: true });
});

test('the monthly summary has the documented fields and the month’s machines', async () => {
  const world = dockWorld();
  const server = await deployedId(world);
  world.advance(60 * MINUTE_MS);
  const { body } = await v0(world, 'POST /billing/summary', { period: '2026-02' });
  const documented = (list: string) => shapeOf(at(SUMMARY, 'transactions', list, 0));
  const { transactions } = { transactions: at(body, 'transactions') };
  expect(shapeOf(at(transactions, 'vm_expenses', 0))).toEqual(documented('vm_payouts'));
  expect(shapeOf(at(transactions, 'storage_expenses', 0))).toEqual(documented('storage_payouts'));
  expect(at(transactions, 'vm_expenses')).toMatchObject([
    { virtual_machine_id: server, total_amount: 0.488 },
  ]);
  expect(at(transactions, 'storage_expenses')).toMatchObject([
    { virtual_machine_id: server, storage_amount: 100, total_amount: 0.005 },
  ]);
  expect(Object.keys(body ?? {}).sort()).toEqual(Object.keys(SUMMARY ?? {}).sort());
  expect(at(body, 'changes', 'expenses')).toBe('0.49');
  const bad = await v0(world, 'POST /billing/summary', { period: 'May' });
  expect(bad.body).toMatchObject({ success: false });
});

test('a month has what fell into it, and a machine of two months is in both', async () => {
  const world = dockWorld({ quirks: { v0StorageExpensesAs: 'within' } });
  const server = await deployedId(world);
  world.advance(26 * 24 * 60 * MINUTE_MS);
  const inMonth = async (period: string) => {
    const { body } = await v0(world, 'POST /billing/summary', { period });
    return at(body, 'transactions', 'vm_expenses');
  };
  // From the 3rd at noon to the end of February, and on to the 1st of March at noon.
  expect(await inMonth('2026-02')).toMatchObject([
    { virtual_machine_id: server, total_amount: 301.716 },
  ]);
  expect(await inMonth('2026-03')).toMatchObject([
    { virtual_machine_id: server, total_amount: 5.916 },
  ]);
  expect(await inMonth('2026-01')).toEqual([]);
  expect(await inMonth('2026-04')).toEqual([]);
});

test.each([
  'POST /client/container/deploy',
  'POST /client/container/scale',
  'POST /client/container/stop',
  'GET /client/container/72d610f8-9279-4adc-b9a2-28a36b98e42b/replicas',
])('%s is withdrawn', async (call) => {
  expect((await v0(dockWorld(), call)).body).toEqual({
    success: false,
    error: 'This endpoint is now deprecated. We no longer support containers.',
  });
});
