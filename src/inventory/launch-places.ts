import {
  count,
  type Evidence,
  type Experience,
  mixed,
  weightOf,
} from '../domain/odds/own-chance.ts';
import { LEVELS, type Level, type Place, placeOf, sharedLevel } from '../domain/odds/place.ts';
import type { Offer } from '../domain/offer.ts';
import type { EpochMs } from '../domain/time.ts';

/** The latest launches at one place decide; earlier ones would only cost time. */
const MAX_NEAR = 100;

/** One place at one level: the launches there, oldest first. */
interface Spot<Launch> {
  entries: readonly Entry<Launch>[];
  launches: readonly Launch[];
  /** Those of them that decide. */
  latest: readonly Entry<Launch>[];
  /** The moment for which the latest are weighed, undefined for none, and what all of them come to. */
  weighedAt: EpochMs | undefined;
  all: Evidence;
}

/** A launch, with the spots where it stands. Comparing these is faster than comparing the texts that name them. */
interface Entry<Launch> {
  readonly launch: Launch;
  /** In the order in which they came. */
  readonly number: number;
  readonly spots: Spots<Launch>;
  /** What it weighs at each of its spots, as of the moment for which that one is weighed. */
  readonly weights: number[];
}

/** In the order of the levels; undefined where a place has none, or none with launches. */
type Spots<Launch> = readonly (Spot<Launch> | undefined)[];

