import type { Offer } from '../offer.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS } from '../time.ts';
import { decayed, LEVEL_RULES } from './level-rules.ts';
import type { Outcome } from './outcome.ts';
import { LEVELS, type Level, type Place, sharedLevel } from './place.ts';

/** A launch whose outcome is known. */
export interface Experience {
  readonly place: Place;
  readonly outcome: Outcome;
}

/** How much speaks for and against, in launches. */
export interface Evidence {
  readonly successes: number;
  readonly failures: number;
}

/**
 * What is believed of a launch at this place before the market as a whole is looked at. From the most general level to the
 * most telling, each level's own record is mixed with what was believed so far, worth `strength` launches: the mean of a
 * Beta distribution. Each launch counts once, at the most telling level that it shares with the place.
 */
export function chanceAt(
  place: Place,
  prior: number,
  { near, now }: { readonly near: readonly Experience[]; readonly now: EpochMs },
): number {
  if (near.length === 0) return prior;
  const evidence = evidenceByLevel(place, near, now);
  return LEVELS.toReversed().reduce((belief, level) => {
    const { successes, failures } = evidence.get(level) ?? NO_EVIDENCE;
    const { strength } = LEVEL_RULES[level];
    return (strength * belief + successes) / (strength + successes + failures);
  }, prior);
}

const NO_EVIDENCE: Evidence = { successes: 0, failures: 0 };

function evidenceByLevel(
  place: Place,
  near: readonly Experience[],
  now: EpochMs,
): ReadonlyMap<Level, Evidence> {
  const byLevel = new Map<Level, Evidence>();
  for (const { place: other, outcome } of near) {
    const level = sharedLevel(place, other);
    if (level === undefined) continue;
    byLevel.set(level, plus(byLevel.get(level) ?? NO_EVIDENCE, level, { outcome, now }));
  }
  return byLevel;
}

function plus(
  { successes, failures }: Evidence,
  level: Level,
  { outcome, now }: { readonly outcome: Outcome; readonly now: EpochMs },
): Evidence {
  const weight = decayed(LEVEL_RULES[level].weights[outcome.kind], now - outcome.at);
  return outcome.kind === 'ran'
    ? { successes: successes + weight, failures }
    : { successes, failures: failures + weight };
}

/** A row that is no older than two refreshes is what the prior is about. */
const FRESH_MS = 2 * MINUTE_MS;
/** In which time half of the single machines on a list are rented by somebody else, and half of the sites are sold out. */
const MACHINE_HALF_LIFE_MS = 20 * MINUTE_MS;
const SITE_HALF_LIFE_MS = 2 * HOUR_MS;

/** What is left, as a share, of the chance of an offer that was read so long ago. 1 while it is fresh. */
export function shareLeft({ machineId }: Pick<Offer, 'machineId'>, ageMs: number): number {
  const halfLifeMs = machineId === undefined ? SITE_HALF_LIFE_MS : MACHINE_HALF_LIFE_MS;
  return 2 ** (-Math.max(0, ageMs - FRESH_MS) / halfLifeMs);
}
