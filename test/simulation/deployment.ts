import type { Broker } from '../../src/broker.ts';
import type { BrokerEvent } from '../../src/domain/events.ts';
import { isTerminalStatus } from '../../src/domain/session.ts';
import type { Note } from '../../src/ports/recorder.ts';
import type { WireFetch } from '../../src/providers/wire-fetch.ts';
import type { Chance, SimInstance } from '../../src/simulator/model.ts';
import { type Database, openMemoryDatabase } from '../../src/store/database.ts';
import { openStoreOn } from '../../src/store/open-store.ts';
import { Books } from './books.ts';
import { nothingLeaks } from './checkers/nothing-leaks.ts';
import type { Checker, Evidence, Showing, Stored, Violation } from './checkers/violation.ts';
import { type ClientParts, endSession, goStraight, useOneSession } from './client.ts';
import { type RemoteConditions, randomOf, simulatedShell } from './fakes.ts';
import { Incarnation } from './incarnation.ts';
import { startLife } from './life.ts';
import { decideOnOrphans, endOrphans } from './operator.ts';
import { plantOrphan } from './plant-orphan.ts';
import type { Stage } from './stage.ts';

export interface DeploymentOptions {
  readonly stage: Stage;
  readonly id: string;
  readonly checkers: readonly Checker[];
  readonly trace: (line: string) => void;
}

/** What happened to one deployment, in numbers. */
export interface DeploymentTally {
  launches: number;
  crashes: number;
  adoptions: number;
  orphans: number;
}

/** One broker with its database and its clients, over as many lives as it takes. */
export class Deployment {
  readonly books = new Books();
  readonly violations: Violation[] = [];
  readonly tally: DeploymentTally = {
    launches: 0,
    crashes: 0,
    adoptions: 0,
    orphans: 0,
  };
  readonly leakedMs: number[] = [];
  readonly #stage: Stage;
  readonly #id: string;
  readonly #chance: Chance;
  readonly #checkers: readonly Checker[];
  readonly #trace: (line: string) => void;
  readonly #database: Database = openMemoryDatabase();
  readonly #wire: WireFetch;
  readonly #showings = new Map<string, Showing>();
  readonly #failedLooks: { readonly api: string; readonly at: number }[] = [];
  readonly #askedToEnd = new Set<string>();
  #skewMs = 0;
  #isClosed = false;
  #incarnation: Incarnation | undefined;
  #broker: Broker | undefined;
  #upSince: number | undefined;

