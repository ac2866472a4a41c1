import { SqliteError } from 'better-sqlite3';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** Enough that a thousand sessions which change at once wait for fifty commits; so few that requests get their turn between. */
const MAX_TOGETHER = 20;

/** Where another program holds the database locked a step is tried so often, with a rest between. */
const MAX_TRIES = 100;

type Step<Result> = (trx: Transaction<Tables>) => Promise<Result>;

interface Waiting {
  /** Within the transaction: resolves to what is to be told once that is on disk. */
  readonly run: (trx: Transaction<Tables>) => Promise<() => void>;
  readonly refuse: (cause: unknown) => void;
  tries: number;
}

export interface StepQueueParts {
  readonly kysely: Kysely<Tables>;
  /** Lets others go on, between two transactions while more steps wait. */
  readonly pause: () => Promise<void>;
  /** While another program holds the database locked. Some 50 ms, so that a step waits for five seconds at most. */
  readonly rest: () => Promise<void>;
  /** Nothing was written of steps that may have read one another's. */
  readonly onLost: () => void;
}

/**
 * Runs steps one after another, each whole: all of it is written or nothing. Those that wait at the same time share a
 * transaction, because it is the commit, which waits for the disk, that takes most of a step's time. Nobody is told of a
 * step before it is on disk. One that finds the database locked by another program goes to the end of the line: to wait where
 * it stands would keep everything else of this process waiting.
 */
export class StepQueue {
  readonly #parts: StepQueueParts;
  #waiting: Waiting[] = [];
  #isRunning = false;
  #locked: Waiting[] = [];

  constructor(parts: StepQueueParts) {
    this.#parts = parts;
  }

  run<Result>(step: Step<Result>): Promise<Result> {
    return new Promise((resolve, refuse) => {
      const run = async (trx: Transaction<Tables>): Promise<() => void> => {
        const result = await step(trx);
        return () => resolve(result);
      };
      this.#waiting.push({ run, refuse, tries: 0 });
      if (!this.#isRunning) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      await this.#runTogether(this.#waiting.splice(0, MAX_TOGETHER));
      if (this.#locked.length > 0) await this.#parts.rest();
      this.#waiting.push(...this.#locked.splice(0));
      if (this.#waiting.length > 0) await this.#parts.pause();
    }
    this.#isRunning = false;
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

  /** What one step fails with is not for the others of its transaction. */
  async #apart(trx: Transaction<Tables>, step: Waiting): Promise<() => void> {
    await sql`savepoint step`.execute(trx);
    const tell = await step.run(trx).catch(async (cause: unknown) => {
      await sql`rollback to step`.execute(trx).catch(() => {
        // SQLite has rolled back everything by itself, as it does when the disk is full.
        throw cause;
      });
      return () => this.#failed(step, cause);
    });
    await sql`release step`.execute(trx);
    return tell;
  }

  #failed(step: Waiting, cause: unknown): void {
    step.tries += 1;
    if (isLocked(cause) && step.tries < MAX_TRIES) this.#locked.push(step);
    else step.refuse(cause);
  }
}

/** By another program, in a transaction of its own. */
export function isLocked(cause: unknown): boolean {
  return cause instanceof SqliteError && cause.code.startsWith('SQLITE_BUSY');
}
