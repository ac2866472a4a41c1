import type { MarketKind } from './calibration.ts';

const GOOD = { serves: 0.95 };
const BAD = { serves: 0.02 };

/** From the market of the reports, in which most offers are bad, to one in which nothing is learned of a machine by trying it. */
export const MARKETS: readonly MarketKind[] = [
  {
    name: 'six of ten machines are bad, and stay so',
    machines: [
      { weight: 4, ...GOOD },
      { weight: 6, ...BAD },
    ],
    goneShare: 0.05,
    prior: 0.6,
    picks: 'best of ten',
  },
  {
    name: 'six of ten are bad, and it changes within the day',
    machines: [
      { weight: 4, ...GOOD },
      { weight: 6, ...BAD },
    ],
    goneShare: 0.1,
    renewedAfterHours: 18,
    prior: 0.6,
    picks: 'best of ten',
  },
  {
    name: 'four of ten offers are gone, machines are all alike',
    machines: [{ weight: 1, serves: 0.9 }],
    goneShare: 0.4,
    prior: 0.6,
    picks: 'any',
  },
  {
    name: 'some are good, many so-so, some bad',
    machines: [
      { weight: 3, ...GOOD },
      { weight: 4, serves: 0.7 },
      { weight: 3, ...BAD },
    ],
    goneShare: 0.1,
    prior: 0.3,
    picks: 'best of ten',
  },
  {
    name: 'nearly all are good',
    machines: [
      { weight: 9, ...GOOD },
      { weight: 1, ...BAD },
    ],
    goneShare: 0.02,
    prior: 0.6,
    picks: 'best',
  },
];
