import { createHash } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { createChance } from '../../src/simulator/chance.ts';
import { ALL_CHECKERS } from './checkers/all.ts';
import type { Checker, Violation } from './checkers/violation.ts';
import { Deployment } from './deployment.ts';
import { drawPlan, type Plan } from './plan.ts';
import { DEPLOYMENT_ID, NEIGHBOUR_ID, Stage } from './stage.ts';
import type { Stagehand } from './stagehand.ts';

/** Long enough for a launch of unknown outcome to settle at the slowest provider. */
const HEAL_MS = 8 * MINUTE_MS;
/** Stated time from the last request to nothing left: grace period, two sweeps, delete times, and back-off. */
const CONVERGE_MS = 8 * MINUTE_MS;
/** Once nothing is left, it has to stay so for this long: whatever was still on its way has arrived by then. */
const QUIET_MS = 20 * SECOND_MS;
const LOOK_EVERY_MS = 5 * SECOND_MS;
const TICK_MS = 15 * SECOND_MS;

export interface WorldOptions {
  readonly seed: number;
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
  /** From an asked end to the confirmed one. */
  readonly leakedMs: readonly number[];
  /** From the last request to nothing left. */
  readonly convergedMs: number;
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
  readonly #violations: Violation[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
    const drawn = drawPlan(options.seed, createChance(options.seed));
    this.#plan = options.shape ? options.shape(drawn) : drawn;
    this.#stage = new Stage(this.#plan, options.seed);
    this.#ours = this.#deployment(DEPLOYMENT_ID);
    this.#deployments = this.#plan.hasNeighbour
      ? [this.#ours, this.#deployment(NEIGHBOUR_ID)]
      : [this.#ours];
  }

  async run(): Promise<WorldReport> {
    await this.#open();
    await this.#advance(this.#plan.busyMs);
    this.#stage.heal();
    for (const deployment of this.#deployments) deployment.spare();
    await this.#advanceUntil(HEAL_MS, () => this.#deployments.every((one) => one.isSteady()));
    const convergedMs = await this.#advanceUntil(CONVERGE_MS, () => this.#isQuiet());
    await this.#advance(QUIET_MS);
    for (const deployment of this.#deployments) {
      this.#violations.push(...deployment.violations, ...(await deployment.conclude()));
    }
    return this.#report(convergedMs);
  }

  async close(): Promise<void> {
    await Promise.all(this.#deployments.map((deployment) => deployment.close()));
  }

  async #open(): Promise<void> {
    const { orphans, startAfterMs, sessions, script } = this.#plan;
    script(this.#stagehand());
    for (let index = 0; index < orphans; index += 1) await this.#ours.plantOrphan(index);
    await this.#advance(startAfterMs);
    for (const deployment of this.#deployments) await deployment.start();
    this.#deployments.forEach((deployment, index) => {
      deployment.invite(index === 0 ? sessions : Math.min(sessions, 2));
    });
    this.#scheduleTrouble();
    this.#tickOn();
  }

  #deployment(id: string): Deployment {
    return new Deployment({
      stage: this.#stage,
      id,
      checkers: [...ALL_CHECKERS, ...(this.#options.checkers ?? [])].filter(
        ({ name }) => !this.#options.exempt?.includes(name),
      ),
      trace: (line) => this.#trace(id === DEPLOYMENT_ID ? line : `neighbour: ${line}`),
    });
  }

  /** Each crash comes at whatever await the broker happens to be in; sometimes the next life dies as well, at once. */
  #scheduleTrouble(): void {
    const { clock, chance } = this.#stage;
    const { crashes, clockJumps } = this.#plan;
    for (const { atMs, byMs } of clockJumps) clock.after(atMs, () => this.#ours.jumpClock(byMs));
    if (crashes.kind !== 'random') return;
    const draws = chance.fork('crashes');
    let at = 0;
    for (let index = 0; index < crashes.count; index += 1) {
      at += draws.int(1, crashes.meanGapMs * 2);
      clock.after(at, () => {
        if (!this.#stage.isHealed) this.#ours.doom();
      });
    }
  }

  #stagehand(): Stagehand {
    const stage = this.#stage;
    let planted = this.#plan.orphans;
    return {
      market: stage.market,
      books: this.#ours.books,
      at: (delayMs, act) => void stage.clock.after(delayMs, act),
      when: (condition, act) => stage.when(condition, act),
      whenRented: (act) => stage.whenRented(act),
      cloud: (kind, durationMs) => stage.cloud(kind, durationMs),
      broker: () => this.#ours.broker,
      plantOrphan: () => {
        void this.#ours.plantOrphan(planted);
        planted += 1;
      },
      kill: () => this.#ours.doom(),
    };
  }

  #tickOn(): void {
    this.#stage.clock.after(TICK_MS, () => {
      for (const deployment of this.#deployments) deployment.tick();
      this.#tickOn();
    });
  }

  /** Every session was asked to end, and nothing is left of any. */
  #isQuiet(): boolean {
    for (const deployment of this.#deployments) deployment.endAll();
    return this.#deployments.every((deployment) => deployment.isOver());
  }

  async #advanceUntil(mostMs: number, isDone: () => boolean): Promise<number> {
    const startedMs = this.#stage.clock.monotonicMs();
    const passedMs = (): number => this.#stage.clock.monotonicMs() - startedMs;
    while (!isDone() && passedMs() < mostMs) await this.#advance(LOOK_EVERY_MS);
    return passedMs();
  }

  #advance(durationMs: number): Promise<void> {
    return this.#stage.clock.advance(durationMs);
  }

  #trace(line: string): void {
    const stamped = `${this.#stage.clock.monotonicMs()} ${line}`;
    this.#hash.update(stamped).update('\n');
    this.#options.trace?.(stamped);
  }

  #report(convergedMs: number): WorldReport {
    const { books, tally, leakedMs } = this.#ours;
    return {
      seed: this.#options.seed,
      violations: this.#violations,
      traceHash: this.#hash.digest('hex'),
      sessions: books.sessions.length,
      everRunning: books.sessions.filter((session) => session.runningAt !== undefined).length,
      ...tally,
      leakedMs,
      convergedMs,
      faults: this.#stage.tally.counts,
    };
  }
}
