import { describe, expect, it } from 'vitest';
import { create, openShop, type Shop, show, untilRunning } from './shop.ts';

async function runningShop(): Promise<{
  readonly shop: Shop;
  readonly id: string;
  readonly path: string;
}> {
  const shop = openShop();
  const id = await create(shop);
  await untilRunning(shop);
  return { shop, id, path: `/api/v0/instances/${id}/` };
}

describe('a destroy', () => {
  it('ends it, and finds nothing when asked again', async () => {
    const { shop, id, path } = await runningShop();
    expect(await shop.delete(path)).toMatchObject({
      status: 200,
      json: { success: true, msg: 'Instance destroyed successfully' },
    });
    expect(shop.market.instance(id)).toMatchObject({ state: 'gone', endedBy: 'renter' });
    expect(await shop.delete(path)).toMatchObject({
      status: 404,
      json: { success: false, error: 'no_such_instance', msg: `Instance ${id} not found.` },
    });
  });

  it('works on an instance that is still coming up', async () => {
    const shop = openShop();
    const id = await create(shop);
    expect((await shop.delete(`/api/v0/instances/${id}/`)).status).toBe(200);
  });

  it('may be accepted and do nothing', async () => {
    const shop = openShop({ lyingDeletes: 1 });
    const id = await create(shop);
    expect((await shop.delete(`/api/v0/instances/${id}/`)).json).toMatchObject({ success: true });
    expect(await show(shop, id)).toMatchObject({ id: Number(id) });
  });

  it('wants a number', async () => {
    expect(await openShop().delete('/api/v0/instances/all/')).toMatchObject({
      status: 400,
      json: { error: 'invalid_args', msg: 'invalid instance_id' },
    });
  });
});

describe('stop and start', () => {
  it('keep the disk on the bill while it is stopped', async () => {
    const { shop, id, path } = await runningShop();
    expect((await shop.put(path, { state: 'stopped' })).json).toEqual({ success: true });
    await shop.clock.advance(30_000);
    expect(await show(shop, id)).toMatchObject({ cur_state: 'stopped', uptime_mins: null });
    const before = shop.market.bill(id);
    await shop.clock.advance(3_600_000);
    const after = shop.market.bill(id);
    expect(after.gpu).toBe(before.gpu);
    expect(after.disk - before.disk).toBe(12_500);
    expect((await shop.put(path, { state: 'running' })).json).toEqual({ success: true });
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject({ actual_status: 'running' });
  });

  it('queue a start on GPUs that are taken, which happens and bills later', async () => {
    const { shop, id, path } = await runningShop();
    await shop.put(path, { state: 'stopped' });
    await shop.clock.advance(30_000);
    const other = await create(shop);
    expect(await shop.put(path, { state: 'running' })).toMatchObject({
      status: 200,
      json: {
        success: false,
        msg: 'Required resources are currently unavailable, state change queued.',
      },
    });
    expect(await show(shop, id)).toMatchObject({
      intended_status: 'running',
      cur_state: 'stopped',
      next_state: 'running',
    });
    await shop.delete(`/api/v0/instances/${other}/`);
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject({ actual_status: 'running' });
    shop.market.stopByMarket(id);
    await shop.clock.advance(30_000);
    expect(await show(shop, id)).toMatchObject({
      intended_status: 'stopped',
      next_state: 'stopped',
    });
  });

  it('cancel a queued start by a stop', async () => {
    const { shop, id, path } = await runningShop();
    await shop.put(path, { state: 'stopped' });
    await shop.clock.advance(30_000);
    const other = await create(shop);
    await shop.put(path, { state: 'running' });
    await shop.put(path, { state: 'stopped' });
    expect(await show(shop, id)).toMatchObject({ intended_status: 'stopped' });
    await shop.delete(`/api/v0/instances/${other}/`);
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject({ cur_state: 'stopped' });
  });

  it('refuse what they do not know', async () => {
    const { shop, path } = await runningShop();
    expect((await shop.put(path, { state: 'asleep' })).status).toBe(400);
    expect(await shop.put('/api/v0/instances/5/', { state: 'stopped' })).toMatchObject({
      status: 404,
      json: { error: 'no_such_instance' },
    });
  });
});

describe('a label', () => {
  it('can be changed', async () => {
    const { shop, id, path } = await runningShop();
    expect((await shop.put(path, { label: 'mine' })).json).toEqual({
      success: true,
      msg: `label for ${id} set to 'mine'`,
    });
    expect(await show(shop, id)).toMatchObject({ label: 'mine' });
  });

  it('has a length that it may not exceed', async () => {
    const { shop, path } = await runningShop();
    expect((await shop.put(path, { label: 'x'.repeat(1_024) })).status).toBe(200);
    expect(await shop.put(path, { label: 'x'.repeat(1_025) })).toMatchObject({
      status: 400,
      json: { error: 'label_too_long' },
    });
  });
});

describe('other actions', () => {
  it('accept a reboot of what exists', async () => {
    const { shop, id } = await runningShop();
    expect((await shop.put(`/api/v0/instances/reboot/${id}/`, {})).json).toEqual({ success: true });
    expect((await shop.put('/api/v0/instances/reboot/5/', {})).status).toBe(404);
  });

  it('accept a new bid inside its range', async () => {
    const { shop, id } = await runningShop();
    const path = `/api/v0/instances/bid_price/${id}/`;
    expect((await shop.put(path, { client_id: 'me', price: 0.35 })).json).toEqual({
      success: true,
    });
    expect((await shop.put(path, { client_id: 'me', price: null })).status).toBe(200);
    expect(await shop.put(path, { price: 0 })).toMatchObject({
      status: 400,
      json: { error: 'invalid_args', msg: 'Please set a bid price >= 0.001.' },
    });
    expect((await shop.put(path, { price: 33 })).status).toBe(400);
    expect((await shop.put('/api/v0/instances/bid_price/5/', { price: 1 })).status).toBe(404);
  });

  it('know no other methods, and no other paths', async () => {
    const shop = openShop();
    expect((await shop.send({ method: 'PATCH', path: '/api/v1/instances/' }))?.status).toBe(405);
    expect(await shop.send({ method: 'GET', path: '/api/v0/client/deploy/' })).toBeUndefined();
    expect(await shop.send({ method: 'GET', path: '/api/v1/instances' })).toBeUndefined();
  });
});
