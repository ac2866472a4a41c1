import { count, type Evidence, type Experience, weightOf } from '../domain/odds/own-chance.ts';
import { LEVELS, type Level } from '../domain/odds/place.ts';
import type { EpochMs } from '../domain/time.ts';

/** The latest launches at one place decide; earlier ones would only cost time. */
const MAX_NEAR = 100;

/** A launch, with the spots where it stands. Comparing these is faster than comparing the texts that name them. */
export interface Entry<Launch extends Experience> {
  readonly launch: Launch;
  /** In the order in which they came. */
  readonly number: number;
  readonly hasRun: boolean;
  readonly spots: Spots<Launch>;
  /** What it weighs at each of its spots, as of the moment for which that one was last weighed. */
  readonly weights: number[];
}

/** In the order of the levels; undefined where a place has none, or none with launches. */
export type Spots<Launch extends Experience> = readonly (Spot<Launch> | undefined)[];

/** One place at one level, with the launches that were made there, oldest first. */
export class Spot<Launch extends Experience> {
  readonly level: Level;
  /** Its level's place among the levels: 0 for the most telling one. */
  readonly depth: number;
  readonly #entries: Entry<Launch>[] = [];
  #weighedAt: EpochMs | undefined;
  #evidence: Evidence = NONE;

  constructor(level: Level) {
    this.level = level;
    this.depth = LEVELS.indexOf(level);
  }

  get entries(): readonly Entry<Launch>[] {
    return this.#entries;
  }

  /** Those of them that decide. */
  get latest(): readonly Entry<Launch>[] {
    return this.#entries.length > MAX_NEAR ? this.#entries.slice(-MAX_NEAR) : this.#entries;
  }

  get launches(): readonly Launch[] {
    return this.#entries.map(({ launch }) => launch);
  }

  /** It comes after all others. */
  add(entry: Entry<Launch>): void {
    this.#entries.push(entry);
    this.#weighedAt = undefined;
  }

  remove(entry: Entry<Launch>): void {
    const index = this.#entries.indexOf(entry);
    if (index >= 0) this.#entries.splice(index, 1);
    this.#weighedAt = undefined;
  }

  /** Whether it is one of the latest, of one that stands here. */
  isLatest({ number }: Entry<Launch>): boolean {
    return number >= (this.#entries.at(-MAX_NEAR)?.number ?? 0);
  }

  /** What the latest launches come to. Each is weighed once for all who ask at that moment. */
  evidenceAt(now: EpochMs): Evidence {
    if (this.#weighedAt === now) return this.#evidence;
    const evidence = { ...NONE };
    for (const entry of this.latest) {
      const weight = weightOf(entry.launch.outcome, this.level, now);
      entry.weights[this.depth] = weight;
      count(evidence, entry.launch.outcome, weight);
    }
    this.#evidence = evidence;
    this.#weighedAt = now;
    return evidence;
  }
}

export const NONE: Evidence = { successes: 0, failures: 0 };
