import type { Broker } from '../../src/broker.ts';
import type { BrokerEvent } from '../../src/domain/events.ts';
import { DAY_MS, utcDayStart } from '../../src/domain/time.ts';
import type { Note } from '../../src/ports/recorder.ts';
import type { Store } from '../../src/ports/store.ts';
import type { WireFetch } from '../../src/providers/wire-fetch.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { type MemoryDatabase, openSnapshot } from '../../src/store/database.ts';
import { openStoreOn } from '../../src/store/open-store.ts';
import { openEmptyDatabase } from '../support/empty-database.ts';
import type { Books } from './books.ts';
import type { Stored } from './checkers/violation.ts';
import {
  type RemoteConditions,
  type RemoteWorld,
  randomOf,
  simulatedProbe,
  simulatedShell,
} from './fakes.ts';
import { Incarnation } from './incarnation.ts';
import { startLife } from './life.ts';
import type { Stage } from './stage.ts';

export interface LivesParts {
  readonly stage: Stage;
  readonly id: string;
  readonly chance: Chance;
  readonly books: Books;
  readonly wire: WireFetch;
  readonly onEvent: (event: BrokerEvent) => void;
  readonly onNote: (note: Note) => void;
  readonly onLogin: RemoteWorld['onLogin'];
  readonly onBirth: () => void;
  readonly trace: (line: string) => void;
}

/** More than any session of a world has. */
const MAX_EVENTS = 10_000;
const MAX_SESSIONS = 10_000;

/** The lives of one deployment's broker, one after the other, on one database or on what an old copy of it has left. */
export class Lives {
  readonly #parts: LivesParts;
  #database = openEmptyDatabase();
  /** Lost disks: a life that died may still be writing there. */
  readonly #lost: MemoryDatabase[] = [];
  #copy: Buffer | undefined;
  #isToRestore = false;
  #incarnation: Incarnation | undefined;
  #broker: Broker | undefined;
  #upSince: number | undefined;
  #restoredAt: number | undefined;
  #skewMs = 0;
  #jumpedAt = 0;
  #deaths = 0;
  #diskFullUntil = 0;
  #relapsesInARow = 0;
  #isRelapsing = false;

  constructor(parts: LivesParts) {
    this.#parts = parts;
  }

  /** The process that answers now; undefined while it is down. */
  get broker(): Broker | undefined {
    return this.#broker;
  }

  get deaths(): number {
    return this.#deaths;
  }

  /** Since when the present life goes on, in marketplace time; undefined while it is down. */
  get upSince(): number | undefined {
    return this.#upSince;
  }

