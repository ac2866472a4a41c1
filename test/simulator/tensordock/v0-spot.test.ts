import { expect, test } from 'vitest';
import type { FacadeQuirks } from '../../../src/simulator/model.ts';
import {
  at,
  BOOTED_MS,
  DEPLOY_FIELDS,
  type DockWorld,
  deployedId,
  dockWorld,
  textAt,
  v0,
} from './dock-world.ts';

const MINUTE_MS = 60_000;
const SPOT = { price_type: 'spot', price: '0.3' };

/** The host's own floor is 0.2 for a GPU; vCPUs and RAM of the machine come to 0.088. */
async function tried(world: DockWorld, price: string): Promise<unknown> {
  const fields = { ...DEPLOY_FIELDS, price };
  return (await v0(world, 'POST /client/spot/validate/new', fields)).body;
}

async function statusOf(world: DockWorld, server: string): Promise<unknown> {
  const { body } = await v0(world, 'POST /client/get/single', { server });
  return at(body, 'virtualmachine', 'status');
}

test.each<[FacadeQuirks['v0BidBuys'], string, number]>([
  ['machine', '0.288', 0.293],
  ['gpus', '0.2', 0.293],
])(
  'the least bid for the %s is %s, and is what the machine costs',
  async (v0BidBuys, price, total) => {
    const world = dockWorld({ quirks: { v0BidBuys } });
    const fields = { ...DEPLOY_FIELDS, price_type: 'spot', price };
    const { body } = await v0(world, 'POST /client/deploy/single', fields);
    expect(at(body, 'cost', 'total_price')).toBe(total);
    expect(world.market.instance(textAt(body, 'server'))?.interruptible).toBe(true);
    const lower = { ...fields, price: String(Number(price) - 0.001) };
    const refused = await v0(world, 'POST /client/deploy/single', lower);
    expect(refused.body).toMatchObject({ success: false });
  },
);

test('prices can be tried before, for new and existing machines', async () => {
  const world = dockWorld();
  expect(await tried(world, '0.288')).toEqual({ success: true });
  expect(await tried(world, '0.287')).toEqual({ success: false });
  const server = await deployedId(world, SPOT);
  const validateOld = async (price: string) =>
    (await v0(world, 'POST /client/spot/validate/existing', { server, price })).body;
  expect(await validateOld('0.29')).toEqual({ success: true });
  expect(await validateOld('0.1')).toEqual({ success: false });
});

test('the other document’s answer names the price that would do', async () => {
  const world = dockWorld({ quirks: { v0SpotVerdictAs: 'priced' } });
  expect(await tried(world, '0.1')).toMatchObject({
    success: true,
    will_succeed: false,
    suggested_price: 0.288,
  });
  expect(await tried(world, '0.3')).toMatchObject({ success: true, will_succeed: true });
  const fields = { ...DEPLOY_FIELDS, ram: '600', price: '9' };
  const { body } = await v0(world, 'POST /client/spot/validate/new', fields);
  expect(at(body, 'will_succeed')).toBe(false);
  expect(at(body, 'suggested_price')).toBeUndefined();
});

test('a spot machine that the market stopped was outbid and costs its disk; one that its renter stopped was not', async () => {
  const world = dockWorld();
  const server = await deployedId(world, SPOT);
  world.advance(BOOTED_MS);
  world.market.outbid(server);
  world.advance(MINUTE_MS);
  expect(await statusOf(world, server)).toBe('Outbid');
  expect(world.market.rate(server)).toEqual({ gpu: 0, cpu: 0, ram: 0, disk: 0.005 });
  const start = await v0(world, 'POST /client/start/single', { server });
  expect(start.body).toMatchObject({ success: false });
  const other = await deployedId(world, {
    ...SPOT,
    external_ports: '{20020}',
    internal_ports: '{22}',
  });
  world.advance(BOOTED_MS);
  await v0(world, 'POST /client/stop/single', { server: other });
  world.advance(MINUTE_MS);
  expect(await statusOf(world, other)).toBe('Stopped');
});

test('an outbid machine runs again when it is started after the other bid is gone, and not by itself', async () => {
  const world = dockWorld();
  const server = await deployedId(world, SPOT);
  world.advance(BOOTED_MS);
  world.market.outbid(server);
  world.advance(MINUTE_MS);
  world.market.regain(server);
  world.advance(BOOTED_MS);
  expect(await statusOf(world, server)).toBe('Outbid');
  await v0(world, 'POST /client/start/single', { server });
  world.advance(BOOTED_MS);
  expect(await statusOf(world, server)).toBe('Running');
});
