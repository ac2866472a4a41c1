import type { Broker } from '../../src/broker.ts';
import { isTerminalStatus, type Session } from '../../src/domain/session.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { Books } from './books.ts';
import { nothingLeaks } from './checkers/nothing-leaks.ts';
import type { Checker } from './checkers/violation.ts';
import { type ClientParts, endSession, goStraight, useOneSession } from './client.ts';
import { CourseLog } from './course.ts';
import { doubtsOf } from './doubts.ts';
import { LeakMeter, type Leaks } from './leak-meter.ts';
import { Lives } from './lives.ts';
import { decideOnOrphans, endOrphans } from './operator.ts';
import { plantOrphan } from './plant-orphan.ts';
import type { Stage } from './stage.ts';
import { Testimony } from './testimony.ts';
import { Witness } from './witness.ts';

export interface DeploymentOptions {
  readonly stage: Stage;
  readonly id: string;
  readonly checkers: readonly Checker[];
  readonly trace: (line: string) => void;
}

/** One broker with its database and its clients, over as many lives as it takes, and the witness of it all. */
export class Deployment {
  readonly books = new Books();
  readonly lives: Lives;
  readonly witness: Witness;
  readonly course = new CourseLog();
  readonly #testimony = new Testimony();
  readonly #stage: Stage;
  readonly #id: string;
  readonly #chance: Chance;
  readonly #leaks: LeakMeter;
  readonly #askedToEnd = new Set<string>();
  readonly #onCommitted: ((session: Session) => void)[] = [];
  #isClosed = false;

  constructor({ stage, id, checkers, trace }: DeploymentOptions) {
    this.#stage = stage;
    this.#id = id;
    this.#chance = stage.chance.fork(id);
    this.#leaks = new LeakMeter(id, () => stage.clock.now());
    this.witness = new Witness({
      stage,
      deploymentId: id,
      books: this.books,
      testimony: this.#testimony,
      checkers,
      lives: () => this.lives,
      course: () => this.course,
      trace,
    });
    this.lives = this.#createLives(trace);
    this.#listen();
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

  /** Calls once, in the moment of the commit. */
  whenCommitted(condition: (session: Session) => boolean, act: () => void): void {
    let isDone = false;
    this.#onCommitted.push((session) => {
      if (isDone || !condition(session)) return;
      isDone = true;
      act();
    });
  }

  /** Plants an instance with our tag that no row has heard of, as a lost database would leave behind. */
  async plantOrphan(index: number): Promise<void> {
    await plantOrphan(this.#stage, this.#id, this.#chance.fork(`orphan ${index}`));
  }

  get broker(): Broker | undefined {
    return this.lives.broker;
  }

  /** How long each instance outlived its being wanted. */
  get leaks(): Leaks {
    return this.#leaks.leaks(this.#stage.market.instances());
  }

  /** Nobody rents any more; asks for the end of every session that is not ended, once each. */
  endAll(): void {
    if (!this.#isClosed) this.course.lastRequestAt = this.#stage.clock.now();
    this.#isClosed = true;
    if (this.#stage.plan.operator === 'decides') {
      void endOrphans(this.#client('operator closing', () => false));
    }
    for (const { id, status, instances, discardAskedAt } of this.books.sessions) {
      const isKept = instances.some(({ state }) => state === 'preserved');
      const isOver = isTerminalStatus(status) && !(isKept && discardAskedAt === undefined);
      if (isOver || this.#askedToEnd.has(id)) continue;
      this.#askedToEnd.add(id);
      const parts = this.#client(`closing ${id}`, () => false);
      void endSession(parts, id);
    }
  }

  /** True when nothing is in between two states that last. */
  lookForDoubts(): boolean {
    const { evidence } = this.witness;
    if (evidence.broker === undefined) this.course.wellAt = evidence.now();
    this.course.noteDoubts(doubtsOf(evidence), evidence.now());
    return this.course.steadyAt !== undefined;
  }

  /** True when nothing of ours is left, neither in the rows nor at the market. */
  lookForLeftovers(): boolean {
    const { evidence } = this.witness;
    this.course.noteLeft(nothingLeaks.onConverged?.(evidence) ?? [], evidence.now());
    return this.course.overAt !== undefined;
  }

  async conclude(): Promise<void> {
    const stored = await this.lives.read(this.books.sessions.map(({ id }) => id));
    this.witness.conclude({ stored, spent: await this.lives.spent() });
  }

  #createLives(trace: (line: string) => void): Lives {
    const { witness } = this;
    return new Lives({
      stage: this.#stage,
      id: this.#id,
      chance: this.#chance,
      books: this.books,
      wire: this.#stage.wireOf(this.#id, {
        onEnd: (instance) => witness.onEnd(instance),
        onRent: (label, result, instance) => witness.onRent(label, result, instance),
        onListed: (instances) => witness.onListed(instances),
      }),
      onEvent: (event) => witness.onEvent(event),
      onNote: (note) => witness.onNote(note),
      onLogin: (login, met) => witness.onLogin(login, met),
      onBirth: () => witness.onBirth(),
      trace,
    });
  }

  #listen(): void {
    const { books, witness } = this;
    books.onCommit = (session, before) => {
      this.#leaks.noteCommit(session);
      this.#testimony.noteCommit(session, before, this.#stage.clock.now());
      witness.onCommit(session, before);
      for (const look of this.#onCommitted) look(session);
    };
    books.onGoneBack = () => {
      this.#leaks.goBackTo(books.sessions);
      witness.onGoneBack();
    };
    books.onRemoval = (session) => witness.onRemoval(session);
    books.onOrphan = (orphan) => this.#leaks.noteOrphan(orphan);
    books.onStale = () => witness.nets.count('stale write refused');
    books.onReplay = () => witness.nets.count('repeated request answered from its session');
  }

  #client(name: string, isOut: () => boolean): ClientParts {
    const { plan, clock } = this.#stage;
    return {
      name,
      plan,
      clock,
      chance: this.#chance.fork(name),
      broker: () => {
        const { broker } = this.lives;
        return broker?.phase() === 'running' && !isOut() ? broker : undefined;
      },
      listener: () => (isOut() ? undefined : this.lives.broker),
      onWord: (id, isWork) => this.#testimony.note(id, { at: clock.now(), isWork }),
      onAsk: (ask) => this.#onAsk(ask),
      onRequest: () => {
        this.course.lastRequestAt = clock.now();
      },
      onUnexpected: (message) => this.witness.report('no surprises', message),
    };
  }

  #onAsk(ask: 'create' | 'stop'): void {
    const { crashes } = this.#stage.plan;
    if (crashes.kind !== 'after' || crashes.ask !== ask || this.lives.deaths > 0) return;
    this.lives.doomIn(crashes.crossings);
  }
}
