import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gpuTypeMatches } from '../../src/domain/gpu-name.ts';
import { locationMatches } from '../../src/domain/location.ts';
import type { Offer } from '../../src/domain/offer.ts';
import {
  compareVersions,
  FILTER_FIELDS,
  failedFields,
  matcherOf,
  matchesFilter,
  type OfferFilter,
} from '../../src/domain/offer-filter.ts';
import { offer } from '../support/builders.ts';

const PLAIN = { noNullPrototype: true } as const;
const NAMES = ['RTX 4090', 'RTX 4090D', 'A100 SXM4', 'H100'] as const;
const VERSIONS = ['11.8', '12.1', '12.9', '12.10', '13.0'] as const;
const share = fc.constantFrom(0, 0.25, 0.5, 0.75, 1);

const someOffer: fc.Arbitrary<Offer> = fc
  .record(
    {
      provider: fc.constantFrom('alpha', 'beta'),
      gpuType: fc.constantFrom(...NAMES),
      gpuCount: fc.integer({ min: 1, max: 8 }),
      vramGb: fc.constantFrom(16, 24, 40, 80),
      price: fc.record({ gpu: fc.nat(9), cpu: fc.nat(3), ram: fc.nat(3), disk: fc.nat(3) }, PLAIN),
      location: fc.constantFrom('Oslo, NO', 'Ohio, US', 'Nowhere'),
      country: fc.constantFrom('NO', 'US', ''),
      reliability: share,
      availabilityConfidence: share,
      cudaVersion: fc.constantFrom(...VERSIONS),
    },
    {
      requiredKeys: [
        'provider',
        'gpuType',
        'gpuCount',
        'vramGb',
        'price',
        'location',
        'country',
        'reliability',
        'availabilityConfidence',
      ],
      ...PLAIN,
    },
  )
  .map((fields) => offer(fields));

const someFilter: fc.Arbitrary<OfferFilter> = fc.record(
  {
    provider: fc.constantFrom('alpha', 'beta', 'gamma'),
    gpuTypes: fc.uniqueArray(fc.constantFrom('4090', 'rtx4090d', 'a100', 'h200'), { maxLength: 3 }),
    location: fc.constantFrom('oslo', 'us', 'no', 'Ohio'),
    minVramGb: fc.constantFrom(16, 24, 25, 80),
    maxPricePerHour: fc.nat(18),
    minGpuCount: fc.integer({ min: 1, max: 9 }),
    minReliability: share,
    minAvailabilityConfidence: share,
    minCuda: fc.constantFrom(...VERSIONS),
  },
  { requiredKeys: [], ...PLAIN },
);

test('an offer matches exactly when it meets each given wish, taken one by one', () => {
  fc.assert(
    fc.property(someOffer, someFilter, (one, filter) => {
      expect(matchesFilter(one, filter)).toBe(meetsAll(one, filter));
    }),
    { numRuns: 500 },
  );
});

/** The contract's table, read anew and without the code under test's own table. */
function meetsAll(one: Offer, filter: OfferFilter): boolean {
  const { gpu, cpu, ram, disk } = one.price;
  const order: readonly (string | undefined)[] = VERSIONS;
  const least = (has: number, wanted: number | undefined): boolean => has >= (wanted ?? 0);
  return [
    [one.provider, undefined].includes(filter.provider),
    filter.gpuTypes === undefined ||
      filter.gpuTypes.some((type) => gpuTypeMatches(one.gpuType, type)),
    filter.location === undefined || locationMatches(one, filter.location),
    least(one.vramGb, filter.minVramGb),
    gpu + cpu + ram + disk <= (filter.maxPricePerHour ?? Number.POSITIVE_INFINITY),
    least(one.gpuCount, filter.minGpuCount),
    least(one.reliability, filter.minReliability),
    least(one.availabilityConfidence, filter.minAvailabilityConfidence),
    filter.minCuda === undefined || order.indexOf(one.cudaVersion) >= order.indexOf(filter.minCuda),
  ].every(Boolean);
}

test('many offers are matched as each is alone', () => {
  fc.assert(
    fc.property(fc.array(someOffer, { maxLength: 8 }), someFilter, (offers, filter) => {
      const matches = matcherOf(filter);
      expect(offers.filter(matches)).toStrictEqual(
        offers.filter((one) => matchesFilter(one, filter)),
      );
    }),
  );
});

test('the fields that fail are those that fail alone, and none means a match', () => {
  fc.assert(
    fc.property(someOffer, someFilter, (one, filter) => {
      const failed = failedFields(one, filter);
      const alone = FILTER_FIELDS.filter(
        (field) => filter[field] !== undefined && !matchesFilter(one, { [field]: filter[field] }),
      );
      expect(failed).toStrictEqual(alone);
      expect(failed.length === 0).toBe(matchesFilter(one, filter));
    }),
  );
});

test('an empty filter keeps every offer', () => {
  fc.assert(fc.property(someOffer, (one) => matchesFilter(one, {})));
});

test('no list of GPU types matches any of none', () => {
  expect(matchesFilter(offer(), { gpuTypes: [] })).toBe(false);
});

test('an offer whose CUDA version is unknown or unreadable meets no wish for one', () => {
  expect(matchesFilter(offer(), { minCuda: '1.0' })).toBe(false);
  expect(matchesFilter(offer({ cudaVersion: 'n/a' }), { minCuda: '1.0' })).toBe(false);
});

describe('versions', () => {
  test.each([
    ['12.10', '12.9', 1],
    ['12.9', '12.10', -1],
    ['12.4', '12.4', 0],
    ['13.0', '12.9', 1],
    ['12', '12.0', 0],
    ['9.2', '10.0', -1],
    ['', '0.0', 0],
  ])('%j compared with %j gives the sign %i', (left, right, sign) => {
    expect(Math.sign(compareVersions(left, right))).toBe(sign);
    expect(Math.sign(compareVersions(right, left))).toBe(sign === 0 ? 0 : -sign);
  });
});
