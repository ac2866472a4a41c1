import { type Experience, mixed } from '../domain/odds/own-chance.ts';
import { LEVELS } from '../domain/odds/place.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Entry, Spot } from './spot.ts';

/**
 * Where spots of several levels meet, and what launches say at one moment of whatever is at all of them and at no other. Each
 * launch counts once, at the most telling one of the spots where it stands. Offers of one model at a site, of one host, of one
 * machine share these, and each costs what is new with the last of its spots. Thousands are made for one menu, so that they
 * hold plain numbers.
 */
export class Crossing<Launch extends Experience> {
  readonly #now: EpochMs;
  /** By depth, as all that follows. */
  #spots: (Spot<Launch> | undefined)[] = NO_SPOTS;
  #successes: number[] = NO_LAUNCHES;
  #failures: number[] = NO_LAUNCHES;
  #within: Map<Spot<Launch>, Crossing<Launch>> | undefined;

  /** Where nothing was launched. */
  constructor(now: EpochMs) {
    this.#now = now;
  }

  /** The same with one more spot, of a more telling level than all that it has. */
  with(spot: Spot<Launch>): Crossing<Launch> {
    const known = this.#within?.get(spot);
    if (known) return known;
    const made = this.alone(spot);
    this.#within ??= new Map();
    this.#within.set(spot, made);
    return made;
  }

  /** That, for who is alone there: it is not kept. */
  alone(spot: Spot<Launch>): Crossing<Launch> {
    const made = new Crossing<Launch>(this.#now);
    made.#spots = this.#spots.slice();
    made.#successes = this.#successes.slice();
    made.#failures = this.#failures.slice();
    made.#enter(spot);
    return made;
  }

  /** What is believed of a launch here, as `chanceAt` has it, where its adapter says so much. */
  chanceOf(prior: number): number {
    let belief = prior;
    for (let depth = LEVELS.length - 1; depth >= 0; depth -= 1) {
      const level = LEVELS[depth];
      if (level === undefined || this.#spots[depth] === undefined) continue;
      const successes = this.#successes[depth] ?? 0;
      const failures = this.#failures[depth] ?? 0;
      belief = mixed(belief, level, { successes, failures });
    }
    return belief;
  }

  /** What stands at the spot counts there from now on, and no longer where it did. Weights are such that no sum is rounded. */
  #enter(spot: Spot<Launch>): void {
    const { depth, entries } = spot;
    for (let former = depth + 1; former < LEVELS.length; former += 1) {
      const other = this.#spots[former];
      if (!other) continue;
      for (const entry of entries.length < other.entries.length ? entries : other.latest) {
        if (entry.spots[depth] === spot && this.#countsAt(other, entry)) this.#take(entry, former);
      }
    }
    const { successes, failures } = spot.evidenceAt(this.#now);
    this.#spots[depth] = spot;
    this.#successes[depth] = successes;
    this.#failures[depth] = failures;
  }

  /** Whether the spot is the most telling one of these where the launch stands, and it is not too long ago to count. */
  #countsAt(spot: Spot<Launch>, entry: Entry<Launch>): boolean {
    if (entry.spots[spot.depth] !== spot || !spot.isLatest(entry)) return false;
    for (let depth = 0; depth < spot.depth; depth += 1) {
      const other = this.#spots[depth];
      if (other !== undefined && other === entry.spots[depth]) return false;
    }
    return true;
  }

  #take({ hasRun, weights }: Entry<Launch>, depth: number): void {
    const counted = hasRun ? this.#successes : this.#failures;
    counted[depth] = (counted[depth] ?? 0) - (weights[depth] ?? 0);
  }
}

const NO_SPOTS: undefined[] = LEVELS.map(() => undefined);
const NO_LAUNCHES: number[] = LEVELS.map(() => 0);
