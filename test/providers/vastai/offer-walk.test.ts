import { describe, expect, it } from 'vitest';
import type { Offer } from '../../../src/domain/offer.ts';
import type { SimHost } from '../../../src/simulator/model.ts';
import { aHost, askOf, create } from '../../simulator/vastai/shop.ts';
import { type PlayedWorld, playedWorld } from './played-world.ts';

const MINUTE_MS = 60_000;

/** So many machines of one GPU each; of each group of `alike` all have one price. */
function machines(count: number, alike = 1): readonly SimHost[] {
  return Array.from({ length: count }, (_, index) =>
    aHost({
      machineId: 20_000 + index,
      rates: { ...aHost().rates, gpuHour: (100 + Math.floor(index / alike)) / 1_000 },
    }),
  );
}

function market(hosts: readonly SimHost[]): PlayedWorld {
  return playedWorld({ hosts, rateLimits: true });
}

/** A minute later, as the menu asks. */
async function refresh(world: PlayedWorld): Promise<readonly Offer[]> {
  const offers = await world.done(world.provider.offers());
  await world.shop.clock.advance(MINUTE_MS);
  return offers;
}

function searches({ requests }: PlayedWorld): number {
  return requests.filter((request) => request.includes('/bundles/')).length;
}

/** How old the oldest row on the menu is, in minutes. */
function oldest(world: PlayedWorld, offers: readonly Offer[]): number {
  const first = Math.min(...offers.map(({ fetchedAt }) => fetchedAt));
  return (world.shop.clock.now() - first) / MINUTE_MS;
}

function ids(offers: readonly Offer[]): ReadonlySet<string> {
  return new Set(offers.map(({ providerId }) => providerId));
}

