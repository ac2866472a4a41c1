import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Offer } from '../../src/domain/offer.ts';
import { totalPerHour } from '../../src/domain/offer.ts';
import { matchesFilter, type OfferFilter } from '../../src/domain/offer-filter.ts';
import { menuExpectedCost } from '../../src/domain/ranking.ts';
import { offersOn } from '../../src/inventory/found-offers.ts';
import { type MenuQuery, SORT_KEYS, type SortKey } from '../../src/inventory/menu.ts';
import { OfferIndex } from '../../src/inventory/offer-index.ts';
import { offer } from '../support/builders.ts';

interface Found {
  readonly offers: readonly Offer[];
  readonly total: number;
}

function found(index: OfferIndex, query: MenuQuery): Found {
  const { total, ...page } = index.query(query);
  return { offers: offersOn(page), total };
}

/** What the index is held against: all offers, filtered and sorted one by one. */
function plainQuery(offers: readonly Offer[], query: MenuQuery): Found {
  const matching = offers
    .filter((one) => query.filters.every((filter) => matchesFilter(one, filter)))
    .sort((left, right) => {
      const difference = VALUE[query.sort](left) - VALUE[query.sort](right);
      if (difference !== 0) return query.descending ? -difference : difference;
      return left.id < right.id ? -1 : 1;
    });
  const page = matching.slice(query.offset, query.offset + query.limit);
  return { offers: page, total: matching.length };
}

const VALUE: Readonly<Record<SortKey, (one: Offer) => number>> = {
  price_per_hour: (one) => totalPerHour(one.price),
  price_per_gpu_hour: (one) => totalPerHour(one.price) / one.gpuCount,
  vram_gb: (one) => one.vramGb,
  gpu_count: (one) => one.gpuCount,
  reliability: (one) => one.reliability,
  availability_confidence: (one) => one.availabilityConfidence,
  expected_cost: menuExpectedCost,
};

const GPUS = ['RTX 4090', 'RTX 4090D', 'A100 SXM4', 'A100 PCIe', 'H100'];
const VERSIONS = ['11.8', '12.9', '12.10', '13.0'];
const SHARES = [0, 0.5, 0.9, 0.95, 0.999, 1];
const share = fc.oneof(fc.constantFrom(...SHARES), fc.double({ min: 0, max: 1, noNaN: true }));
const micro = fc.oneof(fc.constantFrom(0, 100, 200, 400), fc.nat(1_000));

const traits = fc.record({
  provider: fc.constantFrom('alpha', 'beta'),
  gpuType: fc.constantFrom(...GPUS),
  gpuCount: fc.constantFrom(1, 2, 4, 8),
  vramGb: fc.constantFrom(16, 24, 80),
  reliability: share,
  availabilityConfidence: share,
  location: fc.constantFrom('Amsterdam, NL', 'California, US', 'Rack 7', ''),
  country: fc.constantFrom('NL', 'US', ''),
  cudaVersion: fc.option(fc.constantFrom(...VERSIONS), { nil: undefined }),
  facts: fc.option(fc.record({ gpu_ram: fc.constantFrom(1, 2, 3) }), { nil: undefined }),
  gpu: micro,
  disk: micro,
});

/** More than the 64 checkpoints of a column, and more than one word of bits. */
const someOffers: fc.Arbitrary<readonly Offer[]> = fc
  .array(traits, { maxLength: 200, size: 'max' })
  .map((drawn) =>
    drawn.map(({ gpu, disk, cudaVersion, facts, ...rest }, number) =>
      offer({
        ...rest,
        id: `o${number}`,
        price: { gpu, cpu: 0, ram: 0, disk },
        ...(cudaVersion === undefined ? {} : { cudaVersion }),
        ...(facts === undefined ? {} : { facts }),
      }),
    ),
  );

const condition = fc.record({
  field: fc.constant('gpu_ram'),
  operator: fc.constantFrom('gte' as const, 'lt' as const),
  wanted: fc.constantFrom(1, 2, 3),
});

const filter: fc.Arbitrary<OfferFilter> = fc.record(
  {
    provider: fc.constantFrom('alpha', 'beta', 'gamma'),
    gpuTypes: fc.array(fc.constantFrom('4090', 'a100', 'H100', 'nothing'), { minLength: 1 }),
    location: fc.constantFrom('NL', 'us', 'california', 'rack'),
    minVramGb: fc.constantFrom(0, 16, 17, 24, 80, 81),
    maxPricePerHour: micro,
    minGpuCount: fc.constantFrom(1, 2, 3, 8, 9),
    minReliability: share,
    minAvailabilityConfidence: share,
    minCuda: fc.constantFrom('11', '12.9', '12.10', '14.0'),
    template: fc.record({ hashId: fc.constant('t'), conditions: fc.array(condition) }),
  },
  { requiredKeys: [] },
);

const query: fc.Arbitrary<MenuQuery> = fc.record({
  filters: fc.array(filter, { maxLength: 5 }),
  sort: fc.constantFrom(...SORT_KEYS),
  descending: fc.boolean(),
  limit: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.constant(1_000)),
  offset: fc.oneof(fc.constant(0), fc.nat(60)),
});

/** Several questions to one index: what one of them leaves behind must not show in the next. */
function agree(
  ask: (index: OfferIndex, asked: MenuQuery) => Found,
  settings: { readonly numRuns: number; readonly endOnFailure?: boolean },
): void {
  fc.assert(
    fc.property(someOffers, fc.array(query, { minLength: 1, maxLength: 6 }), (offers, asked) => {
      const index = new OfferIndex(offers);
      for (const one of asked) expect(ask(index, one)).toStrictEqual(plainQuery(offers, one));
    }),
    settings,
  );
}

describe('the index', () => {
  test('answers as a plain filter and sort of all offers does', () => {
    agree(found, { numRuns: 1_500 });
  });

  test('answers as if what was removed had not been there', () => {
    fc.assert(
      fc.property(someOffers, fc.func(fc.boolean()), fc.array(query), (offers, goes, asked) => {
        const index = new OfferIndex(offers);
        const gone = new Set(offers.filter(({ id }) => goes(id)));
        for (const one of gone) index.remove(one);
        const left = offers.filter((one) => !gone.has(one));
        for (const one of asked) expect(found(index, one)).toStrictEqual(plainQuery(left, one));
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, (asked: MenuQuery) => MenuQuery]>([
    ['takes a bound for a little more', (one) => ({ ...one, filters: one.filters.map(nudged) })],
    ['forgets a kind', (one) => forgetful(one, 'gpuTypes')],
    ['forgets the template', (one) => forgetful(one, 'template')],
    ['begins one too late', (one) => ({ ...one, offset: one.offset + 1 })],
    ['turns the order round', (one) => ({ ...one, descending: !one.descending })],
  ])('would be caught if it %s', (_what, change) => {
    // What the smallest such menu is, nobody asks: to find it takes minutes.
    const settings = { numRuns: 3_000, endOnFailure: true };
    const broken = (index: OfferIndex, one: MenuQuery): Found => found(index, change(one));
    expect(() => agree(broken, settings)).toThrow('Property failed');
  });
});

function nudged(asked: OfferFilter): OfferFilter {
  return asked.minVramGb === undefined ? asked : { ...asked, minVramGb: asked.minVramGb + 0.5 };
}

function forgetful(asked: MenuQuery, field: keyof OfferFilter): MenuQuery {
  return { ...asked, filters: asked.filters.map(({ [field]: _left, ...rest }) => rest) };
}
