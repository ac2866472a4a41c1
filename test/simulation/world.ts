import { createHash } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { createChance } from '../../src/simulator/chance.ts';
import { ALL_CHECKERS } from './checkers/all.ts';
import type { Checker, Violation } from './checkers/violation.ts';
import { Deployment } from './deployment.ts';
import { DEPLOYMENT_ID, type Plan, type Theme } from './plan.ts';
import { Stage } from './stage.ts';
import type { Stagehand } from './stagehand.ts';
import { addCounts } from './tally.ts';
import { drawPlan, drawTheme } from './themes.ts';
import { scheduleTrouble } from './trouble.ts';

/** A little longer than the checker of convergence allows, so that what comes late is seen to come. */
const HEAL_MS = 12 * MINUTE_MS;
const CONVERGE_MS = 8 * MINUTE_MS;
/** Once nothing is left, it has to stay so for this long: whatever was still on its way has arrived by then. */
const QUIET_MS = 20 * SECOND_MS;
const LOOK_EVERY_MS = SECOND_MS;
const TICK_MS = 15 * SECOND_MS;

export interface WorldOptions {
  readonly seed: number;
  /** What the world is to be about; where it is not said the seed decides. */
  readonly theme?: Theme;
  /** Changes the drawn plan: narrower worlds for one question. */
  readonly shape?: (plan: Plan) => Plan;
  /** Held against the world beside the promises that hold everywhere. */
  readonly checkers?: readonly Checker[];
  /** Names of promises that this world is made to break on purpose. */
  readonly exempt?: readonly string[];
  /** Called with one line for everything that happens. */
  readonly trace?: (line: string) => void;
}

export interface WorldReport {
  readonly seed: number;
  readonly theme: Theme;
  readonly violations: readonly Violation[];
  /** SHA-256 over everything that happened, in order: the same seed gives the same one. */
  readonly traceHash: string;
  readonly sessions: number;
  readonly everRunning: number;
  readonly launches: number;
  readonly crashes: number;
  readonly adoptions: number;
  /** How often the reconciler had to act. */
  readonly orphans: number;
  /** For how long each instance outlived its being wanted. */
  readonly leakedMs: readonly number[];
  /** The same for instances that waited for a person's word. */
  readonly heldMs: readonly number[];
  /** From the world's health to nothing in doubt. */
  readonly steadyMs: number;
  /** From the last request to nothing left. */
  readonly convergedMs: number;
  /** How often each safety net acted. */
  readonly nets: Readonly<Record<string, number>>;
  /** How often each fault happened, and each event. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Runs one world from its seed to its end: a busy time with faults and crashes, then health, then nothing may be left. */
export async function runWorld(options: WorldOptions): Promise<WorldReport> {
  const world = new World(options);
  try {
    return await world.run();
  } finally {
    await world.close();
  }
}

class World {
  readonly #options: WorldOptions;
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #hash = createHash('sha256');
  readonly #ours: Deployment;
  readonly #deployments: readonly Deployment[];

  constructor(options: WorldOptions) {
    this.#options = options;
    const { seed } = options;
    const chance = createChance(seed);
    const drawn = drawPlan(seed, options.theme ?? drawTheme(chance.fork('theme')), chance);
    this.#plan = options.shape ? options.shape(drawn) : drawn;
    this.#stage = new Stage(this.#plan, seed);
    this.#ours = this.#deployment(DEPLOYMENT_ID);
    const others = this.#plan.neighbours.map((id) => this.#deployment(id));
    this.#deployments = [this.#ours, ...others];
  }