describe('the walk through the market', () => {
  it.each([
    // Offers, refreshes until all are known, age of the oldest from then on in minutes.
    [560, 1, 1.1],
    [640, 2, 2.1],
    [1_000, 2, 3.1],
    [1_400, 3, 4.1],
  ])(
    'knows all of %d offers after %d refreshes, none older than %d minutes from then on',
    async (count, needed, age) => {
      const world = market(machines(count));
      let offers: readonly Offer[] = [];
      for (let refreshes = 0; refreshes < needed; refreshes += 1) offers = await refresh(world);
      expect(offers).toHaveLength(count);
      for (let refreshes = 0; refreshes < 6; refreshes += 1) {
        offers = await refresh(world);
        expect(offers).toHaveLength(count);
        expect(oldest(world, offers)).toBeLessThanOrEqual(age);
      }
      expect(searches(world)).toBeLessThanOrEqual((needed + 6) * 9);
    },
  );

  it('makes all the searches that the published limit allows, and is refused none', async () => {
    const world = market(machines(1_000));
    let refused = 0;
    world.watch((status) => {
      refused += status === 429 ? 1 : 0;
    });
    for (let refreshes = 0; refreshes < 5; refreshes += 1) await refresh(world);
    expect(searches(world)).toBe(45);
    expect(refused).toBe(0);
  });

  it('looks at the cheapest each time', async () => {
    const world = market(machines(1_000));
    await refresh(world);
    await refresh(world);
    for (let refreshes = 0; refreshes < 6; refreshes += 1) {
      const offers = await refresh(world);
      const cheapest = [...offers].sort((left, right) => left.price.gpu - right.price.gpu);
      expect(oldest(world, cheapest.slice(0, 180))).toBeLessThan(1.3);
    }
  });

  it.each([
    ['300 at one price', machines(300, 300), 300],
    ['500 at four prices', machines(500, 125), 500],
    ['64 at one price and more behind', machines(200, 64), 200],
  ])('gets past more offers at one price than an answer holds: %s', async (_, hosts, count) => {
    const world = market(hosts);
    await refresh(world);
    expect(await refresh(world)).toHaveLength(count);
  });

  it('goes on behind a price whose machines cannot be told apart', async () => {
    const world = market(machines(300, 100));
    world.interfere((request) =>
      request.includes('machine_id":{')
        ? { status: 400, body: '{"error":"invalid_request"}' }
        : undefined,
    );
    await refresh(world);
    const offers = await refresh(world);
    const prices = new Set(offers.map(({ price }) => price.gpu));
    expect(prices.size).toBe(3);
    expect(offers.length).toBeGreaterThanOrEqual(3 * 64);
  });

  it('tells several offers of one machine apart', async () => {
    const world = market([aHost({ gpuCount: 4 })]);
    const offers = await refresh(world);
    expect(offers.map(({ gpuCount }) => gpuCount)).toEqual([1, 2, 4]);
    expect(new Set(offers.map(({ machineId }) => machineId))).toEqual(
      new Set(['vastai-machine-17000']),
    );
  });

  it('drops what was rented by others between two rows of an answer at once', async () => {
    const world = market(machines(100));
    await refresh(world);
    await create(world.shop, {}, askOf(1, 20_050));
    const offers = await refresh(world);
    expect(offers).toHaveLength(99);
    expect(ids(offers)).not.toContain(String(askOf(1, 20_050)));
  });

  it('drops what it rented itself, and what it could not rent, before the next search', async () => {
    const world = market(machines(1_000));
    await refresh(world);
    const offers = await refresh(world);
    const [first, second] = [...offers].sort((left, right) => right.price.gpu - left.price.gpu);
    if (!first || !second) throw new Error('expected offers');
    await world.launch({ offer: first });
    await world.shop.clock.advance(5_000);
    await create(world.shop, {}, Number(second.providerId));
    await world.shop.clock.advance(12_000);
    expect(await world.refused(world.launch({ offer: second }))).toMatchObject({
      kind: 'no_capacity',
    });
    world.interfere((request) =>
      request.includes('"gte"') || request.includes('gpu_name')
        ? { status: 502, body: 'Bad Gateway' }
        : undefined,
    );
    const left = ids(await refresh(world));
    expect(left).not.toContain(first.providerId);
    expect(left).not.toContain(second.providerId);
    expect(left.size).toBeGreaterThan(990);
  });

  it('looks each time at the models that are asked for, wherever in the market they are', async () => {
    const rare = { ...aHost().gpu, vastName: 'H100 SXM', vramMb: 81_559 };
    const dear = aHost({ machineId: 90_000, gpu: rare, rates: { ...aHost().rates, gpuHour: 2.4 } });
    const other = { ...dear, machineId: 90_001, id: '90001' };
    const world = market([...machines(1_400), dear, other]);
    for (let refreshes = 0; refreshes < 3; refreshes += 1) await refresh(world);
    const offers = await refresh(world);
    const wanted = offers.find(({ gpuType }) => gpuType === 'H100 SXM');
    if (!wanted) throw new Error('expected the rare model');
    await world.launch({ offer: wanted });
    for (let refreshes = 0; refreshes < 5; refreshes += 1) {
      const found = (await refresh(world)).filter(({ gpuType }) => gpuType === 'H100 SXM');
      expect(found).toHaveLength(1);
      expect(oldest(world, found)).toBeLessThan(1.3);
    }
  });

  it('keeps what an empty or a cut answer lacks, until a second one lacks it too', async () => {
    const world = market(machines(100));
    await refresh(world);
    world.interfere(() => ({ status: 200, body: '{"offers":[]}' }));
    expect(await refresh(world)).toHaveLength(100);
    expect(await refresh(world)).toHaveLength(0);
    world.interfere(() => undefined);
    expect(await refresh(world)).toHaveLength(100);
  });

  it.each([
    ['ten minutes, where nothing is said', undefined, 10],
    ['it is told to', 4 * MINUTE_MS, 4],
    ['it is told to, also where that is long', 20 * MINUTE_MS, 20],
  ])('keeps no row for longer than %s', async (_, offersMaxAgeMs, minutes) => {
    const given = offersMaxAgeMs === undefined ? {} : { offersMaxAgeMs };
    const world = playedWorld({ hosts: machines(100), rateLimits: true }, given);
    await refresh(world);
    world.interfere((request) =>
      request.includes('"gte"') ? { status: 502, body: 'Bad Gateway' } : undefined,
    );
    for (let refreshes = 0; refreshes < minutes - 2; refreshes += 1) {
      expect(await refresh(world)).toHaveLength(100);
    }
    for (let refreshes = 0; refreshes < 4; refreshes += 1) await refresh(world);
    expect((await refresh(world)).length).toBe(64);
  });

  it('goes on where it was after refusals, and keeps what it knows', async () => {
    const world = market(machines(640));
    await refresh(world);
    let refused = 0;
    world.interfere((request) => {
      if (!request.includes('"gte"') || refused >= 2) return undefined;
      refused += 1;
      return { status: 429, body: 'API requests too frequent' };
    });
    const offers = await refresh(world);
    expect(offers.length).toBeGreaterThan(560);
    world.interfere(() => undefined);
    await refresh(world);
    expect(await refresh(world)).toHaveLength(640);
  });
});
