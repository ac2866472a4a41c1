import { makeTag } from '../../src/domain/ids.ts';
import type { Chance, Market } from '../../src/simulator/model.ts';
import { orderOn } from '../simulator/market-world.ts';
import { randomOf } from './fakes.ts';
import type { Api } from './plan.ts';
import type { Stage } from './stage.ts';

/** Rents behind the broker's back, under a tag of its deployment that no row has heard of. */
export async function plantOrphan(
  { market, plan, tally }: Stage,
  deploymentId: string,
  chance: Chance,
): Promise<void> {
  const markets = [...new Set(plan.apis.map(marketOf))];
  const hosts = markets.flatMap((name) => market.hosts(name));
  const free = hosts.filter((one) => market.freeGpus(one.id) > 0);
  if (free.length === 0) return tally.count('market orphan planted: nowhere');
  const host = chance.pick(free);
  const sessionId = `sess-${randomOf(chance).token(16)}`;
  const label = makeTag({ deploymentId, sessionId, attempt: 1 });
  const result = await market.rent(orderOn(host, { label, madeBy: 'nobody' }));
  tally.count(`market orphan planted: ${result.kind}`);
}

function marketOf(api: Api): Market {
  return api === 'vastai' ? 'vastai' : 'tensordock';
}