  constructor({ stage, id, checkers, trace }: DeploymentOptions) {
    this.#stage = stage;
    this.#id = id;
    this.#chance = stage.chance.fork(id);
    this.#checkers = checkers;
    this.#trace = trace;
    this.#wire = stage.wireOf(id, {
      onEnd: (instance) => this.#onEnd(instance),
      onRent: (label, result, instance) => this.#onRent(label, result, instance),
      onListed: (instances) => this.#onListed(instances),
    });
    this.books.onCommit = (session, before) =>
      this.#check((checker) => checker.onCommit?.(this.#evidence, session, before));
  }

  async start(): Promise<void> {
    const stage = this.#stage;
    const life = this.tally.crashes;
    const incarnation = new Incarnation({ onDeath: () => this.#onDeath() });
    this.#incarnation = incarnation;
    this.#showings.clear();
    this.#upSince = stage.clock.now();
    this.#broker = await startLife({
      incarnation,
      clock: stage.clock,
      skewMs: () => this.#skewMs,
      random: randomOf(this.#chance.fork(`life ${life}`)),
      database: this.#database,
      books: this.books,
      fetch: this.#wire,
      shell: simulatedShell({
        market: stage.market,
        clock: stage.clock,
        chance: this.#chance.fork(`shell ${life}`),
        conditions: () => this.#remoteConditions(),
        tally: stage.tally,
      }),
      apis: stage.plan.apis,
      credentials: stage.market.credentials,
      deploymentId: this.#id,
      policy: stage.plan.policy,
      onEvent: (event) => this.#onEvent(event),
      onNote: (note) => this.#onNote(note),
    });
  }

  /** Sends the clients out. Each has a stream of chance of its own. */
  invite(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const parts = this.#client(`client-${index}`, () => this.#isClosed);
      void (this.#stage.plan.clients === 'varied' ? useOneSession(parts) : goStraight(parts));
    }
    if (this.#stage.plan.operator === 'decides') {
      void decideOnOrphans(this.#client('operator', () => this.#isClosed));
    }
  }

  /** Plants an instance with our tag that no row has heard of, as a lost database would leave behind. */
  async plantOrphan(index: number): Promise<void> {
    await plantOrphan(this.#stage, this.#id, this.#chance.fork(`orphan ${index}`));
  }

  jumpClock(byMs: number): void {
    this.#stage.tally.count('broker clock jump');
    this.#skewMs += byMs;
  }

  /** The process that answers now; undefined while it is down. */
  get broker(): Broker | undefined {
    return this.#broker;
  }

  /** The process dies at the next crossing. */
  doom(): void {
    this.#incarnation?.doomIn(1);
  }

  spare(): void {
    this.#incarnation?.spare();
  }

  /** Nobody rents any more; asks for the end of every session that is not ended, once each. */
  endAll(): void {
    this.#isClosed = true;
    if (this.#stage.plan.operator === 'decides') {
      void endOrphans(this.#client('operator closing', () => false));
    }
    for (const { id, status } of this.books.sessions) {
      if (isTerminalStatus(status) || this.#askedToEnd.has(id)) continue;
      this.#askedToEnd.add(id);
      void endSession(
        this.#client(`closing ${id}`, () => false),
        id,
      );
    }
  }

  /** No session is in between two states that last. */
  isSteady(): boolean {
    return this.books.sessions.every(
      ({ status }) => status === 'running' || isTerminalStatus(status),
    );
  }

  /** Nothing of ours is left, neither in the rows nor at the market. */
  isOver(): boolean {
    return (nothingLeaks.onConverged?.(this.#evidence) ?? []).length === 0;
  }

  /** What the checkers of the end say. */
  async conclude(): Promise<readonly Violation[]> {
    const evidence = { ...this.#evidence, stored: await this.#readStore() };
    return this.#checkers.flatMap((checker) =>
      (checker.onConverged?.(evidence) ?? []).map((message) => ({
        checker: checker.name,
        message,
      })),
    );
  }

  /** A look at what changes with time alone. */
  tick(): void {
    this.#check((checker) => checker.onTick?.(this.#evidence));
  }

  async close(): Promise<void> {
    this.doom();
    await this.#database.close();
  }

  get #evidence(): Evidence {
    const { market, plan, clock, doubledTags, isHealed } = this.#stage;
    return {
      market,
      plan,
      doubledTags,
      isHealed,
      books: this.books,
      deploymentId: this.#id,
      upSince: this.#upSince,
      broker: this.#broker,
      failedLooks: this.#failedLooks,
      showingOf: (id) => this.#showings.get(id),
      now: () => clock.now(),
      brokerNow: () => clock.now() + this.#skewMs,
      stored: [],
    };
  }

  async #readStore(): Promise<readonly Stored[]> {
    const { store } = await openStoreOn(this.#database, {
      deploymentId: this.#id,
      newDeploymentId: () => this.#id,
    });
    const read = async (id: string): Promise<Stored> => ({
      session: await store.load(id),
      events: await store.events(id, MAX_EVENTS),
    });
    return Promise.all(this.books.sessions.map(({ id }) => read(id)));
  }

  #remoteConditions(): RemoteConditions {
    return this.#stage.isHealed ? { latencyMs: 50, drops: 0 } : this.#stage.plan.shell;
  }

  #client(name: string, isOut: () => boolean): ClientParts {
    const { plan, clock } = this.#stage;
    return {
      name,
      plan,
      clock,
      chance: this.#chance.fork(name),
      broker: () => (this.#broker?.phase() === 'running' && !isOut() ? this.#broker : undefined),
      onAsk: (ask) => this.#onAsk(ask),
      onUnexpected: (message) => this.#report('no surprises', message),
    };
  }

  #onAsk(ask: 'create' | 'stop'): void {
    const { crashes } = this.#stage.plan;
    if (crashes.kind !== 'after' || crashes.ask !== ask || this.tally.crashes > 0) return;
    this.#incarnation?.doomIn(crashes.crossings);
  }

  #onDeath(): void {
    this.tally.crashes += 1;
    this.#stage.tally.count('broker crash');
    this.#broker = undefined;
    this.#upSince = undefined;
    this.#trace('the broker is killed');
    const { crashes } = this.#stage.plan;
    const most = crashes.kind === 'never' ? 500 : crashes.downMs;
    const downMs = this.#chance.fork(`down ${this.tally.crashes}`).int(500, Math.max(500, most));
    this.#stage.clock.after(downMs, () => {
      this.#trace('the broker starts');
      void this.start();
    });
  }

  #onEnd(instance: SimInstance): void {
    this.#check((checker) => checker.onEnd?.(this.#evidence, instance));
    this.#trace(`market end ${instance.id}`);
  }

  #onRent(label: string | null, result: string, instance?: SimInstance): void {
    this.#trace(`market rent ${label ?? 'without label'} ${result}`);
    if (!instance) return;
    this.tally.launches += 1;
    this.#stage.noteRental();
    this.#check((checker) => checker.onRent?.(this.#evidence, instance));
  }

  #onListed(instances: readonly SimInstance[]): void {
    const at = this.#stage.clock.now();
    for (const { id } of instances) {
      this.#showings.set(id, { firstAt: this.#showings.get(id)?.firstAt ?? at, lastAt: at });
    }
  }

  #onEvent(event: BrokerEvent): void {
    if (event.kind === 'instance_adopted') this.tally.adoptions += 1;
    if (event.kind === 'orphan_detected') this.tally.orphans += 1;
    if (event.kind === 'instance_gone') this.leakedMs.push(event.leakedMs);
    this.#stage.tally.count(`event ${event.kind}`);
    const text = JSON.stringify(event);
    this.#trace(text);
    this.#check((checker) => checker.onSaid?.(this.#evidence, text));
    this.#check((checker) => checker.onEvent?.(this.#evidence, event));
  }

  #onNote(note: Note): void {
    if (note.kind === 'step_failed' || note.kind === 'loop_failed') {
      const { error } = note;
      const text = error instanceof Error ? (error.stack ?? error.message) : 'unknown';
      this.#report('no surprises', `${note.kind}: ${text}`);
    }
    if (note.kind === 'provider_call' && note.failure !== undefined) {
      const at = this.#stage.clock.now() + this.#skewMs;
      if (note.operation === 'get') this.#failedLooks.push({ api: note.api, at });
      this.#trace(`${note.api} ${note.operation} ${note.failure} ${note.detail ?? ''}`);
    }
    this.#check((checker) => checker.onSaid?.(this.#evidence, JSON.stringify(note)));
  }

  #check(ask: (checker: Checker) => string | undefined): void {
    for (const checker of this.#checkers) {
      const message = ask(checker);
      if (message !== undefined) this.#report(checker.name, message);
    }
  }

  #report(checker: string, message: string): void {
    this.#trace(`VIOLATION ${checker}: ${message}`);
    if (this.violations.length < MAX_VIOLATIONS) this.violations.push({ checker, message });
  }
}

/** More than any session of a world has. */
const MAX_EVENTS = 10_000;
/** A promise that is broken at each tick fills no memory. */
const MAX_VIOLATIONS = 50;
