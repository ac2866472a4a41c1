import { describe, expect, it } from 'vitest';
import {
  aHost,
  askOf,
  CREATE,
  create,
  openShop,
  type ShopOptions,
  show,
  untilRunning,
} from './shop.ts';

/** {@link aHost} takes bids from 0.155 on. */
const BID = 0.2;

async function bidShop(options: ShopOptions = {}) {
  const shop = openShop(options);
  const id = await create(shop, { price: BID });
  await untilRunning(shop);
  return { shop, id, path: `/api/v0/instances/${id}/` };
}

const STOPPED = { intended_status: 'stopped', cur_state: 'stopped', next_state: 'stopped' };

describe('a bid', () => {
  it('makes an interruptible contract that costs the bid and its disk', async () => {
    const { shop, id } = await bidShop();
    expect(await show(shop, id)).toMatchObject({
      is_bid: true,
      dph_base: BID,
      instance: { gpuCostPerHour: BID, diskHour: 0.0125, totalHour: expect.closeTo(0.2125, 9) },
    });
  });

  it('is for the whole offer, however many GPUs that has', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 4 })] });
    const id = await create(shop, { price: 0.7 }, askOf(4));
    await untilRunning(shop);
    expect(shop.market.rate(id).gpu).toBe(0.7);
  });

  it.each([[0.0005], [128.5]])('of %d is outside of what is taken', async (price) => {
    const shop = openShop();
    const answer = await shop.put(`/api/v0/asks/${askOf(1)}/`, { ...CREATE, price });
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_price' } });
  });

  it('below the market is refused where it may not wait, or leaves a contract all the same', async () => {
    const low = { ...CREATE, price: 0.1 };
    const refusing = await openShop().put(`/api/v0/asks/${askOf(1)}/`, low);
    expect(refusing).toMatchObject({ status: 400, json: { success: false } });
    expect(refusing.json).not.toHaveProperty('new_contract');
    const shop = openShop({ quirks: { lowBidAs: 'leftover' } });
    const leaving = await shop.put(`/api/v0/asks/${askOf(1)}/`, low);
    expect(leaving).toMatchObject({
      status: 200,
      json: { success: false, new_contract: expect.any(Number) },
    });
    await shop.clock.advance(60_000);
    const id = String(leaving.json['new_contract']);
    expect(await show(shop, id)).toMatchObject({ ...STOPPED, is_bid: true });
    expect(shop.market.bill(id)).toMatchObject({ gpu: 0 });
    expect(shop.market.rate(id).disk).toBeGreaterThan(0);
  });
});

describe('a contract that is outbid', () => {
  it('is stopped in every word, its disk billed, and says what would win it back', async () => {
    const { shop, id } = await bidShop();
    expect(shop.market.outbid(id)).toBe(true);
    await shop.clock.advance(30_000);
    expect(await show(shop, id)).toMatchObject({ ...STOPPED, min_bid: 0.25 });
    expect(shop.market.rate(id)).toMatchObject({ gpu: 0, disk: 0.0125 });
  });

  it('may be shown as meant to run', async () => {
    const { shop, id } = await bidShop({ quirks: { outbidAs: 'meant to run' } });
    shop.market.outbid(id);
    await shop.clock.advance(30_000);
    expect(await show(shop, id)).toMatchObject({
      actual_status: 'stopped',
      intended_status: 'running',
      cur_state: 'stopped',
    });
  });

  it('runs again by itself when nobody pays more, and is billed again', async () => {
    const { shop, id } = await bidShop();
    shop.market.outbid(id);
    await shop.clock.advance(30_000);
    shop.market.regain(id);
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject({ actual_status: 'running' });
    expect(shop.market.rate(id).gpu).toBe(BID);
  });

  it('stays stopped once its renter says so', async () => {
    const { shop, id, path } = await bidShop();
    shop.market.outbid(id);
    await shop.clock.advance(30_000);
    expect((await shop.put(path, { state: 'stopped' })).json).toEqual({ success: true });
    shop.market.regain(id);
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject(STOPPED);
  });

  it('is queued when its renter asks for a start', async () => {
    const { shop, id, path } = await bidShop();
    shop.market.outbid(id);
    await shop.clock.advance(30_000);
    expect((await shop.put(path, { state: 'running' })).json).toMatchObject({ success: false });
    shop.market.regain(id);
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject({ actual_status: 'running' });
  });

  it('is never one on demand', async () => {
    const shop = openShop();
    const id = await create(shop);
    expect(shop.market.outbid(id)).toBe(false);
  });

  it('comes about by itself where the world says so, and passes', async () => {
    const fixed = (ms: number) => ({ low: ms, high: ms });
    const outbids = { share: 1, afterMs: fixed(600_000), lastMs: fixed(900_000) };
    const { shop, id } = await bidShop({ outbids });
    await shop.clock.advance(600_000);
    expect(shop.market.instance(id)).toMatchObject({ stoppedFor: 'outbid' });
    await shop.clock.advance(900_000);
    expect(shop.market.instance(id)?.stoppedFor).toBeNull();
  });
});

describe('a contract', () => {
  it('stops at its end, cannot be started, and loses its disk two days later', async () => {
    const { shop, id, path } = await bidShop();
    expect(shop.market.endContract(id)).toBe(true);
    await shop.clock.advance(30_000);
    const row = await show(shop, id);
    expect(row).toMatchObject(STOPPED);
    expect(Number(row['end_date']) * 1_000).toBeLessThan(shop.clock.now());
    expect((await shop.put(path, { state: 'running' })).status).toBe(400);
    await shop.clock.advance(48 * 3_600_000);
    expect(shop.market.instance(id)?.state).toBe('gone');
  });

  it('ends with the listing where the world says so', async () => {
    const offeredUntil = openShop().clock.now() + 3_600_000;
    const { shop, id } = await bidShop({ hosts: [aHost({ offeredUntil })], contractsEnd: true });
    await shop.clock.advance(3_600_000);
    expect(shop.market.instance(id)).toMatchObject({ stoppedFor: 'contract end' });
  });

  it('is stopped, and not started, without credit', async () => {
    const { shop, id, path } = await bidShop();
    shop.market.drainCredit('vastai');
    await shop.clock.advance(30_000);
    expect(await show(shop, id)).toMatchObject(STOPPED);
    expect(await shop.put(path, { state: 'running' })).toMatchObject({
      status: 400,
      json: { error: 'missing_billing' },
    });
    shop.market.payIn('vastai', 10);
    expect((await shop.put(path, { state: 'running' })).json).toEqual({ success: true });
  });

  it('may be shown as exited while it starts again', async () => {
    const { shop, id, path } = await bidShop({ quirks: { restartAs: 'exited' } });
    await shop.put(path, { state: 'stopped' });
    await shop.clock.advance(30_000);
    await shop.put(path, { state: 'running' });
    expect(await show(shop, id)).toMatchObject({
      actual_status: 'exited',
      intended_status: 'running',
      cur_state: 'running',
    });
  });
});
