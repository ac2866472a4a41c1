import type { SimMs } from './model.ts';
import { sumOf } from './rates.ts';
import { type InstanceRecord, trafficOf, type World } from './world.ts';

/**
 * Forgets instances that were gone before; what they cost has been paid. A market that is traded on for days then takes no more memory than one of
 * hours. Each market's newest instance stays, because numbers go on from it.
 */
export function forgetGone(world: World, before: SimMs): void {
  const newest = new Map([...world.records.values()].map((record) => [record.view.market, record]));
  for (const [id, record] of world.records) {
    const { market, goneAt } = record.view;
    if (goneAt === null || goneAt >= before || newest.get(market) === record) continue;
    pay(world, record);
    world.records.delete(id);
    world.forgotten += 1;
  }
  const isForgotten = (record: InstanceRecord): boolean => !world.records.has(record.view.id);
  for (const [place, record] of world.addresses) {
    if (isForgotten(record)) world.addresses.delete(place);
  }
  for (const [place, { record }] of world.ports) {
    if (isForgotten(record)) world.ports.delete(place);
  }
}

function pay(world: World, record: InstanceRecord): void {
  const { market } = record.view;
  const now = world.clock.now();
  const { down, up } = trafficOf(world, record, { from: 0, to: now + 1 });
  const spent = sumOf(record.meter.total(now)) + down + up;
  world.deposit = { ...world.deposit, [market]: world.deposit[market] - spent };
}
