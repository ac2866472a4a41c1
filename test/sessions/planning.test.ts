import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { BrokerError } from '../../src/domain/errors.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { type Choice, PREFERENCES, type SessionRequest } from '../../src/domain/session.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer, request } from '../support/builders.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

let world: BrokerWorld;
afterEach(() => world.close());

const ANY: Choice = { kind: 'requirements', filter: {}, prefer: 'expected_cost' };

function priced(id: string, gpu: number, more: Partial<Offer> = {}): Offer {
  return offer({ id, price: { gpu, cpu: 0, ram: 0, disk: 20_000 }, ...more });
}

async function open(menu: readonly Offer[], usd?: number): Promise<BrokerWorld> {
  const clock = manualClock();
  const provider = fakeProvider({ clock, menu });
  if (usd !== undefined) provider.balance = async () => ({ amount: usd * 1_000_000 });
  world = await brokerWorld({ clock, providers: [provider] });
  return world;
}

function plan(asked: Partial<SessionRequest>, limit = 10) {
  return world.broker.sessions.plan(request(asked), limit);
}

/** What was decided, or the refusal's code and details. */
function outcome<Decided>(work: Promise<Decided>) {
  return work.then(
    (decided) => decided,
    (error: unknown) => {
      if (error instanceof BrokerError) return { code: error.code, ...error.details };
      throw error;
    },
  );
}

describe('a plan', () => {
  test('lists what fits in the order in which it is tried, with price, cost and reasons', async () => {
    await open([priced('dear', 900_000), priced('cheap', 100_000), priced('middle', 400_000)]);
    const { candidates, fitting, rankedBy, shortfalls } = await plan({ choice: ANY, diskGb: 100 });
    expect(candidates.map(({ offer: { id } }) => id)).toStrictEqual(['cheap', 'middle', 'dear']);
    expect(candidates[0]?.perHour).toBe(140_000);
    expect(candidates[0]?.reasons[0]).toBe('the least expected cost of a session that works');
    expect(candidates[1]?.reasons[0]).toMatch(/expected cost is 0\.\d{3} USD above the best's$/);
    expect([fitting, rankedBy, shortfalls]).toStrictEqual([3, 'expected_cost', []]);
  });

  test('shows no more than asked for, and counts them all', async () => {
    await open([priced('a', 1), priced('b', 2), priced('c', 3)]);
    const { candidates, fitting } = await plan({ choice: ANY }, 2);
    expect([candidates.length, fitting]).toStrictEqual([2, 3]);
  });

  test('of a given offer names that, and what may stand in for it', async () => {
    await open([priced('given', 400_000), priced('like', 410_000), priced('dear', 900_000)]);
    const choice = {
      kind: 'offer-or-like',
      offerId: 'given',
      scope: 'same_gpu',
      maxRetries: 3,
    } as const;
    const { candidates, rankedBy } = await plan({ choice });
    expect(candidates.map(({ offer: { id } }) => id)).toStrictEqual(['given', 'like']);
    expect(candidates[0]?.reasons[0]).toBe('the offer that is named');
    expect(rankedBy).toBe('offer_id');
  });

  test('leaves out what the account does not carry, and says so', async () => {
    await open(
      [priced('best', 900_000, { availabilityConfidence: 1 }), priced('poor', 300_000)],
      1,
    );
    await world.clock.advance(5 * MINUTE_MS);
    const choice: Choice = { kind: 'requirements', filter: {}, prefer: 'price' };
    const { candidates, shortfalls } = await plan({ choice, reservationHours: 2 });
    expect(candidates.map(({ offer: { id } }) => id)).toStrictEqual(['poor']);
    expect(shortfalls).toMatchObject([{ provider: 'alpha', offers: 1 }]);
    expect(shortfalls[0]?.shortfall.needed).toBe(1_840_000);
  });

  test('rents nothing and writes nothing', async () => {
    const { provider, store, recorder } = await open([priced('a', 1)]);
    const before = recorder.events.length;
    await plan({ choice: ANY });
    await world.clock.advance(MINUTE_MS);
    expect(provider.count('launch')).toBe(0);
    expect((await store.page({ limit: 1, offset: 0 })).total).toBe(0);
    expect(recorder.events).toHaveLength(before);
  });

  test.each<[string, Partial<SessionRequest>]>([
    [
      'nothing fits',
      { choice: { kind: 'requirements', filter: { minVramGb: 80 }, prefer: 'vram' } },
    ],
    ['the offer is unknown', { choice: { kind: 'offer', offerId: 'none' } }],
    ['the disk is too large', { choice: { kind: 'offer', offerId: 'a' }, diskGb: 5_000 }],
    ['the account is too poor', { choice: ANY, reservationHours: 12 }],
  ])('refuses what a create refuses: %s', async (_, asked) => {
    await open([priced('a', 900_000)], 1);
    await world.clock.advance(5 * MINUTE_MS);
    const planned = await outcome(plan(asked));
    expect(planned).toHaveProperty('code');
    expect(planned).toStrictEqual(await outcome(world.create(asked)));
  });
});

const someOffer = fc
  .record({
    id: fc.nat(9_999).map(String),
    gpu: fc.integer({ min: 50_000, max: 900_000 }),
    vramGb: fc.constantFrom(16, 24, 80),
    reliability: fc.constantFrom(0.5, 0.9, 0.99),
    availabilityConfidence: fc.constantFrom(0.1, 0.5, 0.9),
    machineId: fc.constantFrom('m1', 'm2', 'm3'),
  })
  .map(({ id, gpu, ...more }) => priced(id, gpu, more));

const someChoice = fc.record({
  kind: fc.constant('requirements' as const),
  filter: fc.constantFrom({}, { minVramGb: 24 }, { minReliability: 0.9 }),
  prefer: fc.constantFrom(...PREFERENCES),
});

test('the first of a plan is what a create rents then', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(someOffer, { minLength: 1, maxLength: 6, selector: ({ id }) => id }),
      fc.array(someChoice, { minLength: 1, maxLength: 3 }),
      fc.constantFrom(undefined, 1, 3),
      async (menu, choices, usd) => {
        await open(menu, usd);
        await world.clock.advance(4 * MINUTE_MS);
        for (const choice of choices) {
          const planned = await outcome(plan({ choice }));
          const made = await outcome(world.create({ choice }));
          const first = 'candidates' in planned ? planned.candidates[0]?.offer.id : planned;
          const rented = 'session' in made ? made.session.instances[0]?.offer.id : made;
          expect(first).toStrictEqual(rented);
        }
        await world.close();
      },
    ),
    { numRuns: 15 },
  );
  await open([priced('a', 1)]);
});
