import { type Kysely, sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** Enough that a thousand sessions which change at once wait for fifty commits; so few that requests get their turn between. */
const MAX_TOGETHER = 20;

type Step<Result> = (trx: Transaction<Tables>) => Promise<Result>;

interface Waiting {
  /** Within the transaction: resolves to what is to be told once that is on disk. */
  readonly run: (trx: Transaction<Tables>) => Promise<() => void>;
  readonly refuse: (cause: unknown) => void;
}

export interface StepQueueParts {
  readonly kysely: Kysely<Tables>;
  /** Lets others go on, between two transactions while more steps wait. */
  readonly pause: () => Promise<void>;
  /** Nothing was written of steps that may have read one another's. */
  readonly onLost: () => void;
}

/**
 * Runs steps one after another, each whole: all of it is written or nothing. Those that wait at the same time share a
 * transaction, because it is the commit, which waits for the disk, that takes most of a step's time. Nobody is told of a
 * step before it is on disk.
 */
export class StepQueue {
  readonly #parts: StepQueueParts;
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(parts: StepQueueParts) {
    this.#parts = parts;
  }

  run<Result>(step: Step<Result>): Promise<Result> {
    return new Promise((resolve, refuse) => {
      const run = async (trx: Transaction<Tables>): Promise<() => void> => {
        const result = await step(trx);
        return () => resolve(result);
      };
      this.#waiting.push({ run, refuse });
      if (!this.#isRunning) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      await this.#runTogether(this.#waiting.splice(0, MAX_TOGETHER));
      if (this.#waiting.length > 0) await this.#parts.pause();
    }
    this.#isRunning = false;
  }

  async #runTogether(steps: readonly Waiting[]): Promise<void> {
    const news: (() => void)[] = [];
    try {
      await this.#parts.kysely.transaction().execute(async (trx) => {
        for (const step of steps)
          news.push(await (steps.length > 1 ? apart(trx, step) : step.run(trx)));
      });
    } catch (cause) {
      this.#parts.onLost();
      for (const { refuse } of steps) refuse(cause);
      return;
    }
    for (const tell of news) tell();
  }
}

/** What one step fails with is not for the others of its transaction. */
async function apart(trx: Transaction<Tables>, step: Waiting): Promise<() => void> {
  await sql`savepoint step`.execute(trx);
  const tell = await step.run(trx).catch(async (cause: unknown) => {
    await sql`rollback to step`.execute(trx).catch(() => {
      // SQLite has rolled back everything by itself, as it does when the disk is full.
      throw cause;
    });
    return () => step.refuse(cause);
  });
  await sql`release step`.execute(trx);
  return tell;
}
