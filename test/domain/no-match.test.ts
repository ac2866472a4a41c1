import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainNoMatch } from '../../src/domain/no-match.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { matchesFilter, type OfferFilter } from '../../src/domain/offer-filter.ts';
import { candidates } from '../../src/domain/placement.ts';
import type { SessionRequest } from '../../src/domain/session.ts';
import { shortcomingOf, wishesOf } from '../../src/domain/wishes.ts';
import { offer, request } from '../support/builders.ts';

function priced(id: string, gpu: number, more: Partial<Offer> = {}): Offer {
  return offer({ id, price: { gpu, cpu: 0, ram: 0, disk: 20_000 }, ...more });
}

function explained(
  offers: readonly Offer[],
  filter: OfferFilter,
  asked: Partial<SessionRequest> = {},
) {
  const no = explainNoMatch(offers, wishesOf(request(asked), filter));
  const nearest = no.nearest.map(({ offer: { id }, missing }) => ({
    id,
    missing: missing.map(({ field }) => field),
  }));
  return { removals: no.removals, nearest };
}

const offers = [
  priced('a', 1, { vramGb: 16, reliability: 0.5 }),
  priced('b', 2, { vramGb: 16, reliability: 0.99 }),
  priced('c', 3, { vramGb: 24, reliability: 0.5, gpuCount: 1 }),
];

describe('a "no" is explained', () => {
  test('by the wishes that removed any, and by how many each removed alone', () => {
    const { removals } = explained(offers, { minVramGb: 80, minReliability: 0.9 });
    expect(removals).toStrictEqual([
      { field: 'minVramGb', offers: 3, alone: 1 },
      { field: 'minReliability', offers: 2, alone: 0 },
    ]);
  });

  test('by the offers to which least is lacking, one of each that lack the same', () => {
    const { nearest } = explained(offers, { minVramGb: 80, minReliability: 0.9 });
    expect(nearest).toStrictEqual([
      { id: 'b', missing: ['minVramGb'] },
      { id: 'c', missing: ['minVramGb', 'minReliability'] },
    ]);
  });

  test('by no more than three of them', () => {
    const menu = [
      priced('1', 1, { vramGb: 16 }),
      priced('2', 1, { reliability: 0.5 }),
      priced('3', 1, { vramGb: 16, reliability: 0.5 }),
      priced('4', 1, { gpuCount: 0 }),
    ];
    const wanted = { minVramGb: 24, minReliability: 0.9, minGpuCount: 1 };
    expect(explained(menu, wanted).nearest).toHaveLength(3);
  });

  test('by the cheapest of the right kind before a nearly free one of another kind', () => {
    const menu = [
      priced('wrong', 1, { gpuType: 'RTX 3060' }),
      priced('dear', 900_000, { gpuType: 'H100' }),
      priced('near', 800_000, { gpuType: 'H100' }),
    ];
    const { nearest } = explained(menu, { gpuTypes: ['H100'], maxPricePerHour: 100_000 });
    expect(nearest[0]).toStrictEqual({ id: 'near', missing: ['maxPricePerHour'] });
  });

  test('by the least that is lacking in all, each as a share of its wish', () => {
    const menu = [
      priced('half the memory', 1, { vramGb: 40 }),
      priced('a little less of both', 1, { vramGb: 72, reliability: 0.9 }),
    ];
    const { nearest } = explained(menu, { minVramGb: 80, minReliability: 0.99 });
    expect(nearest[0]?.id).toBe('a little less of both');
  });

  test('by what is no filter too: the disk, the ports, the ceiling with this disk, a kept disk, the maker', () => {
    const one = priced('a', 80_000, { maxDiskGb: 100, maxOpenPorts: 2, gpuVendor: 'amd' });
    const { nearest } = explained(
      [one],
      {},
      {
        diskGb: 200,
        keepsDisk: true,
        maxPricePerHour: 90_000,
        workload: { kind: 'entrypoint', image: 'nginx', ports: [80, 81] },
      },
    );
    expect(nearest[0]?.missing).toStrictEqual([
      'ceiling',
      'disk',
      'keptDisk',
      'ports',
      'makersImages',
    ]);
  });

  test('by nothing where nothing was on offer, or where no wish is to blame', () => {
    expect(explained([], { minVramGb: 80 })).toStrictEqual({ removals: [], nearest: [] });
    expect(explained(offers, {})).toStrictEqual({ removals: [], nearest: [] });
  });

  test('by a template where that removed most', () => {
    const template = {
      hashId: 'a1',
      conditions: [{ field: 'gpu_ram', operator: 'gte', wanted: 30_000 }],
    } as const;
    const small = offer({ id: 'alpha-1', facts: { gpu_ram: 24_564 } });
    const { removals } = explained([small, offer({ id: 'beta-1' })], { template });
    expect(removals[0]).toStrictEqual({ field: 'template', offers: 2, alone: 2 });
  });
});

const someOffer = fc
  .record({
    id: fc.nat(9_999).map(String),
    gpu: fc.integer({ min: 1, max: 200_000 }),
    vramGb: fc.constantFrom(16, 24, 80),
    maxDiskGb: fc.constantFrom(40, 500),
    maxOpenPorts: fc.constantFrom(1, 4),
    minBid: fc.constantFrom(1, 100_000),
    preservable: fc.constant(true as const),
    gpuVendor: fc.constantFrom('nvidia' as const, 'amd' as const),
  })
  .map(({ id, gpu, ...more }) => priced(id, gpu, more));

const someRequest = fc.record({
  diskGb: fc.constantFrom(30, 60),
  workload: fc.constantFrom<SessionRequest['workload']>(
    { kind: 'ssh' },
    { kind: 'entrypoint', image: 'nginx', ports: [80, 81] },
  ),
  bid: fc.constantFrom(undefined, 50_000),
  ceiling: fc.constantFrom(undefined, 100_000),
  keeps: fc.boolean(),
});

const someFilter = fc.constantFrom<OfferFilter>(
  {},
  { minVramGb: 24 },
  { gpuTypes: ['4090'], maxPricePerHour: 90_000 },
);

test('an offer lacks nothing exactly where it is a candidate', () => {
  fc.assert(
    fc.property(
      someOffer,
      someRequest,
      someFilter,
      (one, { bid, ceiling, keeps, ...rest }, filter) => {
        const asked = request({
          ...rest,
          choice: { kind: 'requirements', filter, prefer: 'expected_cost' },
          ...(bid === undefined ? {} : { bidPerHour: bid }),
          ...(ceiling === undefined ? {} : { maxPricePerHour: ceiling }),
          ...(keeps ? { keepsDisk: true as const } : {}),
        });
        const { missing } = shortcomingOf(one, wishesOf(asked, filter));
        expect(missing.length === 0).toBe(candidates([one], asked, []).length === 1);
        expect(missing.length === 0 && !matchesFilter(one, filter)).toBe(false);
      },
    ),
  );
});
