import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.ts';
import { demand } from '../demand.ts';
import { orderFor, TAG } from '../launch-order.ts';
import { type SimulatedStage, simulatedStage } from '../simulated-stage.ts';
import type { ConformanceSubject } from '../subject.ts';

/** Machines that a higher bid takes away, at the simulated marketplace. */
export const SIMULATED_BIDS: readonly ConformanceCase[] = [
  {
    name: "launch: without a bid nothing of one is sent, and the machine is nobody else's to take",
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      demand(
        stage.requests.every((request) => !subject.bids(request)),
        'a bid was sent',
      );
      assert.equal(stage.truth(id).interruptible, false);
      const seen = await stage.seen(id, ({ phase }) => phase === 'running');
      assert.notEqual(seen.interruptible, true);
    },
  },
  {
    name: 'launch: a bid where there are none is refused before anything is sent',
    run: async (subject) => {
      if (!('bids' in subject.lacks)) return;
      const stage = simulatedStage(subject);
      const order = orderFor(await stage.offer(), { bidPerHour: 300_000 });
      const sent = stage.requests.length;
      const failure = await stage.failed(stage.provider.launch(order));
      assert.deepEqual([failure.kind, failure.outcome], ['invalid', 'not_done']);
      assert.equal(stage.requests.length, sent);
    },
  },
  bidding(
    'launch: a bid is sent, the machine is rented by it, and it is seen to be',
    async (stage, { minBid }) => {
      const id = await stage.rent({ bidPerHour: minBid });
      assert.equal(stage.truth(id).interruptible, true);
      const seen = await stage.seen(id, ({ phase }) => phase === 'running');
      assert.notEqual(seen.interruptible, false);
    },
  ),
  bidding('launch: what a bid is said to cost is what is billed', async (stage, { minBid }) => {
    const id = await stage.rent({ bidPerHour: minBid + 12_345 });
    const seen = await stage.seen(id, ({ phase }) => phase === 'running');
    const { gpu, cpu, ram, disk } = stage.market.rate(id);
    const billed = (gpu + cpu + ram + disk) * 1_000_000;
    const parts = seen.price && seen.price.gpu + seen.price.cpu + seen.price.ram + seen.price.disk;
    const off = (parts ?? seen.totalPerHour ?? billed) - billed;
    demand(Math.abs(off) <= 1, `${off} micro-dollars an hour off`);
  }),
  bidding(
    'launch: a bid is not more than what was meant, disk aside',
    async (stage, { minBid }) => {
      const id = await stage.rent({ bidPerHour: minBid });
      const { gpu, cpu, ram } = stage.market.rate(id);
      demand(Math.round((gpu + cpu + ram) * 1_000_000) <= minBid + 1, 'it costs more than was bid');
    },
  ),
  bidding(
    'launch: a bid below the least is no capacity, and names whatever exists all the same',
    async (stage, { minBid }) => {
      const order = orderFor(await stage.offer(), { bidPerHour: Math.floor(minBid / 2) });
      const failure = await stage.failed(stage.provider.launch(order));
      assert.deepEqual([failure.kind, failure.outcome], ['no_capacity', 'not_done']);
      const left = stage.living(TAG).map(({ id }) => id);
      assert.deepEqual(left, failure.leftover === undefined ? [] : [failure.leftover]);
    },
  ),
  bidding(
    'get: a machine that was outbid is stopped, for that reason or for none, and still exists',
    async (stage, { minBid }) => {
      const id = await stage.rent({ bidPerHour: minBid });
      await stage.seen(id, ({ phase }) => phase === 'running');
      stage.market.outbid(id);
      const seen = await stage.seen(id, ({ phase }) => phase === 'stopped');
      demand(
        seen.stopCause === undefined || seen.stopCause === 'outbid',
        'it was stopped for another reason',
      );
    },
  ),
  bidding('terminate: a machine that was outbid ends', async (stage, { minBid }) => {
    const id = await stage.rent({ bidPerHour: minBid });
    await stage.seen(id, ({ phase }) => phase === 'running');
    stage.market.outbid(id);
    await stage.done(stage.provider.terminate(id));
    await stage.gone(id);
  }),
];

interface Bid {
  readonly minBid: number;
}

function bidding(
  name: string,
  show: (stage: SimulatedStage, bid: Bid) => Promise<void>,
): ConformanceCase {
  return {
    name,
    needs: 'bids',
    run: async (subject: ConformanceSubject) => {
      const stage = simulatedStage(subject);
      await show(stage, { minBid: await leastBid(stage) });
    },
  };
}

/** Where no list tells the least bid it has to be found out, which takes some refreshes. */
async function leastBid(stage: SimulatedStage): Promise<number> {
  for (let refreshes = 0; refreshes < 20; refreshes += 1) {
    const { minBid } = await stage.offer();
    if (minBid !== undefined) return minBid;
    await stage.clock.advance(60_000);
  }
  return assert.fail('the offer names no least bid');
}
