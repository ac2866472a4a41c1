import type { Theme } from './plan.ts';

export interface KeptSeed {
  readonly seed: number;
  readonly theme: Theme;
  readonly taught: string;
  /** The directed world in which the lesson lives on. */
  readonly directed: string;
}

/**
 * Seeds of random worlds that once broke a promise. A seed means the same world only as long as plans are drawn as they
 * were then, and every new kind of trouble changes the draws: so each lesson also has a directed world, which stays.
 */
export const KEPT_SEEDS: readonly KeptSeed[] = [
  {
    seed: 237,
    theme: 'mixed',
    taught:
      'an instance that began to run while the broker was down was ended before it was looked at',
    directed: 'a stop comes before the first look',
  },
  {
    seed: 818,
    theme: 'mixed',
    taught: 'of a launch that arrived twice only the refusal of the second was heard',
    directed: 'launches are delivered twice',
  },
  {
    seed: 54,
    theme: 'bad lists',
    taught: 'two sweeps wrote one orphan down, and a person ended one of the rows',
    directed: 'a person ends what two APIs show, and names one of them',
  },
  {
    seed: 1100,
    theme: 'stale backup',
    taught: 'an attempt that the rows had forgotten lived on at another marketplace',
    directed: 'a backup from before an attempt at the other marketplace is restored',
  },
  {
    seed: 2,
    theme: 'kept disks',
    taught:
      'who was outbid was not told so where a contract at rest shows another price than its bid',
    directed: 'a machine with a kept disk is outbid',
  },
  {
    seed: 65,
    theme: 'kept disks',
    taught:
      'somebody bid more while no list was answered: what is booked until that shows is no mistake',
    directed: 'machines are bid for, outbid, and given back',
  },
  {
    seed: 97,
    theme: 'kept disks',
    taught: 'a restored backup had forgotten that a machine was at rest for minutes',
    directed: 'a backup from before the stop is restored',
  },
  {
    seed: 1079,
    theme: 'clock',
    taught: 'a launch of unknown outcome was waited for by a clock that was set back',
    directed: 'the clock is set back while a launch that never was is sought',
  },
  {
    seed: 346,
    theme: 'blind nets',
    taught: 'without the reconciler an inherited intent waited for a list that nobody made',
    directed: 'an intent is inherited and nothing sweeps',
  },
  {
    seed: 1110,
    theme: 'blind nets',
    taught: 'a machine had run and been stopped before any list was answered',
    directed: 'a machine runs and is stopped while nobody answers',
  },
  {
    seed: 32884,
    theme: 'mixed',
    taught: 'a machine had run and been taken away while the broker was down',
    directed: 'a machine runs and is taken away while nobody answers',
  },
  {
    seed: 32163,
    theme: 'two starts in a row',
    taught: 'neighbours had rented every host before an orphan was planted',
    directed: 'more orphans are to be planted than the market has room for',
  },
  {
    seed: 20883,
    theme: 'blind nets',
    taught: 'the only list of an API showed for ever what a session had lost since',
    directed: 'an attempt is lost after a restart, and one API is listed no more',
  },
  {
    seed: 165,
    theme: 'kept disks',
    taught: 'a machine stopped while nobody answered, and was ended before it was seen at rest',
    directed: 'a machine stops unseen and its disk is given up, TensorDock v0',
  },
  {
    seed: 198,
    theme: 'kept disks',
    taught: 'a list from before a start undid what the start had opened in the ledger',
    directed: 'nobody answers after a kept machine was started, TensorDock v0',
  },
];
