import { describe, expect, it } from 'vitest';
import {
  aHost,
  create,
  DAY_MS,
  openShop,
  rowsOf,
  type Shop,
  type ShopOptions,
  untilRunning,
} from './shop.ts';

/** Charges 0 down and 0.002 up; 17,002 charges 0.003 down and 0.005 up. */
const DEAR = aHost({ machineId: 17_002 });
const ASK = 1_700_201;

async function chargedShop(options: ShopOptions = {}) {
  const shop = openShop({ hosts: [DEAR], trafficCosts: true, ...options });
  const id = await create(shop, {}, ASK);
  await untilRunning(shop);
  return { shop, id };
}

async function charges(shop: Shop, gte: number, lte: number) {
  const filters = JSON.stringify({ day: { gte: gte / 1_000, lte: lte / 1_000 } });
  const answer = await shop.get(`/api/v0/charges/?select_filters=${encodeURIComponent(filters)}`);
  return rowsOf(answer, 'results');
}

function amounts(rows: Awaited<ReturnType<typeof charges>>): number {
  return rows.reduce((sum, row) => sum + Number(row['amount']), 0);
}

describe('traffic', () => {
  it('is charged for the image at what the offer says, and is in the credit and no price', async () => {
    const { shop, id } = await chargedShop();
    const [row] = await charges(shop, shop.clock.now() - DAY_MS, shop.clock.now() + DAY_MS);
    const { down, up } = shop.market.trafficWithin(id, 0, shop.clock.now());
    expect(down).toBeGreaterThanOrEqual(0.003 * 2 * 1_000_000);
    expect(row).toMatchObject({
      items: [
        { type: 'gpu' },
        { type: 'disk' },
        { type: 'bwd', amount: down / 1e6 },
        { type: 'bwu', amount: up / 1e6 },
      ],
    });
    const { gpu, disk } = shop.market.bill(id);
    expect(amounts(row ? [row] : [])).toBeCloseTo((gpu + disk + down + up) / 1e6, 9);
    expect(shop.market.credit('vastai')).toBeCloseTo(500 - (gpu + disk + down + up) / 1e6, 6);
    expect(shop.market.rate(id)).toEqual({ gpu: 0.36, cpu: 0, ram: 0, disk: 0.0125 });
  });

  it('has its price in the offer', async () => {
    const shop = openShop({ hosts: [DEAR], trafficCosts: true });
    const [offer] = rowsOf(await shop.post('/api/v0/bundles/', {}), 'offers');
    expect(offer).toMatchObject({ inet_down_cost: 0.003, inet_up_cost: 0.005 });
  });

  it('costs nothing unless the world says so', async () => {
    const { shop, id } = await chargedShop({ trafficCosts: false });
    expect(shop.market.trafficWithin(id, 0, shop.clock.now())).toEqual({ down: 0, up: 0 });
  });
});

describe('charges of a stretch of time', () => {
  it('are what fell into it, and stretches that touch add up to the bill', async () => {
    const { shop, id } = await chargedShop({ trafficCosts: false });
    const start = shop.clock.now();
    await shop.clock.advance(2 * DAY_MS);
    const first = await charges(shop, 0, start + DAY_MS);
    const second = await charges(shop, start + DAY_MS, start + 9 * DAY_MS);
    const { gpu, disk } = shop.market.bill(id);
    expect(amounts([...first, ...second])).toBeCloseTo((gpu + disk) / 1e6, 6);
  });

  it('may be a row a day, to a tenth of a cent', async () => {
    const { shop, id } = await chargedShop({ quirks: { chargesAs: 'days' } });
    const today = Math.floor(shop.clock.now() / DAY_MS) * DAY_MS;
    await shop.clock.advance(2 * DAY_MS);
    const rows = await charges(shop, today, today + 3 * DAY_MS - 1);
    expect(rows.map((row) => [row['source'], row['start'], row['end']])).toEqual(
      [0, 1, 2].map((day) => {
        const at = (today + day * DAY_MS) / 1_000;
        return [`instance-${id}`, at, at];
      }),
    );
    for (const row of rows) {
      const thousandths = Number(row['amount']) * 1_000;
      expect(Math.abs(thousandths - Math.round(thousandths))).toBeLessThan(1e-6);
    }
    const { gpu, disk } = shop.market.bill(id);
    const { down, up } = shop.market.trafficWithin(id, 0, shop.clock.now());
    expect(Math.abs(amounts(rows) - (gpu + disk + down + up) / 1e6)).toBeLessThan(0.006);
  });

  it('leave out a day of which only the rest is asked for', async () => {
    const { shop } = await chargedShop({ quirks: { chargesAs: 'days' } });
    expect(await charges(shop, shop.clock.now() - 1_000, shop.clock.now())).toEqual([]);
  });
});
