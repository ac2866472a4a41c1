import { createHash } from 'node:crypto';
import type { Broker } from '../../src/broker.ts';
import type { BrokerEvent } from '../../src/domain/events.ts';
import { isTerminalStatus } from '../../src/domain/session.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import type { Note } from '../../src/ports/recorder.ts';
import { WireError } from '../../src/providers/wire-fetch.ts';
import { createChance } from '../../src/simulator/chance.ts';
import { drawHosts } from '../../src/simulator/hosts.ts';
import { createMarketplace, type SimMarket } from '../../src/simulator/market.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { tensordockV0Facade } from '../../src/simulator/tensordock/v0-facade.ts';
import { tensordockV2Facade } from '../../src/simulator/tensordock/v2-facade.ts';
import { vastaiFacade } from '../../src/simulator/vastai/facade.ts';
import { playWire } from '../../src/simulator/wire.ts';
import { NO_FAULTS } from '../../src/simulator/wire-faults.ts';
import { openMemoryDatabase } from '../../src/store/database.ts';
import { Books } from './books.ts';
import { ALL_CHECKERS } from './checkers/all.ts';
import type { Evidence, Violation } from './checkers/violation.ts';
import { type ClientParts, endSession, useOneSession } from './client.ts';
import { simulatedShell } from './fakes.ts';
import { Incarnation } from './incarnation.ts';
import { startLife } from './life.ts';
import { drawPlan, type Plan } from './plan.ts';
import { VirtualClock } from './virtual-clock.ts';

/** 2026-01-29T12:00:00Z: an arbitrary instant that every world starts at. */
const WORLD_START = Date.UTC(2026, 0, 29, 12);
const DEPLOYMENT_ID = 'simdep01';
/** Long enough for a launch of unknown outcome to settle at the slowest provider. */
const HEAL_MS = 8 * MINUTE_MS;
/** Stated time from the last request to nothing left: grace period, two sweeps, delete times, and back-off. */
const CONVERGE_MS = 8 * MINUTE_MS;

export interface WorldOptions {
  readonly seed: number;
  /** Changes the drawn plan: narrower worlds for one question. */
  readonly shape?: (plan: Plan) => Plan;
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
  readonly orphans: number;
  /** From an asked end to the confirmed one. */
  readonly leakedMs: readonly number[];
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
  readonly #chance: Chance;
  readonly #clock = new VirtualClock(WORLD_START);
  readonly #database = openMemoryDatabase();
  readonly #books = new Books();
  readonly #violations: Violation[] = [];
  readonly #hash = createHash('sha256');
  readonly #market: SimMarket;
  readonly #fetch: ReturnType<typeof playWire>;
  readonly #tally = { launches: 0, crashes: 0, adoptions: 0, orphans: 0 };
  readonly #leakedMs: number[] = [];
  #isHealed = false;
  #incarnation: Incarnation | undefined;
  #broker: Broker | undefined;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#chance = createChance(options.seed);
    const plan = drawPlan(options.seed, this.#chance);
    this.#plan = options.shape ? options.shape(plan) : plan;
    this.#market = this.#watched(this.#createMarket());
    const facadeOptions = { rateLimits: this.#plan.rateLimits, quirks: this.#plan.quirks };
    this.#fetch = playWire({
      facades: [
        tensordockV2Facade(this.#market, facadeOptions),
        tensordockV0Facade(this.#market, facadeOptions),
        vastaiFacade(this.#market, facadeOptions),
      ],
      clock: this.#clock,
      chance: this.#chance.fork('wire'),
      faults: () =>
        this.#isHealed ? { ...NO_FAULTS, latencyMs: { low: 20, high: 300 } } : this.#plan.faults,
      asWireError: (message, mayHaveArrived) => new WireError(message, { mayHaveArrived }),
    });
    this.#books.onCommit = (session, before) =>
      this.#check((checker) => checker.onCommit?.(this.#evidence, session, before));
  }

  async run(): Promise<WorldReport> {
    await this.#start();
    for (let index = 0; index < this.#plan.sessions; index += 1) {
      void useOneSession(this.#client(`client ${index}`), `key-${index}`);
    }
    this.#scheduleCrashes();
    await this.#advance(this.#plan.busyMs);
    this.#isHealed = true;
    this.#incarnation?.spare();
    await this.#advance(HEAL_MS);
    for (const session of this.#books.sessions) {
      if (!isTerminalStatus(session.status)) void endSession(this.#client('closing'), session.id);
    }
    await this.#advance(CONVERGE_MS);
    for (const checker of ALL_CHECKERS) {
      for (const message of checker.onConverged?.(this.#evidence) ?? []) {
        this.#violations.push({ checker: checker.name, message });
      }
    }
    return this.#report();
  }

  async close(): Promise<void> {
    this.#incarnation?.doom();
    await this.#database.close();
  }

  get #evidence(): Evidence {
    return {
      market: this.#market,
      books: this.#books,
      deploymentId: DEPLOYMENT_ID,
      plan: this.#plan,
      now: () => this.#clock.now(),
    };
  }

  #createMarket(): SimMarket {
    const { badShare, listLag, lyingDeletes, foreign } = this.#plan;
    const chance = this.#chance.fork('market');
    return createMarketplace({
      clock: this.#clock,
      chance,
      listLag,
      lyingDeletes,
      foreign,
      likeDeployment: DEPLOYMENT_ID,
      hosts: drawHosts({
        chance: chance.fork('hosts'),
        startedAt: WORLD_START,
        vastHosts: 12,
        tensordockHosts: 8,
        badShare,
      }),
    });
  }

  /** The marketplace with the checkers at its counter. */
  #watched(market: SimMarket): SimMarket {
    const beforeEnd = (id: string): void => {
      const instance = market.instance(id);
      if (instance) this.#check((checker) => checker.onEnd?.(this.#evidence, instance));
    };
    return {
      ...market,
      destroy: (id) => {
        beforeEnd(id);
        this.#trace(`market destroy ${id}`);
        return market.destroy(id);
      },
      stop: (id, how) => {
        beforeEnd(id);
        return market.stop(id, how);
      },
      rent: async (order) => {
        const result = await market.rent(order);
        this.#trace(`market rent ${order.label} ${result.kind}`);
        if (result.kind === 'rented') {
          this.#tally.launches += 1;
          this.#check((checker) => checker.onRent?.(this.#evidence, result.instance));
        }
        return result;
      },
    };
  }

  async #start(): Promise<void> {
    const incarnation = new Incarnation({
      crashAtCrossing: undefined,
      onDeath: () => this.#onDeath(),
    });
    this.#incarnation = incarnation;
    this.#broker = await startLife({
      incarnation,
      clock: this.#clock,
      chance: this.#chance.fork(`life ${this.#tally.crashes}`),
      database: this.#database,
      books: this.#books,
      fetch: this.#fetch,
      shell: simulatedShell({
        market: this.#market,
        clock: this.#clock,
        chance: this.#chance.fork(`shell ${this.#tally.crashes}`),
        conditions: () => (this.#isHealed ? { latencyMs: 50, drops: 0 } : this.#plan.shell),
      }),
      credentials: this.#market.credentials,
      deploymentId: DEPLOYMENT_ID,
      policy: this.#plan.policy,
      onEvent: (event) => this.#onEvent(event),
      onNote: (note) => this.#onNote(note),
    });
  }

