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

const FROM_THE_MOST_GENERAL = LEVELS.toReversed();

/**
 * What is believed of a launch at this place before the market as a whole is looked at. From the most general level to the
 * most telling, each level's own record is mixed with what was believed so far. Each launch counts once, at the most telling
 * level that it shares with the place.
 */
export function chanceAt(
  place: Place,
  prior: number,
  { near, now }: { readonly near: readonly Experience[]; readonly now: EpochMs },
): number {
  const evidence = evidenceByLevel(place, near, now);
  return FROM_THE_MOST_GENERAL.reduce(
    (belief, level) => mixed(belief, level, evidence[level]),
    prior,
  );
}

/**
 * What is believed at a level, where something else was believed without its own record: that is worth `strength` launches
 * and is mixed with the record, as the mean of a Beta distribution.
 */
export function mixed(belief: number, level: Level, { successes, failures }: Evidence): number {
  if (successes === 0 && failures === 0) return belief;
  const { strength } = LEVEL_RULES[level];
  return (strength * belief + successes) / (strength + successes + failures);
}

function evidenceByLevel(
  place: Place,
  near: readonly Experience[],
  now: EpochMs,
): Readonly<Record<Level, Evidence>> {
  const none = (): Tally => ({ successes: 0, failures: 0 });
  const tallies = { offer: none(), machine: none(), host: none(), model: none(), site: none() };
  for (const { place: other, outcome } of near) {
    const level = sharedLevel(place, other);
    if (level === undefined) continue;
    count(tallies[level], outcome, weightOf(outcome, level, now));
  }
  return tallies;
}

/** Sums and differences of multiples of this are exact, in whatever order they are made. */
const WEIGHTS_IN = 2 ** -32;

/** What a launch weighs now at a level, in launches. */
export function weightOf({ kind, at }: Outcome, level: Level, now: EpochMs): number {
  const weight = decayed(LEVEL_RULES[level].weights[kind], now - at);
  return Math.round(weight / WEIGHTS_IN) * WEIGHTS_IN;
}

/** Evidence that is still being counted. */
type Tally = { -readonly [Count in keyof Evidence]: Evidence[Count] };

/** Adds a launch of that weight; one of a negative weight is taken away. */
export function count(tally: Tally, { kind }: Outcome, weight: number): void {
  if (kind === 'ran') tally.successes += weight;
  else tally.failures += weight;
}

/** A row that is no older than two refreshes is what the prior is about. */
const FRESH_MS = 2 * MINUTE_MS;
/** In which time half of the single machines on a list are rented by somebody else, and half of the sites are sold out. */
const MACHINE_HALF_LIFE_MS = 20 * MINUTE_MS;
const SITE_HALF_LIFE_MS = 2 * HOUR_MS;

/** What is left, as a share, of the chance of an offer that was read so long ago. 1 while it is fresh. */
export function shareLeft({ machineId }: Pick<Offer, 'machineId'>, ageMs: number): number {
  if (ageMs <= FRESH_MS) return 1;
  const halfLifeMs = machineId === undefined ? SITE_HALF_LIFE_MS : MACHINE_HALF_LIFE_MS;
  return 2 ** (-(ageMs - FRESH_MS) / halfLifeMs);
}