  /** When a life last began on an old copy of the database. */
  get restoredAt(): number | undefined {
    return this.#restoredAt;
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  async start(): Promise<void> {
    const incarnation = new Incarnation({ onDeath: () => this.#onDeath() });
    this.#incarnation = incarnation;
    if (this.#isToRestore) await this.#restore();
    this.#relapse(incarnation);
    this.#upSince = this.#parts.stage.clock.now();
    this.#parts.onBirth();
    const broker = await this.#live(incarnation);
    if (incarnation.isAlive) this.#broker = broker;
  }

  /** The process dies at the n-th crossing from now. */
  doomIn(crossings: number): void {
    this.#incarnation?.doomIn(crossings);
  }

  spare(): void {
    this.#incarnation?.spare();
  }

  jumpClock(byMs: number): void {
    this.#parts.stage.tally.count('broker clock jump');
    this.#skewMs += byMs;
    this.#jumpedAt = this.#parts.stage.clock.now();
  }

  /** Since when the present life has gone on with a clock that nobody set and a disk that took its writes. */
  get undisturbedSince(): number | undefined {
    const { clock } = this.#parts.stage;
    const diskFullUntil = Math.min(this.#diskFullUntil, clock.now());
    return this.#upSince === undefined
      ? undefined
      : Math.max(this.#upSince, this.#jumpedAt, diskFullUntil);
  }

  /** For so long nothing can be written; whatever room there is comes back when the world heals. */
  fillDisk(durationMs: number): void {
    this.#diskFullUntil = this.#parts.stage.clock.now() + durationMs;
  }

  get isDiskFull(): boolean {
    const { stage } = this.#parts;
    return !stage.isHealed && stage.clock.now() < this.#diskFullUntil;
  }

  async takeBackup(): Promise<void> {
    this.#copy = await this.#database.snapshot();
    this.#parts.stage.tally.count('broker backup taken');
    this.#parts.trace('the database is copied');
  }

  /** The process dies, its disk with it, and its next life begins on the copy. */
  loseDisk(): void {
    if (!this.#copy) return;
    this.#isToRestore = true;
    this.doomIn(1);
  }

  /** What the store itself gives back. */
  async read(ids: readonly string[]): Promise<readonly Stored[]> {
    const store = await this.#openStore();
    const now = this.#parts.stage.clock.now() + this.#skewMs;
    const read = async (id: string): Promise<Stored> => ({
      id,
      cost: await store.sessionCost(id, now),
      session: await store.load(id),
      events: await store.events(id, MAX_EVENTS),
    });
    return Promise.all(ids.map(read));
  }

  /** By the sums of the days, in micro-dollars. */
  async spent(): Promise<number> {
    const store = await this.#openStore();
    const now = this.#parts.stage.clock.now() + this.#skewMs;
    const window = { from: utcDayStart(0), to: utcDayStart(now) + 2 * DAY_MS };
    const { parts } = await store.costSums({ window }, now);
    return parts.reduce((sum, { cost }) => sum + cost, 0);
  }

  async close(): Promise<void> {
    this.doomIn(1);
    await Promise.all([this.#database, ...this.#lost].map((database) => database.close()));
  }

  #live(incarnation: Incarnation): Promise<Broker> {
    const { stage, chance, id, wire, books, onEvent, onNote, onLogin } = this.#parts;
    return startLife({
      incarnation,
      clock: stage.clock,
      skewMs: () => this.#skewMs,
      isDiskFull: () => this.isDiskFull,
      random: randomOf(chance.fork(`life ${this.#deaths}`)),
      database: this.#database,
      books,
      fetch: wire,
      shell: simulatedShell({
        market: stage.market,
        clock: stage.clock,
        chance: chance.fork(`shell ${this.#deaths}`),
        conditions: () => this.#remoteConditions(),
        tally: stage.tally,
        onLogin,
      }),
      probe: simulatedProbe({
        market: stage.market,
        clock: stage.clock,
        chance: chance.fork(`probe ${this.#deaths}`),
        conditions: () => this.#remoteConditions(),
        tally: stage.tally,
        onLogin,
      }),
      credentials: stage.market.credentials,
      deploymentId: id,
      plan: stage.plan,
      onEvent,
      onNote,
    });
  }

  async #restore(): Promise<void> {
    const { books, stage, trace } = this.#parts;
    if (!this.#copy) return;
    this.#isToRestore = false;
    this.#lost.push(this.#database);
    this.#database = openSnapshot(this.#copy);
    const store = await this.#openStore();
    const { sessions } = await store.page({ limit: MAX_SESSIONS, offset: 0 });
    const { orphans } = await store.orphanPage({ limit: MAX_SESSIONS, offset: 0 });
    books.goBackTo({ sessions: sessions.toReversed(), orphans });
    this.#restoredAt = stage.clock.now();
    stage.tally.count('broker backup restored');
    trace('the database is replaced by its copy');
  }

  #relapse(incarnation: Incarnation): void {
    const { stage, chance } = this.#parts;
    const { probability, inARow, crossings } = stage.plan.relapses;
    this.#isRelapsing = false;
    if (this.#deaths === 0 || stage.isHealed || this.#relapsesInARow >= inARow) return;
    const draws = chance.fork(`relapse ${this.#deaths}`);
    if (!draws.hit(probability)) return;
    this.#isRelapsing = true;
    incarnation.doomIn(draws.int(crossings.low, crossings.high));
  }

  #onDeath(): void {
    const { stage, chance, trace } = this.#parts;
    this.#relapsesInARow = this.#isRelapsing ? this.#relapsesInARow + 1 : 0;
    if (this.#isRelapsing) stage.tally.count('broker relapse');
    if (this.#relapsesInARow > 1) stage.tally.count('broker second relapse in a row');
    this.#isRelapsing = false;
    this.#deaths += 1;
    stage.tally.count('broker crash');
    this.#broker = undefined;
    this.#upSince = undefined;
    trace('the broker is killed');
    const { crashes } = stage.plan;
    const most = crashes.kind === 'never' ? 500 : crashes.downMs;
    const downMs = chance.fork(`down ${this.#deaths}`).int(500, Math.max(500, most));
    stage.clock.after(downMs, () => {
      trace('the broker starts');
      void this.start();
    });
  }

  async #openStore(): Promise<Store> {
    const { id } = this.#parts;
    const options = { deploymentId: id, newDeploymentId: () => id };
    return (await openStoreOn(this.#database, options)).store;
  }

  #remoteConditions(): RemoteConditions {
    const { stage } = this.#parts;
    return stage.isHealed ? { latencyMs: 50, drops: 0, garbles: 0 } : stage.plan.shell;
  }
}
