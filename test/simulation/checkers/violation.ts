import type { Broker } from '../../../src/broker.ts';
import type { BrokerEvent } from '../../../src/domain/events.ts';
import type { Instance } from '../../../src/domain/instance.ts';
import type { Session } from '../../../src/domain/session.ts';
import type { Login } from '../../../src/ports/remote-shell.ts';
import type { SimMarket } from '../../../src/simulator/market.ts';
import type { SimInstance } from '../../../src/simulator/model.ts';
import type { Books } from '../books.ts';
import type { Visit } from '../fakes.ts';
import type { Plan } from '../plan.ts';
import type { Word } from '../testimony.ts';

/** What the checkers look at. */
export interface Evidence {
  readonly market: SimMarket;
  readonly books: Books;
  readonly deploymentId: string;
  readonly plan: Plan;
  readonly isHealed: boolean;
  /** Tags of launches that the network delivered twice: what follows from those is nobody's fault. */
  readonly doubledTags: ReadonlySet<string>;
  /** The lists in which the present life of the broker was shown an instance. */
  readonly showingOf: (id: string) => Showing | undefined;
  /** What the agent of a session has said to brokers that lived. */
  readonly wordsOf: (id: string) => readonly Word[];
  /** When a call about one instance got no usable answer, by the broker's clock. */
  readonly failedLooks: readonly { readonly api: string; readonly at: number }[];
  /** Marketplace time. */
  readonly now: () => number;
  /** The broker's own clock, which may have been set. */
  readonly brokerNow: () => number;
  /** Since when the present life of the broker goes on, in marketplace time; undefined while it is down. */
  readonly upSince: number | undefined;
  /** Since when it has gone on with a clock that nobody set and a disk that took its writes, in marketplace time. */
  readonly undisturbedSince: number | undefined;
  /** Since when a row has been to be ended and its end was not asked for, in marketplace time. */
  readonly unheededSince: (row: Instance) => number | undefined;
  /** When an orphan was told of that stands in the rows, in marketplace time. */
  readonly orphanFoundAt: (id: string) => number | undefined;
  /** When a life of the broker last began on an old copy of its database, in marketplace time. */
  readonly restoredAt: number | undefined;
  readonly course: Course;
  readonly broker: Broker | undefined;
  /** What the store itself gives back at the end; empty before. */
  readonly stored: readonly Stored[];
  /** Micro-dollars that it then says were spent in all; 0 before. */
  readonly spent: number;
}

/** How it came to an end with one deployment after the world was well, in marketplace time. */
export interface Course {
  /** When it was well and the broker was up. */
  readonly wellAt: number | undefined;
  /** Since when nothing has been in doubt. */
  readonly steadyAt: number | undefined;
  /** The last time that something was in doubt, and what. */
  readonly lastDoubt: string | undefined;
  /** When the last request was made. */
  readonly lastRequestAt: number | undefined;
  /** Since when nothing has been left. */
  readonly overAt: number | undefined;
  /** The last time that something was left, and what. */
  readonly lastLeft: string | undefined;
}

export interface Showing {
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface Stored {
  readonly id: string;
  /** Micro-dollars, also of one that was removed. */
  readonly cost: number | undefined;
  readonly session: Session | undefined;
  readonly events: readonly BrokerEvent[];
}

export interface Violation {
  readonly checker: string;
  readonly message: string;
}

/** One promise, held against the marketplace at the moments that can break it. Each returns what is wrong, or nothing. */
export interface Checker {
  readonly name: string;
  /** A renter's call is about to end or stop this instance. */
  onEnd?(evidence: Evidence, instance: SimInstance): string | undefined;
  /** A renter's call has just made this instance. */
  onRent?(evidence: Evidence, instance: SimInstance): string | undefined;
  /** A session's row has just been committed. */
  onCommit?(evidence: Evidence, session: Session, before: Session | undefined): string | undefined;
  /** A session was removed because it had been kept for long enough; this is how it stood. */
  onRemoval?(evidence: Evidence, session: Session): string | undefined;
  /** An event was recorded, after it was committed. */
  onEvent?(evidence: Evidence, event: BrokerEvent): string | undefined;
  /** The broker has tried to log in, and met this. */
  onLogin?(evidence: Evidence, login: Login, met: Visit): string | undefined;
  /** Something was recorded where operators read. */
  onSaid?(evidence: Evidence, text: string): string | undefined;
  /** Some seconds have passed. */
  onTick?(evidence: Evidence): string | undefined;
  /** The world has healed, every session was asked to end, and the stated time has passed. */
  onConverged?(evidence: Evidence): readonly string[];
}
