import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer } from '../../src/domain/offer.ts';
import type { OfferFilter } from '../../src/domain/offer-filter.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { Menu, MenuQuery } from '../../src/inventory/menu.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { manualClock } from '../support/manual-clock.ts';
import { offersArbitrary, searchArbitrary } from './filter-arbitraries.ts';
import { expectedOffers, type Search } from './filter-reference.ts';
import { NOW, world } from './http-world.ts';

const RUNS = 1000;
const PROVIDERS = ['vastai', 'tensordock'];

interface OffersPage {
  readonly offers: readonly { readonly id: string }[];
  readonly count: number;
  readonly total: number;
}

interface Asker {
  /** Puts these offers on the menu that is asked from now on. */
  stock(offers: readonly Offer[]): void;
  ask(search: Search): Promise<OffersPage>;
}

/** One server for many menus: building one takes longer than asking it. */
function asker(around: (menu: Menu) => Menu = (menu) => menu): Asker {
  let menu = around(shelfOf([]));
  const { inject } = world({
    providers: PROVIDERS,
    menu: {
      query: (query) => menu.query(query),
      get: (id) => menu.get(id),
      health: () => menu.health(),
      edition: () => menu.edition(),
    },
  });
  return {
    stock: (offers) => {
      menu = around(shelfOf(offers));
    },
    ask: async (search) => {
      const answer = await inject(`/offers?${new URLSearchParams(search).toString()}`);
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json<OffersPage>();
    },
  };
}

function shelfOf(offers: readonly Offer[]): Shelf {
  const sources = PROVIDERS.map((name) => ({ api: name, name }));
  const clock = manualClock({ startAt: NOW });
  const shelf = new Shelf({ sources, clock, policy: DEFAULT_POLICY, record: new TrackRecord() });
  for (const name of PROVIDERS) {
    shelf.stock(
      name,
      offers.filter(({ provider }) => provider === name),
      NOW,
    );
  }
  return shelf;
}

interface Limits {
  readonly numRuns: number;
  /** Nobody reads the smallest of the failures that have to come. */
  readonly endOnFailure?: true;
}

async function agree({ stock, ask }: Asker, limits: Limits): Promise<void> {
  await fc.assert(
    fc.asyncProperty(offersArbitrary, searchArbitrary, async (offers, search) => {
      stock(offers);
      const page = await ask(search);
      const expected = expectedOffers(offers, search);
      expect({ ids: page.offers.map(({ id }) => id), total: page.total }).toEqual(expected);
      expect(page.count).toBe(page.offers.length);
    }),
    limits,
  );
}

describe('GET /offers', () => {
  it('finds what an independent reading of the contract finds, in the same order', async () => {
    await agree(asker(), { numRuns: RUNS });
  });

  it('has pages that are disjoint and together are everything', async () => {
    const { stock, ask } = asker();
    const pageSize = fc.integer({ min: 1, max: 12 });
    await fc.assert(
      fc.asyncProperty(offersArbitrary, searchArbitrary, pageSize, async (offers, search, size) => {
        stock(offers);
        const { limit: _limit, offset: _offset, ...rest } = search;
        const { ids: all, total } = expectedOffers(offers, rest);
        const seen: string[] = [];
        for (let offset = 0; offset <= total; offset += size) {
          const page = await ask({ ...rest, limit: String(size), offset: String(offset) });
          expect(page.total).toBe(total);
          seen.push(...page.offers.map(({ id }) => id));
        }
        expect(seen).toEqual(all);
      }),
      { numRuns: RUNS / 5 },
    );
  });
});

describe('the comparison with the reference', () => {
  it('is mostly about searches that find something and leave something out', () => {
    const drawn = fc.sample(fc.tuple(offersArbitrary, searchArbitrary), { numRuns: 500, seed: 1 });
    const telling = drawn.filter(([offers, search]) => {
      const { total } = expectedOffers(offers, search);
      return total > 0 && total < offers.length;
    });
    expect(telling.length).toBeGreaterThan(150);
  });

  it.each<[string, (query: MenuQuery) => MenuQuery]>([
    ['forgets the provider', (query) => without(query, 'provider')],
    ['forgets the GPU type', (query) => without(query, 'gpuTypes')],
    ['looks at the first GPU type alone', (query) => firstTypeOnly(query)],
    ['forgets the place', (query) => without(query, 'location')],
    ['forgets the memory', (query) => without(query, 'minVramGb')],
    ['forgets the price', (query) => without(query, 'maxPricePerHour')],
    ['lets a price a micro-dollar above pass', (query) => dearerByOne(query)],
    ['forgets the number of GPUs', (query) => without(query, 'minGpuCount')],
    ['forgets the reliability', (query) => without(query, 'minReliability')],
    ['forgets the confidence', (query) => without(query, 'minAvailabilityConfidence')],
    ['reads CUDA versions as decimals', (query) => decimalCuda(query)],
    ['turns the order round', (query) => ({ ...query, descending: !query.descending })],
    ['sorts by the whole price always', (query) => ({ ...query, sort: 'price_per_hour' })],
    ['leaves out one more', (query) => ({ ...query, offset: query.offset + 1 })],
    ['shows one more', (query) => ({ ...query, limit: query.limit + 1 })],
  ])('tells a menu that %s', async (_what, change) => {
    const broken = asker((menu) => ({
      query: (query) => menu.query(change(query)),
      get: (id) => menu.get(id),
      health: () => menu.health(),
      edition: () => menu.edition(),
    }));
    await expect(agree(broken, { numRuns: 5 * RUNS, endOnFailure: true })).rejects.toThrow(
      'Property failed',
    );
  });
});

function changed(query: MenuQuery, change: (filter: OfferFilter) => OfferFilter): MenuQuery {
  return { ...query, filters: query.filters.map(change) };
}

function without(query: MenuQuery, field: keyof OfferFilter): MenuQuery {
  return changed(query, ({ [field]: _left, ...filter }) => filter);
}

function firstTypeOnly(query: MenuQuery): MenuQuery {
  return changed(query, ({ gpuTypes, ...filter }) =>
    gpuTypes ? { ...filter, gpuTypes: gpuTypes.slice(0, 1) } : filter,
  );
}

function dearerByOne(query: MenuQuery): MenuQuery {
  return changed(query, ({ maxPricePerHour: ceiling, ...filter }) =>
    ceiling === undefined ? filter : { ...filter, maxPricePerHour: ceiling + 1 },
  );
}

function decimalCuda(query: MenuQuery): MenuQuery {
  return changed(query, ({ minCuda, ...filter }) =>
    minCuda === undefined ? filter : { ...filter, minCuda: String(Number(minCuda)) },
  );
}
