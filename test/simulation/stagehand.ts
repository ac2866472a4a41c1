import type { Broker } from '../../src/broker.ts';
import type { Session } from '../../src/domain/session.ts';
import type { SimMarket } from '../../src/simulator/market.ts';
import type { Market } from '../../src/simulator/model.ts';
import type { Books } from './books.ts';
import type { FogKind } from './fog.ts';

/** What the author of a directed world may do while it runs. */
export interface Stagehand {
  readonly market: SimMarket;
  readonly books: Books;
  /** Undefined while the process is down. */
  broker(): Broker | undefined;
  /** Runs once, so long after the world's start. */
  at(delayMs: number, act: () => void): void;
  /** Runs once, when the condition is first seen to hold; looked at every second. */
  when(condition: () => boolean, act: () => void): void;
  /** Runs once, in the moment in which a session is first committed for which the condition holds. */
  whenCommitted(condition: (session: Session) => boolean, act: () => void): void;
  /** Runs once, when the first instance has been rented and its answer is on the way. */
  whenRented(act: () => void): void;
  /** For so long the providers' APIs are not to be believed. */
  cloud(kind: FogKind, durationMs: number): void;
  /** For so long nothing listens at this marketplace. */
  cutOff(market: Market, durationMs: number): void;
  /** Somebody else rents under a tag of ours that no row has heard of. */
  plantOrphan(): void;
  /** The process dies at the next thing that it does. */
  kill(): void;
  /** For so long the broker's disk takes no writes. */
  fillDisk(durationMs: number): void;
  /** As a backup does. */
  copyDatabase(): void;
  /** The process dies, and its next life begins on the copy. */
  loseDisk(): void;
}
