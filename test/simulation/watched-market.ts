import type { SimMarket } from '../../src/simulator/market.ts';
import type { SimInstance } from '../../src/simulator/model.ts';
import type { Tally } from './tally.ts';

/** The API knows of no instance at all, shows none in its lists, or answers no list; the instances live on. */
export type FogKind = 'forgets all' | 'hides from lists' | 'refuses lists';

/** Who stands at the marketplace's counter beside one deployment's calls. */
export interface CounterWatch {
  readonly tally: Tally;
  readonly isIn: (fog: FogKind) => boolean;
  readonly onEnd: (instance: SimInstance) => void;
  readonly onRent: (label: string | null, result: string, instance?: SimInstance) => void;
  readonly onListed: (instances: readonly SimInstance[]) => void;
}

/** The marketplace as one deployment's façades see it. */
export function watchedMarket(market: SimMarket, watch: CounterWatch): SimMarket {
  const known = (id: string): SimInstance | undefined =>
    watch.isIn('forgets all') ? undefined : market.instance(id);
  return {
    ...market,
    instance: known,
    listed: (of) => {
      const isHidden = watch.isIn('forgets all') || watch.isIn('hides from lists');
      const listed = isHidden ? [] : market.listed(of);
      countLag(market, listed, watch.tally);
      watch.onListed(listed);
      return listed;
    },
    destroy: (id) => {
      const before = known(id);
      if (before) watch.onEnd(before);
      const isAccepted = market.destroy(id);
      const after = market.instance(id);
      const isLie = isAccepted && after?.state !== 'gone' && after?.deletingUntil === null;
      if (isLie) watch.tally.count('market lying delete');
      return isAccepted;
    },
    stop: (id, how) => {
      const before = known(id);
      if (before) watch.onEnd(before);
      return market.stop(id, how);
    },
    rent: async (order) => {
      const result = await market.rent(order);
      if (result.kind === 'rented') {
        const { instance } = result;
        watch.tally.count(`launched on ${instance.host.nature} by ${instance.madeBy}`);
        watch.onRent(order.label, result.kind, instance);
      } else {
        watch.tally.count(`launch ${result.kind}`);
        watch.onRent(order.label, result.kind);
      }
      return result;
    },
  };
}

function countLag(market: SimMarket, listed: readonly SimInstance[], tally: Tally): void {
  if (listed.some((instance) => instance.state === 'gone'))
    tally.count('market list shows a gone one');
  const now = market.clock.now();
  const isLate = market
    .instances()
    .some((instance) => instance.state !== 'gone' && now < instance.listedFrom);
  if (isLate) tally.count('market list lacks a new one');
}
