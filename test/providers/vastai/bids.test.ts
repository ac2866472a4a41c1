import { describe, expect, it } from 'vitest';
import { aHost, untilRunning } from '../../simulator/vastai/shop.ts';
import { playedWorld } from './played-world.ts';

const FOUR = aHost({ gpuCount: 4 });
const BID = 700_000;

/** Four GPUs whose least bid is 0.62, rented for 0.70. */
async function rented(options: Parameters<typeof playedWorld>[0] = {}) {
  const world = playedWorld({ hosts: [FOUR], ...options });
  const offers = await world.done(world.provider.offers());
  const offer = offers.find(({ gpuCount }) => gpuCount === 4);
  if (!offer) throw new Error('expected an offer');
  const id = await world.launch({ offer, bidPerHour: BID });
  return { world, offer, id };
}

describe('a bid on a Vast.ai offer', () => {
  it('is dollars for the whole machine, and read back as interruptible at its own price', async () => {
    const { world, offer, id } = await rented();
    expect(offer).toMatchObject({ interruptible: false, minBid: 620_000, preservable: true });
    const create = world.requests.find((request) => request.startsWith('PUT /api/v0/asks/'));
    expect(create).toContain('"price":0.7');
    await untilRunning(world.shop);
    expect(await world.look(id)).toMatchObject({
      interruptible: true,
      price: { gpu: BID, cpu: 0, ram: 0, disk: 12_500 },
    });
  });

  it('is never sent with a launch on demand', async () => {
    const world = playedWorld();
    const id = await world.launch();
    expect(world.requests.join()).not.toContain('price');
    expect(await world.look(id)).toMatchObject({ interruptible: false });
  });

  it.each(['bid', 'on-demand'] as const)(
    'shows no price but the agreed one before it runs, whatever the row says: %s',
    async (restingBidAs) => {
      const { world, id } = await rented({ quirks: { restingBidAs } });
      const seen = await world.look(id);
      expect(seen).toMatchObject({ phase: 'starting', interruptible: true });
      expect(seen).not.toHaveProperty('price');
      expect(seen).not.toHaveProperty('totalPerHour');
    },
  );

  it('that is too low is no capacity, with what it left behind', async () => {
    const { world, offer } = await rented();
    const low = { offer, bidPerHour: 500_000 };
    await world.shop.clock.advance(60_000);
    expect(await world.refused(world.launch(low))).toMatchObject({
      kind: 'no_capacity',
      outcome: 'not_done',
      leftover: undefined,
    });
    const leaving = playedWorld({ hosts: [FOUR], quirks: { lowBidAs: 'leftover' } });
    const failure = await leaving.refused(leaving.launch(low));
    expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
    const leftover = failure.leftover ?? '';
    await leaving.shop.clock.advance(60_000);
    expect(await leaving.look(leftover)).toMatchObject({ phase: 'stopped', interruptible: true });
    await leaving.done(leaving.provider.terminate(leftover));
    expect(await leaving.look(leftover)).toBeUndefined();
  });

  it('outside of the range is invalid', async () => {
    const world = playedWorld();
    expect(await world.refused(world.launch({ bidPerHour: 129_000_000 }))).toMatchObject({
      kind: 'invalid',
      outcome: 'not_done',
    });
  });
});
