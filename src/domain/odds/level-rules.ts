import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.ts';
import type { Outcome } from './outcome.ts';
import type { Level } from './place.ts';

/** How much one kind of outcome counts at a level at first, in launches, and in which time half of that is gone. */
export interface Weight {
  readonly launches: number;
  readonly halfLifeMs: number;
}

export interface LevelRule {
  /** How many launches' worth what is believed without this level's own record is worth. */
  readonly strength: number;
  readonly weights: Readonly<Record<Outcome['kind'], Weight>>;
}

/**
 * The weights of experience, in one place.
 *
 * The more general a level, the more launches it takes to change what is believed: machines of one host differ more than
 * launches of one machine do. A machine that broke, or served, mostly does so again (strength below one launch).
 *
 * That an offer is gone is news of lists, which are late by minutes to an hour, and not of the machine, which somebody else
 * has: it is held against the other slices of it, which overlap, and never against its host. The very same offer on the
 * list an hour later was never taken off, so that it is doubted for longer. A site whose list is wrong stays so, and the same
 * model there first of all. That a machine is broken holds for days, until
 * somebody repairs it.
 */
export const LEVEL_RULES: Readonly<Record<Level, LevelRule>> = {
  site: {
    strength: 5,
    weights: {
      ran: { launches: 1, halfLifeMs: DAY_MS },
      gone: { launches: 0.3, halfLifeMs: 2 * HOUR_MS },
      broken: { launches: 1, halfLifeMs: DAY_MS },
    },
  },
  model: {
    strength: 2.5,
    weights: {
      ran: { launches: 1, halfLifeMs: DAY_MS },
      gone: { launches: 0.7, halfLifeMs: HOUR_MS },
      broken: { launches: 1, halfLifeMs: DAY_MS },
    },
  },
  host: {
    strength: 6,
    weights: {
      ran: { launches: 1, halfLifeMs: 2 * DAY_MS },
      gone: { launches: 0, halfLifeMs: HOUR_MS },
      broken: { launches: 1, halfLifeMs: 2 * DAY_MS },
    },
  },
  machine: {
    strength: 0.6,
    weights: {
      ran: { launches: 1, halfLifeMs: 2 * DAY_MS },
      gone: { launches: 0.5, halfLifeMs: 30 * MINUTE_MS },
      broken: { launches: 1, halfLifeMs: 2 * DAY_MS },
    },
  },
  offer: {
    strength: 0.6,
    weights: {
      ran: { launches: 1, halfLifeMs: 2 * DAY_MS },
      gone: { launches: 1, halfLifeMs: 3 * HOUR_MS },
      broken: { launches: 1, halfLifeMs: 2 * DAY_MS },
    },
  },
};

/** What so many launches' weight is worth after a time. */
export function decayed({ launches, halfLifeMs }: Weight, ageMs: number): number {
  // A clock that was set back makes nothing weigh more than when it was new.
  return launches * Math.exp((-Math.LN2 * Math.max(0, ageMs)) / halfLifeMs);
}
