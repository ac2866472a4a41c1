import { afterEach, describe, expect, test } from 'vitest';
import type { Offer } from '../../src/domain/offer.ts';
import type { SessionRequest } from '../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { type BrokerWorld, brokerWorld } from '../support/broker-world.ts';
import { offer } from '../support/builders.ts';
import { type FakeInstance, fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

/** 40 cents an hour on demand; from 12 cents on for a bid. */
const AUCTIONED = offer({ minBid: 120_000 });
const BID = 150_000;

let world: BrokerWorld;

afterEach(() => world.close());

async function open(menu: readonly Offer[] = [AUCTIONED]): Promise<BrokerWorld> {
  const clock = manualClock();
  world = await brokerWorld({ clock, providers: [fakeProvider({ clock, menu })] });
  return world;
}

/** A session made with a bid, ten seconds later. */
async function bidden(overrides: Partial<SessionRequest> = {}, menu?: readonly Offer[]) {
  const { create, clock, provider, session } = await open(menu);
  const made = await create({ bidPerHour: BID, ...overrides });
  await clock.advance(10 * SECOND_MS);
  return { provider, id: made.session.id, now: await session(made.session.id) };
}

const ANY = { kind: 'requirements', filter: {}, prefer: 'price' } as const;

function taken(machine: FakeInstance | undefined): void {
  if (!machine) throw new Error('there is a machine');
  machine.phase = 'stopped';
  machine.address = undefined;
  machine.shown = { ...machine.shown, stopCause: 'outbid' };
}

describe('a bid', () => {
  test('is sent with the launch, and makes the price of the machine with its disk', async () => {
    const { provider, now } = await bidden();
    expect(provider.orders).toMatchObject([{ bidPerHour: BID }]);
    expect(now).toMatchObject({
      status: 'running',
      instances: [{ bidPerHour: BID, price: { gpu: BID, cpu: 0, ram: 0, disk: 20_000 } }],
    });
  });

  test('is not sent where none was made', async () => {
    const { create, provider } = await open();
    const { session } = await create();
    expect(provider.orders[0]).not.toHaveProperty('bidPerHour');
    expect(session.instances[0]).toMatchObject({ price: AUCTIONED.price });
  });

  test('of exactly the least is enough; of less is refused with the least, and rents nothing', async () => {
    const { create, provider } = await open();
    await expect(create({ bidPerHour: 119_999 })).rejects.toMatchObject({
      code: 'no_matching_offer',
      details: { offer_id: AUCTIONED.id, min_bid: 0.12 },
    });
    expect(provider.orders).toStrictEqual([]);
    await create({ bidPerHour: 120_000 });
    expect(provider.orders).toHaveLength(1);
  });

  test('for an offer that takes none is a fault of the request', async () => {
    const { create } = await open([offer()]);
    await expect(create({ bidPerHour: BID })).rejects.toMatchObject({
      code: 'validation_error',
      details: { details: [{ path: 'pricing' }] },
    });
  });

  test('with requirements goes to offers that take it, the cheapest with its disk first', async () => {
    const { provider, now } = await bidden({ choice: ANY }, [
      offer({ id: 'alpha-none', price: { gpu: 1, cpu: 0, ram: 0, disk: 1 } }),
      offer({ id: 'alpha-dear', minBid: BID + 1 }),
      offer({ id: 'alpha-disk', minBid: 100_000, diskMicroUsdPerGbHour: 900 }),
      offer({ id: 'alpha-fits', minBid: BID, price: { gpu: 9e6, cpu: 0, ram: 0, disk: 2e4 } }),
    ]);
    expect(provider.orders.map((order) => order.offer.id)).toStrictEqual(['alpha-fits']);
    expect(now.status).toBe('running');
  });

  test('too low for all of them is refused with a sentence about it', async () => {
    const { create } = await open([offer(), { ...AUCTIONED, id: 'alpha-2' }]);
    await expect(create({ bidPerHour: 1_000, choice: ANY })).rejects.toMatchObject({
      code: 'no_matching_offer',
      message: expect.stringContaining('as low as bid_price'),
      details: { offer_id: 'alpha-2', min_bid: 0.12 },
    });
  });

  test('where nothing takes bids is refused with a sentence that does not ask for more', async () => {
    const { create } = await open([offer()]);
    await expect(create({ bidPerHour: BID, choice: ANY })).rejects.toMatchObject({
      code: 'no_matching_offer',
      message: expect.stringContaining('no bids are known'),
    });
  });

  test('above the price on demand is refused, for an offer and for whatever fits', async () => {
    const { create, provider } = await open();
    for (const choice of [ANY, undefined]) {
      const failing = create({ bidPerHour: 380_001, ...(choice ? { choice } : {}) });
      await expect(failing).rejects.toMatchObject({
        code: 'no_matching_offer',
        message: expect.stringContaining('on demand'),
      });
    }
    expect(provider.count('launch')).toBe(0);
  });

  test('that comes to more than max_price is refused for that, and not for the prices on demand', async () => {
    const { create } = await open([AUCTIONED]);
    const failing = create({ bidPerHour: BID, maxPricePerHour: BID, choice: ANY });
    await expect(failing).rejects.toMatchObject({
      code: 'no_matching_offer',
      message: expect.stringContaining('max_price'),
      details: expect.objectContaining({
        near_misses: [
          expect.objectContaining({
            missing: [expect.objectContaining({ filter: 'max_price', offered: 0.17 })],
          }),
        ],
      }),
    });
  });

  test('counts against max_price with the disk, and not the price on demand', async () => {
    const { create, provider } = await open();
    await expect(create({ bidPerHour: BID, maxPricePerHour: BID + 19_999 })).rejects.toMatchObject({
      code: 'no_matching_offer',
    });
    await create({ bidPerHour: BID, maxPricePerHour: BID + 20_000 });
    expect(provider.orders).toHaveLength(1);
  });
});

describe('what was rented is read back before it is used', () => {
  test.each([
    ['on demand for a bid', BID, { interruptible: false }],
    ['above the bid', BID, { price: { gpu: BID + 1, cpu: 0, ram: 0, disk: 20_000 } }],
    ['above the bid, told as one sum', BID, { totalPerHour: BID + 20_001 }],
    ['with a bid for none', undefined, { interruptible: true }],
  ] as const)('%s: it is ended, and the next offer taken', async (_how, bidPerHour, shown) => {
    const { create, provider, clock, session } = await open([
      AUCTIONED,
      offer({ id: 'alpha-2', minBid: 120_000 }),
    ]);
    provider.onLaunch = (machine) => {
      if (provider.instances.length === 1) machine.shown = { ...machine.shown, ...shown };
    };
    const made = await create({ choice: ANY, ...(bidPerHour ? { bidPerHour } : {}) });
    await clock.advance(20 * SECOND_MS);
    expect(await session(made.session.id)).toMatchObject({
      status: 'running',
      instances: [{ state: 'gone', failure: { code: 'price_changed' } }, { state: 'launched' }],
    });
    expect(provider.instances.map(({ isGone }) => isGone)).toStrictEqual([true, false]);
  });

  test('below the bid is fine: a market may charge less', async () => {
    const { provider, clock, create, session } = await open();
    provider.onLaunch = (machine) => {
      machine.shown = { interruptible: true, price: { gpu: 130_000, cpu: 0, ram: 0, disk: 0 } };
    };
    const made = await create({ bidPerHour: BID });
    await clock.advance(10 * SECOND_MS);
    expect((await session(made.session.id)).status).toBe('running');
  });

  test('an image that cannot be had ends the session without another machine', async () => {
    const { create, provider, clock, session } = await open([
      AUCTIONED,
      offer({ id: 'alpha-2', minBid: 120_000 }),
    ]);
    provider.onLaunch = (machine) => {
      machine.phase = 'starting';
      machine.shown = { ...machine.shown, isOrderBad: true };
    };
    const made = await create({ choice: ANY });
    await clock.advance(30 * SECOND_MS);
    expect(await session(made.session.id)).toMatchObject({
      status: 'failed',
      stopReason: 'launch_failed',
      error: { code: 'image_unavailable' },
      instances: [{ state: 'gone' }],
    });
    expect(provider.instances.map(({ isGone }) => isGone)).toStrictEqual([true]);
  });
});

describe('a higher bid of somebody else', () => {
  test('ends a running session as outbid, and what is left of its machine', async () => {
    const { provider, id } = await bidden();
    taken(provider.instances[0]);
    await world.clock.advance(3 * MINUTE_MS);
    expect(await world.session(id)).toMatchObject({
      status: 'failed',
      stopReason: 'outbid',
      error: { code: 'outbid' },
      instances: [{ state: 'gone' }],
    });
    expect(provider.instances[0]?.isGone).toBe(true);
  });

  test('before anybody could log in is the reason too, where there is no other offer', async () => {
    const { create, provider, clock, session } = await open();
    provider.onLaunch = taken;
    const made = await create({ bidPerHour: BID });
    await clock.advance(3 * MINUTE_MS);
    expect(await session(made.session.id)).toMatchObject({
      status: 'failed',
      stopReason: 'outbid',
    });
  });

  test('before anybody could log in moves on to another offer, where that was asked for', async () => {
    const { create, provider, clock, session } = await open([
      AUCTIONED,
      offer({ id: 'alpha-2', minBid: 120_000 }),
    ]);
    provider.onLaunch = (machine) => {
      if (provider.instances.length === 1) taken(machine);
    };
    const made = await create({ bidPerHour: BID, choice: ANY });
    await clock.advance(3 * MINUTE_MS);
    expect(await session(made.session.id)).toMatchObject({
      status: 'running',
      instances: [{ failure: { code: 'outbid' } }, { state: 'launched', bidPerHour: BID }],
    });
  });

  test('that lasts less than the grace period ends nobody', async () => {
    const { provider, id } = await bidden();
    const [machine] = provider.instances;
    taken(machine);
    await world.clock.advance(30 * SECOND_MS);
    if (machine) provider.onStart(machine);
    await world.clock.advance(5 * MINUTE_MS);
    expect((await world.session(id)).status).toBe('running');
  });
});