  async run(): Promise<WorldReport> {
    this.#trace(`seed ${this.#options.seed}: ${this.#plan.theme}`);
    await this.#open();
    await this.#advance(this.#plan.busyMs);
    this.#heal();
    await this.#advanceUntil(HEAL_MS, () => every(this.#deployments, (one) => one.lookForDoubts()));
    await this.#advanceUntil(CONVERGE_MS, () => this.#isOver());
    await this.#advance(QUIET_MS);
    for (const deployment of this.#deployments) await deployment.conclude();
    return this.#report();
  }

  async close(): Promise<void> {
    await Promise.all(this.#deployments.map(({ lives }) => lives.close()));
  }

  async #open(): Promise<void> {
    const { orphans, startAfterMs, sessions, script } = this.#plan;
    script(this.#stagehand());
    for (let index = 0; index < orphans; index += 1) await this.#ours.plantOrphan(index);
    await this.#advance(startAfterMs);
    for (const { lives } of this.#deployments) await lives.start();
    this.#deployments.forEach((deployment, index) => {
      deployment.invite(index === 0 ? sessions : Math.min(sessions, NEIGHBOURS_SESSIONS));
    });
    scheduleTrouble(this.#stage, this.#deployments);
    this.#tickOn();
  }

  #deployment(id: string): Deployment {
    return new Deployment({
      stage: this.#stage,
      id,
      checkers: [...ALL_CHECKERS, ...(this.#options.checkers ?? [])].filter(
        ({ name }) => !this.#options.exempt?.includes(name),
      ),
      trace: (line) => this.#trace(id === DEPLOYMENT_ID ? line : `${id}: ${line}`),
    });
  }

  #stagehand(): Stagehand {
    const stage = this.#stage;
    const ours = this.#ours;
    let planted = this.#plan.orphans;
    return {
      market: stage.market,
      books: ours.books,
      at: (delayMs, act) => void stage.clock.after(delayMs, act),
      when: (condition, act) => stage.when(condition, act),
      whenCommitted: (condition, act) => ours.whenCommitted(condition, act),
      whenRented: (act) => stage.whenRented(act),
      cloud: (kind, durationMs) => stage.cloud(kind, durationMs),
      cutOff: (market, durationMs) => stage.cutOff(market, durationMs),
      broker: () => ours.broker,
      plantOrphan: () => {
        void ours.plantOrphan(planted);
        planted += 1;
      },
      kill: () => ours.lives.doomIn(1),
      fillDisk: (durationMs) => ours.lives.fillDisk(durationMs),
      copyDatabase: () => void ours.lives.takeBackup(),
      loseDisk: () => ours.lives.loseDisk(),
    };
  }

  #tickOn(): void {
    this.#stage.clock.after(TICK_MS, () => {
      for (const { witness } of this.#deployments) witness.onTick();
      this.#tickOn();
    });
  }

  #heal(): void {
    this.#stage.heal();
    for (const { lives, course } of this.#deployments) {
      lives.spare();
      course.wellAt = this.#stage.clock.now();
    }
  }

  /** Every session was asked to end, and nothing is left of any. */
  #isOver(): boolean {
    for (const deployment of this.#deployments) deployment.endAll();
    return every(this.#deployments, (one) => one.lookForLeftovers());
  }

  async #advanceUntil(mostMs: number, isDone: () => boolean): Promise<void> {
    const startedMs = this.#stage.clock.monotonicMs();
    while (!isDone() && this.#stage.clock.monotonicMs() - startedMs < mostMs) {
      await this.#advance(LOOK_EVERY_MS);
    }
  }

  #advance(durationMs: number): Promise<void> {
    return this.#stage.clock.advance(durationMs);
  }

  #trace(line: string): void {
    const stamped = `${this.#stage.clock.monotonicMs()} ${line}`;
    this.#hash.update(stamped).update('\n');
    this.#options.trace?.(stamped);
  }

  #report(): WorldReport {
    const all = this.#deployments;
    const sum = (count: (one: Deployment) => number): number =>
      all.reduce((total, one) => total + count(one), 0);
    const { tally, plan } = this.#stage;
    const { counts } = tally;
    return {
      seed: this.#options.seed,
      theme: plan.theme,
      violations: all.flatMap(({ witness }) => witness.violations),
      traceHash: this.#hash.digest('hex'),
      sessions: sum(({ books }) => books.sessions.length),
      everRunning: sum(
        ({ books }) => books.sessions.filter(({ runningAt }) => runningAt !== undefined).length,
      ),
      launches: sum(({ witness }) => witness.launches),
      crashes: sum(({ lives }) => lives.deaths),
      adoptions: counts['event instance_adopted'] ?? 0,
      orphans: counts['event orphan_detected'] ?? 0,
      leakedMs: all.flatMap(({ leaks }) => leaks.leakedMs),
      heldMs: all.flatMap(({ leaks }) => leaks.heldMs),
      steadyMs: Math.max(...all.map(({ course }) => spanMs(course.wellAt, course.steadyAt))),
      convergedMs: Math.max(
        ...all.map(({ course }) => spanMs(course.lastRequestAt, course.overAt)),
      ),
      nets: all.map(({ witness }) => witness.nets.counts).reduce(addCounts, {}),
      faults: counts,
    };
  }
}

/** So that a crowd costs about as much as a usual world. */
const NEIGHBOURS_SESSIONS = 2;

/** Asks all of them, also after the first that says no: each look is written down. */
function every<Item>(items: readonly Item[], isSo: (item: Item) => boolean): boolean {
  return items.map(isSo).every(Boolean);
}

function spanMs(from = 0, to = Number.POSITIVE_INFINITY): number {
  return to - from;
}
