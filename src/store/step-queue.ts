import { SqliteError } from 'better-sqlite3';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** Enough that a thousand sessions which change at once wait for fifty commits; so few that requests get their turn between. */
const MAX_TOGETHER = 20;

/** So long a step is kept waiting, at least, by another program that holds the database locked. */
const MAX_LOCKED_MS = 5_000;

type Step<Result> = (trx: Transaction<Tables>) => Promise<Result>;

interface Waiting {
  /** Within the transaction: resolves to what is to be told once that is on disk. */
  readonly run: (trx: Transaction<Tables>) => Promise<() => void>;
  readonly refuse: (cause: unknown) => void;
  readonly isReading: boolean;
  /** When it first found the database locked, or was put aside behind one that did. */
  lockedAtMs?: number;
}

export interface StepQueueParts {
  readonly kysely: Kysely<Tables>;
  /** Lets others go on, between two transactions while more steps wait. */
  readonly pause: () => Promise<void>;
  /** While another program holds the database locked: once for all that wait. */
  readonly rest: () => Promise<void>;
  readonly monotonicMs: () => number;
  /** Nothing was written of steps that may have read one another's. */
  readonly onLost: () => void;
}

/**
 * Runs steps one after another, each whole: all of it is written or nothing. Those that wait at the same time share a
 * transaction, because it is the commit, which waits for the disk, that takes most of a step's time. Nobody is told of a
 * step before it is on disk. When one finds the database locked by another program, all that would write keep their order behind
 * it, untried, and who reads is served: to wait where it stands would keep everything else of this process waiting.
 */
export class StepQueue {
  readonly #parts: StepQueueParts;
  #waiting: Waiting[] = [];
  #isRunning = false;
  /** Until the next rest is over, what one step found. */
  #lock: SqliteError | undefined;
  #aside: Waiting[] = [];

  constructor(parts: StepQueueParts) {
    this.#parts = parts;
  }

  run<Result>(step: Step<Result>): Promise<Result> {
    return this.#join(step, false);
  }

  /** A step whose place among those that write does not matter: a lock does not keep it from being tried. */
  read<Result>(step: Step<Result>): Promise<Result> {
    return this.#join(step, true);
  }

  #join<Result>(step: Step<Result>, isReading: boolean): Promise<Result> {
    return new Promise((resolve, refuse) => {
      const run = async (trx: Transaction<Tables>): Promise<() => void> => {
        const result = await step(trx);
        return () => resolve(result);
      };
      this.#waiting.push({ run, refuse, isReading });
      if (!this.#isRunning) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      await this.#runTogether(this.#waiting.splice(0, MAX_TOGETHER));
      if (this.#lock) await this.#sitOut(this.#lock);
      if (this.#waiting.length > 0) await this.#parts.pause();
    }
    this.#isRunning = false;
  }

  /** However long the line is, it rests once: what it waits must not grow with it. */
  async #sitOut(lock: SqliteError): Promise<void> {
    const line = this.#waiting.splice(0);
    const reading = line.filter(({ isReading }) => isReading);
    for (const step of line) if (!step.isReading) this.#failed(step, lock);
    while (reading.length > 0) {
      await this.#parts.pause();
      await this.#runTogether(reading.splice(0, MAX_TOGETHER));
    }
    if (this.#aside.length > 0) await this.#parts.rest();
    this.#lock = undefined;
    this.#waiting.unshift(...this.#aside.splice(0));
  }

  async #runTogether(steps: readonly Waiting[]): Promise<void> {
    const news: (() => void)[] = [];
    try {
      await this.#parts.kysely.transaction().execute(async (trx) => {
        for (const step of steps)
          news.push(await (steps.length > 1 ? this.#apart(trx, step) : step.run(trx)));
      });
    } catch (cause) {
      this.#parts.onLost();
      for (const step of steps) this.#failed(step, cause);
      return;
    }
    for (const tell of news) tell();
  }

  /** What one step fails with is not for the others of its transaction, unless it is a lock: then those that write are not tried. */
  async #apart(trx: Transaction<Tables>, step: Waiting): Promise<() => void> {
    const lock = this.#lock;
    if (lock && !step.isReading) return () => this.#failed(step, lock);
    await sql`savepoint step`.execute(trx);
    const tell = await step.run(trx).catch(async (cause: unknown) => {
      await sql`rollback to step`.execute(trx).catch(() => {
        // SQLite has rolled back everything by itself, as it does when the disk is full.
        throw cause;
      });
      if (isLocked(cause)) this.#lock = cause;
      return () => this.#failed(step, cause);
    });
    await sql`release step`.execute(trx);
    return tell;
  }

  #failed(step: Waiting, cause: unknown): void {
    if (!isLocked(cause)) {
      step.refuse(cause);
      return;
    }
    this.#lock = cause;
    const nowMs = this.#parts.monotonicMs();
    step.lockedAtMs ??= nowMs;
    if (nowMs - step.lockedAtMs < MAX_LOCKED_MS) this.#aside.push(step);
    else step.refuse(cause);
  }
}

/** By another program, in a transaction of its own. */
export function isLocked(cause: unknown): cause is SqliteError {
  return cause instanceof SqliteError && cause.code.startsWith('SQLITE_BUSY');
}
