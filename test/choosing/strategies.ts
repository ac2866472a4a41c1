import { totalPerHour } from '../../src/domain/offer.ts';
import { askedPrice } from '../../src/domain/placement.ts';
import type { Ranking } from '../../src/domain/ranking.ts';
import type { Chance } from '../../src/simulator/model.ts';

/** A way of choosing among the offers that fit. Everything else is the broker's own in each of them. */
export interface Strategy {
  readonly name: string;
  /** Undefined: as the broker does it in production. */
  readonly ranking: ((chance: Chance) => Ranking) | undefined;
}

/** What a broker does that knows prices and nothing else. */
const cheapestFirst: Ranking = (fitting, request) =>
  fitting.toSorted(
    (left, right) =>
      totalPerHour(askedPrice(left, request)) - totalPerHour(askedPrice(right, request)),
  );

/** What a careful person does with the figure that marketplaces show; the cheaper of equals. */
const mostReliableFirst: Ranking = (fitting, request) =>
  cheapestFirst(fitting, request).toSorted((left, right) => right.reliability - left.reliability);

function atRandom(chance: Chance): Ranking {
  return (fitting) =>
    fitting
      .map((offer) => ({ offer, place: chance.next() }))
      .toSorted((left, right) => left.place - right.place)
      .map(({ offer }) => offer);
}

export const STRATEGIES = {
  ours: { name: 'ours', ranking: undefined },
  'cheapest first': { name: 'cheapest first', ranking: () => cheapestFirst },
  random: { name: 'random', ranking: atRandom },
  'most reliable first': { name: 'most reliable first', ranking: () => mostReliableFirst },
} as const satisfies Readonly<Record<string, Strategy>>;
