import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Offer, StartUp } from '../../src/domain/offer.ts';
import { PRICE_PARTS } from '../../src/domain/offer.ts';
import {
  type ExpectedCost,
  expectedCost,
  menuExpectedCost,
  RANKING_WEIGHTS,
  rankingTerms,
} from '../../src/domain/ranking.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { offer } from '../support/builders.ts';

const START_UP: StartUp = {
  bootMs: MINUTE_MS,
  readyTimeoutMs: 10 * MINUTE_MS,
  serverReadyTimeoutMs: 40 * MINUTE_MS,
  billedParts: ['disk'],
};

type Wish = Parameters<typeof rankingTerms>[0];

function ranked(one: Offer, more: Partial<Wish> = {}): ExpectedCost {
  const terms = rankingTerms({ reservationHours: 2, workload: { kind: 'ssh' }, ...more });
  return expectedCost(one, one.price, terms);
}

function cost(overrides: Partial<Offer>, more: Partial<Wish> = {}): number {
  return ranked(offer({ startUp: START_UP, ...overrides }), more).total;
}

describe('the expected cost of a working session', () => {
  test('is the rent and the start where a launch surely works', () => {
    const one = offer({ availabilityConfidence: 1, startUp: START_UP });
    const { rent, start, failures, total } = ranked(one);
    expect(rent).toBe(2 * 400_000);
    expect(failures).toBe(0);
    expect(total).toBe(rent + start);
  });

  test('adds up to its parts', () => {
    const one = offer({ availabilityConfidence: 0.3, startUp: START_UP });
    const { rent, start, failures, total } = ranked(one);
    expect(total).toBe(rent + start + failures);
  });

  test('lets a cheap offer that seldom works stand behind a dearer one that does', () => {
    const gamble = {
      price: { gpu: 300_000, cpu: 0, ram: 0, disk: 0 },
      availabilityConfidence: 0.1,
    };
    const sure = { price: { gpu: 400_000, cpu: 0, ram: 0, disk: 0 }, availabilityConfidence: 0.9 };
    expect(cost(sure)).toBeLessThan(cost(gamble));
  });

  test('lets the price decide the longer the reservation is', () => {
    const cheap = { price: { gpu: 300_000, cpu: 0, ram: 0, disk: 0 }, availabilityConfidence: 0.5 };
    const sure = { price: { gpu: 400_000, cpu: 0, ram: 0, disk: 0 }, availabilityConfidence: 0.9 };
    const gap = (reservationHours: number) =>
      cost(cheap, { reservationHours }) - cost(sure, { reservationHours });
    expect(gap(1)).toBeGreaterThan(0);
    expect(gap(12)).toBeLessThan(0);
  });

  test('counts what a failed launch is billed for: where the whole rate runs from creation, more', () => {
    const fromCreation = { startUp: { ...START_UP, billedParts: PRICE_PARTS } };
    expect(cost({ ...fromCreation, availabilityConfidence: 0.3 })).toBeGreaterThan(
      cost({ availabilityConfidence: 0.3 }),
    );
  });

  test('counts for how long a machine that does not come up is waited and paid for', () => {
    const hasty = cost({ availabilityConfidence: 0.3 }, { readyTimeoutMs: 2 * MINUTE_MS });
    const patient = cost({ availabilityConfidence: 0.3 }, { readyTimeoutMs: 60 * MINUTE_MS });
    expect(hasty).toBeLessThan(cost({ availabilityConfidence: 0.3 }));
    expect(patient).toBeGreaterThan(cost({ availabilityConfidence: 0.3 }));
  });

  test('counts the traffic and the time of what a server downloads', () => {
    const workload = {
      kind: 'entrypoint',
      image: 'vllm/vllm-openai',
      model: { server: 'vllm', modelId: 'Qwen/Qwen2.5-7B-Instruct' },
      ports: [8000],
    } as const;
    const charged = { downloadMicroUsdPerGb: 20_000, inetDownMbps: 1_000 };
    const free = { inetDownMbps: 1_000 };
    // 10 GB of image and 14 of model at two cents, in the good case alone.
    expect(cost(charged, { workload }) - cost(free, { workload })).toBeGreaterThan(480_000);
    expect(cost({ inetDownMbps: 50 }, { workload })).toBeGreaterThan(cost(free, { workload }));
    expect(cost(charged) - cost(free)).toBeLessThan(10_000);
  });

  test('is finite for an offer of which nothing good is known', () => {
    const hopeless = cost({ availabilityConfidence: 0 });
    expect(Number.isSafeInteger(hopeless)).toBe(true);
    expect(hopeless).toBe(cost({ availabilityConfidence: RANKING_WEIGHTS.leastChance }));
  });

  test('on the menu is that of an hour as the offer is shown', () => {
    const one = offer({ startUp: START_UP });
    expect(menuExpectedCost(one)).toBe(ranked(one, { reservationHours: 1 }).total);
  });
});

const chance = fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100);
const someOffer = fc
  .record({ gpu: fc.integer({ min: 10_000, max: 9_000_000 }), chance })
  .map(({ gpu, chance: availabilityConfidence }) =>
    offer({
      price: { gpu, cpu: 0, ram: 0, disk: 20_000 },
      availabilityConfidence,
      startUp: START_UP,
    }),
  );

test('grows with the price and falls with the chance', () => {
  fc.assert(
    fc.property(someOffer, fc.integer({ min: 1, max: 12 }), (one, reservationHours) => {
      const at = (change: Partial<Offer>) => cost({ ...one, ...change }, { reservationHours });
      const dearer = { ...one.price, gpu: one.price.gpu + 1_000 };
      expect(at({ price: dearer })).toBeGreaterThan(at({}));
      const better = one.availabilityConfidence + 0.01;
      expect(at({ availabilityConfidence: better })).toBeLessThan(at({}));
    }),
  );
});

test('is what to order by: no other order of the same tries costs less in expectation', () => {
  fc.assert(
    fc.property(fc.array(someOffer, { minLength: 1, maxLength: 5 }), (offers) => {
      const best = offers.toSorted((left, right) => ranked(left).total - ranked(right).total);
      const least = Math.min(...permutations(offers).map(costOfOrder));
      expect(costOfOrder(best)).toBeLessThanOrEqual(least * (1 + 1e-6) + 10);
    }),
    { numRuns: 60 },
  );
});

/** What trying them in this order costs in expectation until one works; that none does costs the same in every order. */
function costOfOrder(order: readonly Offer[]): number {
  let reached = 1;
  let sum = 0;
  for (const one of order) {
    const { rent, start, failures, chance: works } = ranked(one);
    const ofFailure = works === 1 ? 0 : (failures * works) / (1 - works);
    sum += reached * (works * (rent + start) + (1 - works) * ofFailure);
    reached *= 1 - works;
  }
  return sum;
}

function permutations(offers: readonly Offer[]): (readonly Offer[])[] {
  if (offers.length <= 1) return [offers];
  return offers.flatMap((first, index) =>
    permutations(offers.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}
