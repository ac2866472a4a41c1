import { Spread } from './spread.ts';
import { Tally } from './tally.ts';
import type { WorldReport } from './world.ts';

const SUMMED = ['sessions', 'everRunning', 'launches', 'crashes', 'adoptions', 'orphans'] as const;
/** Enough to begin with; a run that breaks everywhere is not to fill the screen. */
const MAX_SEEDS_NAMED = 100;

/** What many worlds were like, added up one by one and then forgotten. */
export class Summary {
  readonly #sums = new Tally();
  readonly #themes = new Tally();
  readonly #nets = new Tally();
  readonly #faults = new Tally();
  readonly #leakedMs = new Spread();
  readonly #heldMs = new Spread();
  readonly #steadyMs = new Spread();
  readonly #convergedMs = new Spread();
  readonly #badSeeds: number[] = [];
  #worlds = 0;
  #bad = 0;

  add(report: WorldReport): void {
    this.#worlds += 1;
    for (const name of SUMMED) this.#sums.add(name, report[name]);
    this.#themes.count(report.theme);
    this.#nets.addAll(report.nets);
    this.#faults.addAll(report.faults);
    for (const one of report.leakedMs) this.#leakedMs.add(one);
    for (const one of report.heldMs) this.#heldMs.add(one);
    this.#steadyMs.add(report.steadyMs);
    this.#convergedMs.add(report.convergedMs);
    if (report.violations.length > 0) this.#nameBad(report.seed);
  }

  /** A world that did not come to its end. */
  addBroken(seed: number): void {
    this.#worlds += 1;
    this.#nameBad(seed);
  }

  get worlds(): number {
    return this.#worlds;
  }

  get badWorlds(): number {
    return this.#bad;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      worlds: this.#worlds,
      worldsWithViolations: this.#bad,
      seedsWithViolations: this.#badSeeds.toSorted((left, right) => left - right),
      themes: this.#themes.counts,
      ...this.#sums.counts,
      leakedMs: this.#leakedMs.summed,
      heldMs: this.#heldMs.summed,
      steadyMs: this.#steadyMs.summed,
      convergedMs: this.#convergedMs.summed,
      nets: this.#nets.counts,
      faults: this.#faults.counts,
    };
  }

  #nameBad(seed: number): void {
    this.#bad += 1;
    if (this.#badSeeds.length < MAX_SEEDS_NAMED) this.#badSeeds.push(seed);
  }
}
