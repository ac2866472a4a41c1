import type { Transaction } from 'kysely';
import type { SessionId } from '../domain/ids.ts';
import type { Session } from '../domain/session.ts';
import type { CostQuery, SessionPage, SessionQuery } from '../ports/store.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type CostBasis, readCostBasis } from './cost-totals.ts';
import type { Database } from './database.ts';
import { loadSessions } from './load-sessions.ts';
import type { Tables } from './tables.ts';

/** At some kilobytes each, a few dozen megabytes. */
const MAX_KEPT = 10_000;
/** Whose sessions are kept anyway, or not many more. */
const MAX_PAGES = 100;
/** A few kilobytes each, and the lines of what is not over. */
const MAX_COSTS = 20;
/** Sessions fetched with one statement; keeps far below the 32,766 values that a statement takes. */
const BATCH = 500;

/**
 * Sessions as they stand on disk, so that one which is looked at over and over is put together once. Whatever reads goes
 * through one connection, one step after another, and a write forgets its session before it begins: what is read while it
 * is under way waits for it, and what is kept is never older than the disk. Nobody else writes to the file meanwhile: that
 * is what the lock beside it is for.
 */
export class SessionMemory {
  readonly #kept = new BoundedMap<SessionId, Session>(MAX_KEPT);
  readonly #pages = new Map<string, SessionPage>();
  readonly #costs = new BoundedMap<string, CostBasis>(MAX_COSTS);
  /** How many writes of the session are asked for and not through. */
  readonly #writers = new Map<SessionId, number>();

  /** Undefined as well while somebody writes: whoever asks after that is to see it. */
  get(id: SessionId): Session | undefined {
    return this.#writers.has(id) ? undefined : this.#kept.get(id);
  }

  /** For the step that writes the session, before it does. */
  forget(id: SessionId): void {
    this.#kept.delete(id);
    this.#pages.clear();
    this.#costs.clear();
  }

  /** What was read in a transaction of which nothing came to be on disk. */
  forgetAll(): void {
    this.#kept.clear();
    this.#pages.clear();
    this.#costs.clear();
  }

  /** What the same question was answered since the last write; undefined as well while somebody writes. */
  pageOf(query: SessionQuery): SessionPage | undefined {
    return this.#writers.size > 0 ? undefined : this.#pages.get(JSON.stringify(query));
  }

  /** Within the step that has read it. */
  keepPage(query: SessionQuery, page: SessionPage): void {
    if (this.#pages.size === MAX_PAGES) this.#pages.clear();
    this.#pages.set(JSON.stringify(query), page);
  }

  /** What costs of whole days are added up from; undefined as well while somebody writes. */
  costsOf(query: CostQuery): CostBasis | undefined {
    return this.#writers.size > 0 ? undefined : this.#costs.get(JSON.stringify(query));
  }

  /** Within a step. */
  async readCosts(trx: Transaction<Tables>, query: CostQuery): Promise<CostBasis> {
    const basis = await readCostBasis(trx, query);
    if (basis.isSettled) this.#costs.set(JSON.stringify(query), basis);
    return basis;
  }

  /**
   * From when the write is asked for until it is through. What it says was written is kept, where nobody else is writing the
   * session: the disk has the very same.
   */
  async whileWriting<Value>(
    id: SessionId,
    write: () => Promise<Value>,
    written: (value: Value) => Session | undefined,
  ): Promise<Value> {
    this.#writers.set(id, (this.#writers.get(id) ?? 0) + 1);
    const value = await write().finally(() => this.#endWriting(id));
    const session = written(value);
    if (session && !this.#writers.has(id)) this.#kept.set(id, session);
    return value;
  }

  #endWriting(id: SessionId): void {
    const others = (this.#writers.get(id) ?? 1) - 1;
    if (others === 0) this.#writers.delete(id);
    else this.#writers.set(id, others);
  }

  /** Within a step, so that no write comes between the reading and the keeping. */
  async read(trx: Transaction<Tables>, id: SessionId): Promise<Session | undefined> {
    const [session] = await this.readAll(trx, [id]);
    return session;
  }

  /** Those that exist, in the order of the ids. */
  async readAll(trx: Transaction<Tables>, ids: readonly SessionId[]): Promise<readonly Session[]> {
    const found = new Map<SessionId, Session>();
    const missing: SessionId[] = [];
    for (const id of ids) {
      const kept = this.#kept.get(id);
      if (kept) found.set(id, kept);
      else missing.push(id);
    }
    for (let start = 0; start < missing.length; start += BATCH) {
      for (const session of await this.#fetch(trx, missing.slice(start, start + BATCH))) {
        found.set(session.id, session);
      }
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async #fetch(trx: Transaction<Tables>, ids: readonly SessionId[]): Promise<readonly Session[]> {
    const rows = await trx.selectFrom('sessions').selectAll().where('id', 'in', ids).execute();
    const sessions = await loadSessions(trx, rows);
    for (const session of sessions) this.#kept.set(session.id, session);
    return sessions;
  }
}

/** All stores over one database share its memory: each has to know of what the others write. */
const MEMORIES = new WeakMap<Database['kysely'], SessionMemory>();

export function memoryOf({ kysely }: Database): SessionMemory {
  const known = MEMORIES.get(kysely);
  if (known) return known;
  const memory = new SessionMemory();
  MEMORIES.set(kysely, memory);
  return memory;
}
