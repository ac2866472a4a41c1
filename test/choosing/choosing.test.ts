import { expect, test } from 'vitest';
import { MIXES } from '../../src/simulator/vices.ts';
import { type Figures, figuresOf, taleOf } from './figures.ts';
import { runMarket } from './market-world.ts';
import { STRATEGIES, type Strategy } from './strategies.ts';

/** As small as a market can be that still has six bad offers in ten of each kind; `npm run choosing` has large ones. */
const SMALL = {
  seed: 1,
  mix: MIXES['60 % bad'],
  hosts: { vast: 60, tensordock: 10 },
  hours: 2,
  perHour: 16,
  reservationHours: [1],
};
/** A world of hours takes its time on a shared core. */
const WORLD_MS = 180_000;

/** Takes what is least likely to serve: nothing that is learnt makes it better. */
const WORST: Strategy = {
  name: 'least likely first',
  ranking: () => (fitting) =>
    fitting.toSorted((left, right) => left.availabilityConfidence - right.availabilityConfidence),
};

async function outcomeOf(strategy: Strategy) {
  const report = await runMarket({ ...SMALL, strategy });
  const tale = taleOf(report, { seed: SMALL.seed, mix: SMALL.mix.name, strategy: strategy.name });
  return { figures: figuresOf([tale], 'all'), violations: tale.violations };
}

/**
 * The targets with so much to spare that no small change of chance is news. Of two dozen requests of a broker that knows nothing
 * yet the slowest twentieth is one request: the median stands for the attempts.
 */
function isFarOff({ servedShare, attemptsMedian, wasteShare }: Figures): boolean {
  return servedShare < 0.85 || attemptsMedian > 3 || wasteShare > 0.2;
}

test(
  'requests in a market of which most is bad are served, after few attempts and for little waste',
  async () => {
    const { figures, violations } = await outcomeOf(STRATEGIES.ours);
    expect(violations).toEqual([]);
    expect(figures.requests).toBeGreaterThan(15);
    expect(isFarOff(figures), JSON.stringify(figures)).toBe(false);
  },
  WORLD_MS,
);

test(
  'which somebody who chooses badly in the same market does not reach',
  async () => {
    const { figures } = await outcomeOf(WORST);
    expect(isFarOff(figures), JSON.stringify(figures)).toBe(true);
  },
  WORLD_MS,
);
