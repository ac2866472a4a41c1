import type { Session } from '../../../src/domain/session.ts';
import type { SimMarket } from '../../../src/simulator/market.ts';
import type { SimInstance } from '../../../src/simulator/model.ts';
import type { Books } from '../books.ts';
import type { Plan } from '../plan.ts';

/** What the checkers look at. */
export interface Evidence {
  readonly market: SimMarket;
  readonly books: Books;
  readonly deploymentId: string;
  readonly plan: Plan;
  /** Marketplace time, which no clock jump touches. */
  readonly now: () => number;
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
  /** The world has healed, every session was asked to end, and the stated time has passed. */
  onConverged?(evidence: Evidence): readonly string[];
}
