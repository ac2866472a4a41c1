import { closeSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely';
import { MIGRATIONS_FOLDER, migrate, readMigrations } from './migrations.ts';
import { lockForThisProcess, type ProcessLock } from './process-lock.ts';
import { cacheStatements } from './statement-cache.ts';
import { isLocked } from './step-queue.ts';
import { StoreError } from './store-error.ts';
import type { Tables } from './tables.ts';

/** How long the start waits for another program that has the database locked. */
const BUSY_TIMEOUT_MS = 5_000;

/** How long the line of steps rests, each time, when one found it locked. Later no statement waits: all else of the process would wait with it. */
const LOCKED_REST_MS = 50;

/**
 * What is left of the write-ahead log's file once its content has moved into the database. It has about 4 MB by itself; a reader that takes
 * long, such as a backup, makes it grow meanwhile, and SQLite would never make it smaller again.
 */
const MAX_LOG_BYTES = 16 * 1024 * 1024;

/**
 * One connection, migrated. Several stores may stand on it, one after another or at once: they share the one
 * query builder, whose mutex keeps their transactions apart.
 */
export interface Database {
  readonly kysely: Kysely<Tables>;
  /** Lets the rest of the program go on where many steps wait. In memory none of them takes long. */
  pause(): Promise<void>;
  /** Lets another program that has the file locked go on. */
  rest(): Promise<void>;
  monotonicMs(): number;
  close(): Promise<void>;
}

/** Opens or makes the file, for this process alone. */
export function openFileDatabase(path: string): Database {
  const file = makeFile(path);
  const lock = takeLock(file);
  try {
    const connection = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS });
    const database = prepare(connection);
    connection.pragma('busy_timeout = 0');
    return {
      ...database,
      pause: () => nextTurn(),
      rest: () => sleep(LOCKED_REST_MS),
      close: async () => {
        await database.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw explain(file, error);
  }
}

/** One that is copied whole, as it stands between two steps. */
export interface MemoryDatabase extends Database {
  snapshot(): Promise<Buffer>;
}

/** A database that lives as long as this value does, whatever store is closed over it. */
export function openMemoryDatabase(): MemoryDatabase {
  return inMemory(new Sqlite(':memory:'));
}

/** A database of its own that goes on from where another one was copied, as one does that was restored from a backup. */
export function openSnapshot(snapshot: Buffer): MemoryDatabase {
  return inMemory(new Sqlite(snapshot));
}

function inMemory(connection: Sqlite.Database): MemoryDatabase {
  const database = prepare(connection);
  return {
    ...database,
    // The one connection is handed out between transactions only, so no half of a step is copied.
    snapshot: () => database.kysely.connection().execute(async () => connection.serialize()),
  };
}

/** The real path, so that two names for one file meet in one lock. The file holds sealed keys: only its owner reads it. */
function makeFile(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    return realpathSync(path);
  } catch (error) {
    throw explain(path, error);
  }
}

function takeLock(path: string): ProcessLock {
  try {
    return lockForThisProcess(path);
  } catch (error) {
    throw explain(path, error);
  }
}

function prepare(connection: Sqlite.Database): Database {
  try {
    connection.pragma('journal_mode = WAL');
    // An intent that a power cut takes back could rent a machine that nobody knows of.
    connection.pragma('synchronous = FULL');
    connection.pragma(`journal_size_limit = ${MAX_LOG_BYTES}`);
    connection.pragma('foreign_keys = ON');
    migrate(connection, readMigrations(MIGRATIONS_FOLDER));
  } catch (error) {
    connection.close();
    throw error;
  }
  const kysely = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: cacheStatements(connection) }),
    plugins: [new CamelCasePlugin()],
  });
  return {
    kysely,
    pause: () => Promise.resolve(),
    rest: () => Promise.resolve(),
    monotonicMs: () => performance.now(),
    close: async () => {
      await kysely.destroy();
      connection.close();
    },
  };
}

function explain(path: string, cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  if (isLocked(cause)) {
    return new StoreError(
      'in_use',
      `Another program holds the database ${path} locked, such as a database shell or a tool that copies it. End that program and start again.`,
      { cause },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('unreadable', `The database ${path} cannot be opened: ${reason}.`, {
    cause,
  });
}
