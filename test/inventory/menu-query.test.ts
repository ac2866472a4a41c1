import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Offer } from '../../src/domain/offer.ts';
import { totalPerHour } from '../../src/domain/offer.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { menuExpectedCost } from '../../src/domain/ranking.ts';
import { offersOn } from '../../src/inventory/found-offers.ts';
import { SORT_KEYS, type SortKey } from '../../src/inventory/menu.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { offer } from '../support/builders.ts';
import { manualClock } from '../support/manual-clock.ts';

/** Few values, so that ties are common. */
const someOffers: fc.Arbitrary<readonly Offer[]> = fc
  .uniqueArray(fc.nat(500), { maxLength: 40 })
  .chain((numbers) =>
    fc.tuple(
      ...numbers.map((number) =>
        fc
          .record({
            gpuCount: fc.constantFrom(1, 2, 4),
            vramGb: fc.constantFrom(16, 24),
            reliability: fc.constantFrom(0.9, 0.99),
            availabilityConfidence: fc.constantFrom(0.5, 0.8),
            gpu: fc.constantFrom(100, 200, 400),
          })
          .map(({ gpu, ...fields }) =>
            offer({ id: `o${number}`, price: { gpu, cpu: 0, ram: 0, disk: 0 }, ...fields }),
          ),
      ),
    ),
  );

const VALUE: Readonly<Record<SortKey, (one: Offer) => number>> = {
  price_per_hour: (one) => totalPerHour(one.price),
  price_per_gpu_hour: (one) => totalPerHour(one.price) / one.gpuCount,
  vram_gb: (one) => one.vramGb,
  gpu_count: (one) => one.gpuCount,
  reliability: (one) => one.reliability,
  availability_confidence: (one) => one.availabilityConfidence,
  expected_cost: menuExpectedCost,
};

const sortKey = fc.constantFrom(...SORT_KEYS);

function shelfWith(offers: readonly Offer[]): Shelf {
  const clock = manualClock();
  const sources = [{ api: 'alpha', name: 'alpha' }];
  const shelf = new Shelf({ sources, clock, policy: DEFAULT_POLICY, record: new TrackRecord() });
  shelf.stock('alpha', offers, clock.now());
  return shelf;
}

test('pages are disjoint and together the whole, in whichever order and of whatever size', () => {
  const size = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(someOffers, sortKey, fc.boolean(), size, (offers, sort, descending, limit) => {
      const shelf = shelfWith(offers);
      const ids: string[] = [];
      for (let offset = 0; offset <= offers.length; offset += limit) {
        const page = shelf.query({ filters: [], sort, descending, limit, offset });
        expect(page.total).toBe(offers.length);
        ids.push(...offersOn(page).map(({ id }) => id));
      }
      expect(ids).toHaveLength(offers.length);
      expect(new Set(ids)).toStrictEqual(new Set(offers.map(({ id }) => id)));
    }),
  );
});

test('offers are in order, and ties are in order of their id, whichever way the order runs', () => {
  fc.assert(
    fc.property(someOffers, sortKey, fc.boolean(), (offers, sort, descending) => {
      const query = { filters: [], sort, descending, limit: 1_000, offset: 0 };
      const sorted = offersOn(shelfWith(offers).query(query));
      const sign = descending ? -1 : 1;
      for (const [index, right] of sorted.slice(1).entries()) {
        const left = sorted[index];
        const difference = left ? VALUE[sort](left) - VALUE[sort](right) : 0;
        expect(difference * sign).toBeLessThanOrEqual(0);
        if (left && difference === 0) expect(left.id < right.id).toBe(true);
      }
    }),
  );
});

test('the order of the menu does not depend on the order in which offers came', () => {
  fc.assert(
    fc.property(someOffers, sortKey, (offers, sort) => {
      const query = { filters: [], sort, descending: false, limit: 1_000, offset: 0 };
      const backwards = shelfWith(offers.toReversed()).query(query);
      expect(offersOn(backwards)).toStrictEqual(offersOn(shelfWith(offers).query(query)));
    }),
  );
});

test('the total counts what matches, not what is on the page', () => {
  const offers = [1, 2, 3].map((gpuCount) => offer({ id: `o${gpuCount}`, gpuCount }));
  const page = shelfWith(offers).query({
    filters: [{ minGpuCount: 2 }],
    sort: 'gpu_count',
    descending: true,
    limit: 1,
    offset: 0,
  });
  expect(page.total).toBe(2);
  expect(offersOn(page).map(({ id }) => id)).toStrictEqual(['o3']);
});