  #onDeath(): void {
    this.#tally.crashes += 1;
    this.#broker = undefined;
    this.#trace('the broker is killed');
    const downMs = this.#chance.fork(`down ${this.#tally.crashes}`).int(500, this.#plan.crashes.downMs);
    this.#clock.after(downMs, () => {
      this.#trace('the broker starts');
      void this.#start();
    });
  }

  /** Each crash comes at whatever await the broker happens to be in; sometimes the next life dies as well, at once. */
  #scheduleCrashes(): void {
    const chance = this.#chance.fork('crashes');
    const { count, meanGapMs } = this.#plan.crashes;
    let at = 0;
    for (let index = 0; index < count; index += 1) {
      at += chance.int(1, meanGapMs * 2);
      this.#clock.after(at, () => {
        if (!this.#isHealed) this.#incarnation?.doom();
      });
    }
  }

  #client(name: string): ClientParts {
    return {
      clock: this.#clock,
      chance: this.#chance.fork(name),
      broker: () => (this.#broker?.phase() === 'running' ? this.#broker : undefined),
      busyMs: this.#plan.busyMs,
      onUnexpected: (message) => this.#violations.push({ checker: 'no surprises', message }),
    };
  }

  #onEvent(event: BrokerEvent): void {
    if (event.kind === 'instance_adopted') this.#tally.adoptions += 1;
    if (event.kind === 'orphan_detected') this.#tally.orphans += 1;
    if (event.kind === 'instance_gone') this.#leakedMs.push(event.leakedMs);
    this.#trace(JSON.stringify(event));
  }

  #onNote(note: Note): void {
    if (note.kind === 'step_failed' || note.kind === 'loop_failed') {
      const error = note.error instanceof Error ? (note.error.stack ?? note.error.message) : 'unknown';
      this.#violations.push({ checker: 'no surprises', message: `${note.kind}: ${error}` });
    }
    if (note.kind === 'provider_call' && note.failure !== undefined) {
      this.#trace(`${note.api} ${note.operation} ${note.failure} ${note.detail ?? ''}`);
    }
  }

  #check(ask: (checker: (typeof ALL_CHECKERS)[number]) => string | undefined): void {
    for (const checker of ALL_CHECKERS) {
      const message = ask(checker);
      if (message === undefined) continue;
      this.#violations.push({ checker: checker.name, message });
      this.#trace(`VIOLATION ${checker.name}: ${message}`);
    }
  }

  #advance(durationMs: number): Promise<void> {
    return this.#clock.advance(durationMs, () => {});
  }

  #trace(line: string): void {
    const stamped = `${this.#clock.monotonicMs()} ${line}`;
    this.#hash.update(stamped).update('\n');
    this.#options.trace?.(stamped);
  }

  #report(): WorldReport {
    return {
      seed: this.#options.seed,
      violations: this.#violations,
      traceHash: this.#hash.digest('hex'),
      sessions: this.#books.sessions.length,
      everRunning: this.#books.sessions.filter((session) => session.runningAt !== undefined).length,
      ...this.#tally,
      leakedMs: this.#leakedMs,
    };
  }
}
