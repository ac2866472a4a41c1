import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  readHostnode,
  readHostnodes,
} from '../../../../src/providers/tensordock/v2/hostnode-wire.ts';
import { offersAt } from '../../../../src/providers/tensordock/v2/sites.ts';
import { readLocations } from '../../../../src/providers/tensordock/v2/wire.ts';
import {
  DOCUMENTED_HOSTNODE,
  DOCUMENTED_HOSTNODE_DETAILS,
  DOCUMENTED_LOCATIONS,
} from './examples.ts';

const DEFAULTS = { vcpus: 8, ramGb: 32 };
const LOCATIONS = readLocations(DOCUMENTED_LOCATIONS) ?? [];

/** The documented hostnode with one value, however deep, in place of another. */
const spoilt = fc
  .tuple(fc.constantFrom(...pathsIn(DOCUMENTED_HOSTNODE_DETAILS)), fc.jsonValue())
  .map(([path, value]) => withValue(DOCUMENTED_HOSTNODE_DETAILS, path, value));

function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

function withValue(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof whole !== 'object' || whole === null) return whole;
  const inner = withValue(Reflect.get(whole, key), rest, value);
  return Array.isArray(whole)
    ? whole.map((each, index) => (String(index) === key ? inner : each))
    : { ...whole, [key]: inner };
}

test('no answer in place of hostnodes throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      readHostnodes(json);
      readHostnode(json);
    }),
  );
});

test('a spoilt hostnode costs no other, no location, and makes no offer that cannot be', () => {
  fc.assert(
    fc.property(spoilt, (row) => {
      const hostnodes = readHostnodes({ data: { hostnodes: [row, DOCUMENTED_HOSTNODE] } });
      const offers = offersAt({ at: 0, locations: LOCATIONS, hostnodes }, DEFAULTS);
      expect(offers.length).toBeGreaterThanOrEqual(7 + 4);
      expect(new Set(offers.map(({ id }) => id)).size).toBe(offers.length);
      for (const offer of offers) {
        const { price, cpuCores = 0, ramGb = 0, maxDiskGb = 0, reliability } = offer;
        for (const mbps of [offer.inetDownMbps ?? 1, offer.inetUpMbps ?? 1]) {
          expect(mbps).toBeGreaterThan(0);
          expect(mbps).toBeLessThanOrEqual(10_000_000);
        }
        expect(Object.values(price).every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(
          true,
        );
        expect(price.gpu).toBeGreaterThan(0);
        expect(Math.min(cpuCores, ramGb)).toBeGreaterThanOrEqual(1);
        expect(maxDiskGb).toBeGreaterThanOrEqual(100);
        expect(reliability).toBeGreaterThanOrEqual(0);
        expect(reliability).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 500 },
  );
});
