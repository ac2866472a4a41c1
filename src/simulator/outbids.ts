import type { SimMs } from './model.ts';
import type { InstanceRecord, World } from './world.ts';

interface Auction {
  /** When it began to run. */
  readonly at: SimMs;
  readonly outbid: (at: SimMs) => void;
  readonly regain: (at: SimMs) => void;
}

/**
 * What the market's other bidders do to a machine that was rented by a bid. From a stream of its own, because worlds without
 * bids are to stay what they were.
 */
export function outbidOnceItRuns(world: World, record: InstanceRecord, auction: Auction): void {
  const { outbids } = world.temper;
  if (outbids === null || !record.view.interruptible) return;
  const chance = record.chance.fork(`outbid ${auction.at}`);
  const isOutbid = chance.hit(outbids.share);
  const at = auction.at + chance.int(outbids.afterMs.low, outbids.afterMs.high);
  const until = at + chance.int(outbids.lastMs.low, outbids.lastMs.high);
  if (!isOutbid) return;
  const { runningSince } = record.view;
  // Not among the plans that a stop crosses out: the other bid stays the higher one whatever becomes of ours.
  world.agenda.enter(at, (due) => {
    if (record.view.runningSince === runningSince) auction.outbid(due);
  });
  world.agenda.enter(until, auction.regain);
}