/** Launches by every level of the place where they were made. */
export class LaunchPlaces<Launch extends Experience> {
  readonly #byLevel: Readonly<Record<Level, Map<string, Spot<Launch>>>> = {
    offer: new Map(),
    machine: new Map(),
    host: new Map(),
    model: new Map(),
    site: new Map(),
  };
  /** Of the place that is looked at: thousands are, one after the other. */
  readonly #spots: (Spot<Launch> | undefined)[] = LEVELS.map(() => undefined);
  #lastNumber = 0;

  add(launch: Launch): void {
    const spots = LEVELS.map((level) => this.#makeSpot(level, launch.place[level]));
    this.#lastNumber += 1;
    const entry = { launch, number: this.#lastNumber, spots, weights: LEVELS.map(() => 0) };
    for (const spot of spots) if (spot) change(spot, [...spot.entries, entry]);
  }

  remove(launch: Launch): void {
    for (const level of LEVELS) {
      const key = launch.place[level];
      const spot = this.#spot(level, key);
      if (!spot || key === undefined) continue;
      const left = spot.entries.filter((entry) => entry.launch !== launch);
      change(spot, left);
      if (left.length === 0) this.#byLevel[level].delete(key);
    }
  }

  at(level: Level, key: string): readonly Launch[] {
    return this.#spot(level, key)?.launches ?? [];
  }

  /** Every place of the level with at least one launch, with its launches, oldest first. */
  *placesOf(level: Level): Iterable<readonly [string, readonly Launch[]]> {
    for (const [key, { launches }] of this.#byLevel[level]) yield [key, launches];
  }

  /** Launches that share a level with the place, each once. */
  near(place: Place): readonly Launch[] {
    return LEVELS.flatMap((level) =>
      latestOf(this.#spot(level, place[level])?.launches ?? []).filter(
        (launch) => sharedLevel(place, launch.place) === level,
      ),
    );
  }

  /**
   * What is believed of a launch of the offer by the launches {@link near} it, as `chanceAt` has it; undefined where there are
   * none. Made for thousands of offers at one moment: most are at no place where anything was launched, each launch is
   * weighed once for all of them, and what counts for a more telling level is taken from the sum.
   */
  chanceOf(offer: Offer, now: EpochMs): number | undefined {
    if (!this.#hasNear(offer)) return undefined;
    this.#lookAt(placeOf(offer));
    let belief = offer.availabilityConfidence;
    for (let depth = LEVELS.length - 1; depth >= 0; depth -= 1) {
      const level = LEVELS[depth];
      if (level) belief = mixed(belief, level, evidenceAt({ level, depth }, this.#spots, now));
    }
    return belief;
  }

  #lookAt(place: Place): void {
    for (let depth = 0; depth < LEVELS.length; depth += 1) {
      const level = LEVELS[depth];
      this.#spots[depth] = level && this.#spot(level, place[level]);
    }
  }

  #hasNear({ id, machineId, hostId, siteId }: Offer): boolean {
    const { offer, machine, host, site } = this.#byLevel;
    return (
      offer.has(id) ||
      (machineId !== undefined && machine.has(machineId)) ||
      (hostId !== undefined && host.has(hostId)) ||
      (siteId !== undefined && site.has(siteId))
    );
  }

  #spot(level: Level, key: string | undefined): Spot<Launch> | undefined {
    return key === undefined ? undefined : this.#byLevel[level].get(key);
  }

  #makeSpot(level: Level, key: string | undefined): Spot<Launch> | undefined {
    if (key === undefined) return undefined;
    const known = this.#byLevel[level].get(key);
    if (known) return known;
    const made = { entries: [], launches: [], latest: [], weighedAt: undefined, all: NONE };
    this.#byLevel[level].set(key, made);
    return made;
  }
}

const NONE: Evidence = { successes: 0, failures: 0 };

function change<Launch>(spot: Spot<Launch>, entries: readonly Entry<Launch>[]): void {
  spot.entries = entries;
  spot.launches = entries.map(({ launch }) => launch);
  spot.latest = latestOf(entries);
  spot.weighedAt = undefined;
}

interface Depth {
  readonly level: Level;
  /** Its place among the levels. */
  readonly depth: number;
}

/** Of the launches at one of a place's spots those that share no more telling one with it: those stand further ahead. */
function evidenceAt<Launch extends Experience>(
  { level, depth }: Depth,
  spots: Spots<Launch>,
  now: EpochMs,
): Evidence {
  const spot = spots[depth];
  if (!spot) return NONE;
  if (spot.weighedAt !== now) weigh(spot, { level, depth }, now);
  let ahead = 0;
  for (let before = 0; before < depth; before += 1) ahead += spots[before]?.entries.length ?? 0;
  if (ahead === 0) return spot.all;
  return ahead < spot.latest.length ? without(spot, spots, depth) : counted(spot, spots, depth);
}

/** One by one. */
function counted<Launch extends Experience>(
  { latest }: Spot<Launch>,
  spots: Spots<Launch>,
  depth: number,
): Evidence {
  const sum = { ...NONE };
  for (const entry of latest) {
    if (!sharesBefore(depth, spots, entry))
      count(sum, entry.launch.outcome, entry.weights[depth] ?? 0);
  }
  return sum;
}

/** The same by what does not count, where that is less. Weights are such that no sum is rounded. */
function without<Launch extends Experience>(
  spot: Spot<Launch>,
  spots: Spots<Launch>,
  depth: number,
): Evidence {
  const sum = { ...spot.all };
  const first = spot.latest[0]?.number ?? 0;
  for (let before = 0; before < depth; before += 1) {
    for (const entry of spots[before]?.entries ?? []) {
      const isHere = entry.spots[depth] === spot && entry.number >= first;
      if (isHere && !sharesBefore(before, spots, entry))
        count(sum, entry.launch.outcome, -(entry.weights[depth] ?? 0));
    }
  }
  return sum;
}

function sharesBefore<Launch>(
  depth: number,
  spots: Spots<Launch>,
  { spots: others }: Entry<Launch>,
): boolean {
  for (let before = 0; before < depth; before += 1) {
    if (spots[before] !== undefined && spots[before] === others[before]) return true;
  }
  return false;
}

function weigh<Launch extends Experience>(
  spot: Spot<Launch>,
  { level, depth }: Depth,
  now: EpochMs,
): void {
  const all = { ...NONE };
  for (const entry of spot.latest) {
    const weight = weightOf(entry.launch.outcome, level, now);
    entry.weights[depth] = weight;
    count(all, entry.launch.outcome, weight);
  }
  spot.all = all;
  spot.weighedAt = now;
}

function latestOf<Value>(values: readonly Value[]): readonly Value[] {
  return values.length > MAX_NEAR ? values.slice(-MAX_NEAR) : values;
}
