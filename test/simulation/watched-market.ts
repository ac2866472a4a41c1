import type { SimMarket } from '../../src/simulator/market.ts';
import type { SimInstance } from '../../src/simulator/model.ts';
import type { Weather } from './fog.ts';
import type { Tally } from './tally.ts';

/** Who stands at the marketplace's counter beside one deployment's calls. */
export interface CounterWatch {
  readonly tally: Tally;
  readonly weather: Weather;
  readonly onEnd: (instance: SimInstance) => void;
  readonly onRent: (label: string | null, result: string, instance?: SimInstance) => void;
  readonly onListed: (instances: readonly SimInstance[]) => void;
}

/** The marketplace as one deployment's façades see it. */
export function watchedMarket(market: SimMarket, watch: CounterWatch): SimMarket {
  const known = (id: string): SimInstance | undefined =>
    watch.weather.isIn('forgets all') ? undefined : market.instance(id);
  return {
    ...market,
    instance: known,
    listed: (of) => {
      const all = market.listed(of);
      const listed = inFog(all, watch);
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

/** What is left of a list where the market itself does not show all, by the first kind of fog that there is. */
function inFog(
  all: readonly SimInstance[],
  { weather, tally }: CounterWatch,
): readonly SimInstance[] {
  const kind = HIDING.find((one) => weather.isIn(one));
  if (kind === undefined) return all;
  const shown = kind === 'hides half' ? all.filter(({ id }) => isOfTheShownHalf(id)) : [];
  if (shown.length < all.length) tally.count(`fog ${kind}`);
  return shown;
}

const HIDING = ['forgets all', 'hides from lists', 'hides half'] as const;

function isOfTheShownHalf(id: string): boolean {
  return id.charCodeAt(id.length - 1) % 2 === 0;
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
