import { describe, expect, it } from 'vitest';
import { aHost, DAY_MS, STARTED_AT, untilRunning } from '../../simulator/vastai/shop.ts';
import { type PlayedWorld, playedWorld } from './played-world.ts';

/** Charges 0.003 a GB down and 0.005 up. */
const DEAR = aHost({ machineId: 17_002, gpuCount: 4 });
const TODAY = Math.floor(STARTED_AT / DAY_MS) * DAY_MS;
const WEEK = { from: STARTED_AT, to: STARTED_AT + 7 * DAY_MS };

function played(options: Parameters<typeof playedWorld>[0] = {}): PlayedWorld {
  return playedWorld({ hosts: [DEAR], trafficCosts: true, ...options });
}

function charged({ provider, done }: PlayedWorld, window = WEEK) {
  if (!provider.charges) throw new Error('expected charges');
  return done(provider.charges(window));
}

function billOf({ shop }: PlayedWorld, id: string) {
  const { gpu, disk } = shop.market.bill(id);
  const { down, up } = shop.market.trafficWithin(id, 0, shop.clock.now());
  return { total: gpu + disk + down + up, traffic: down + up };
}

describe('what Vast.ai has charged', () => {
  it("is the marketplace's own bill of each instance, traffic and all, ended ones too", async () => {
    const world = played();
    const offer = await world.anOffer();
    const first = await world.launch({ offer });
    await untilRunning(world.shop);
    const second = await world.launch({ offer });
    await world.shop.clock.advance(26 * 3_600_000);
    await world.done(world.provider.terminate(first));
    await world.shop.clock.advance(3_600_000);
    const charges = await charged(world);
    expect(charges).toEqual([
      { id: first, ...billOf(world, first) },
      { id: second, ...billOf(world, second) },
    ]);
    expect(charges[0]?.traffic).toBeGreaterThan(0);
  });

  it('adds the days of an instance up, which are told to a tenth of a cent', async () => {
    const world = played({ quirks: { chargesAs: 'days' } });
    const id = await world.launch();
    await world.shop.clock.advance(5 * DAY_MS);
    const [charge] = await charged(world);
    const { total, traffic } = billOf(world, id);
    // Half of a thousandth a part and day.
    expect(Math.abs((charge?.total ?? 0) - total)).toBeLessThan(4 * 6 * 500);
    expect(Math.abs((charge?.traffic ?? 0) - traffic)).toBeLessThan(2 * 6 * 500);
    expect(charge).toMatchObject({ id });
  });

  it('counts whole days, in either form', async () => {
    for (const chargesAs of ['whole', 'days'] as const) {
      const world = played({ quirks: { chargesAs }, trafficCosts: false });
      const id = await world.launch();
      await world.shop.clock.advance(3 * DAY_MS);
      const noon = TODAY + 1.5 * DAY_MS;
      const [charge] = await charged(world, { from: noon, to: noon + 1 });
      const { gpu, disk } = world.shop.market.billWithin(id, TODAY + DAY_MS, TODAY + 2 * DAY_MS);
      expect(Math.abs((charge?.total ?? 0) - gpu - disk)).toBeLessThan(1_500);
    }
  });

  it('is nothing before anything was rented', async () => {
    expect(await charged(played())).toEqual([]);
  });

  it('goes through all pages within the published interval', async () => {
    const world = played({ rateLimits: true });
    const pages = [
      { results: [row('1', 1)], count: 1, total: 3, next_token: 'a' },
      { results: [row('1', 0.5), row('2', '0.25')], count: 2, total: 3, next_token: null },
    ];
    world.interfere(() => ({
      status: 200,
      body: JSON.stringify({ success: true, ...pages.shift() }),
    }));
    expect(await charged(world)).toEqual([
      { id: '1', total: 1_500_000, traffic: 0 },
      { id: '2', total: 250_000, traffic: 0 },
    ]);
  });

  it.each([
    [
      'a page shorter than it says',
      { results: [row('1', 1)], count: 2, total: 2, next_token: null },
    ],
    [
      'fewer rows than are counted',
      { results: [row('1', 1)], count: 1, total: 2, next_token: null },
    ],
    [
      'a row without an amount',
      { results: [{ source: 'instance-1' }], total: 1, next_token: null },
    ],
    ['a row of nobody', { results: [{ amount: 1 }], total: 1, next_token: null }],
    ['pages in a circle', { results: [row('1', 1)], count: 1, total: 9, next_token: 'again' }],
    ['no word of what follows', { results: [row('1', 1)] }],
    ['no rows and no count', { results: null }],
    ['text', 'hello'],
  ])('is a failure and never a part of the truth: %s', async (_, body) => {
    const world = played();
    world.interfere(() => ({ status: 200, body: JSON.stringify(body) }));
    expect(await world.refused(charged(world))).toMatchObject({
      kind: 'malformed',
      outcome: 'not_done',
    });
  });

  it('passes over what is no instance', async () => {
    const world = played();
    const volume = { type: 'volume', source: 'volume-3', amount: 2 };
    const body = { results: [volume, row('1', 1)], count: 2, total: 2, next_token: null };
    world.interfere(() => ({ status: 200, body: JSON.stringify(body) }));
    expect(await charged(world)).toEqual([{ id: '1', total: 1_000_000, traffic: 0 }]);
  });

  it('is refused to a key that may not read bills', async () => {
    const world = played();
    world.interfere(() => ({ status: 403, body: '{"success":false,"error":"auth_error"}' }));
    expect(await world.refused(charged(world))).toMatchObject({ kind: 'unauthorized' });
  });
});

function row(id: string, amount: number | string) {
  return { type: 'instance', source: `instance-${id}`, amount, items: [] };
}
