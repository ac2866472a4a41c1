import { statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { MIGRATIONS_FOLDER, pendingMigrations, readMigrations } from './migrations.ts';

/** What a database holds, and what is wrong with it; read without a lock and without writing. */
export interface DatabaseReport {
  readonly path: string;
  readonly bytes: number;
  /** Sentences, none when all is well. */
  readonly problems: readonly string[];
  readonly deploymentId: string | undefined;
  /** Migrations that it has, and the names of those that it lacks. */
  readonly migrations: number;
  readonly pending: readonly string[];
  readonly sessions: number;
  readonly openSessions: number;
  readonly events: number;
  readonly ledgerLines: number;
  /** Sealed texts of sessions that may still need them, with the contexts that they are bound to. */
  readonly sealed: readonly { readonly sessionId: string; readonly sealedPrivateKey: string }[];
}

/** Of more problems than this nobody reads on. */
const MAX_PROBLEMS = 20;

/** Throws what SQLite throws for a file that is no database at all. */
export function examineDatabase(path: string): DatabaseReport {
  const database = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    const known = standingOf(database);
    return {
      path,
      bytes: statSync(path).size,
      ...known,
      problems: [...soundness(database), ...known.problems],
      deploymentId: textIn(database, "SELECT value FROM meta WHERE key = 'deployment_id'"),
      sessions: countOf(database, 'SELECT count(*) AS n FROM sessions'),
      openSessions: countOf(database, 'SELECT count(*) AS n FROM sessions WHERE open = 1'),
      events: countOf(database, 'SELECT count(*) AS n FROM events'),
      ledgerLines: countOf(database, 'SELECT count(*) AS n FROM cost_entries'),
      sealed: database
        .prepare<[], { sessionId: string; sealedPrivateKey: string }>(
          'SELECT id AS sessionId, sealed_private_key AS sealedPrivateKey FROM sessions WHERE open = 1 AND sealed_private_key IS NOT NULL',
        )
        .all(),
    };
  } finally {
    database.close();
  }
}

/** What is wrong with a file's pages and references; nothing, for a sound one. */
export function soundnessOf(path: string): readonly string[] {
  const database = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    return soundness(database);
  } finally {
    database.close();
  }
}

function soundness(database: Sqlite.Database): readonly string[] {
  const pages = database
    .prepare<[], { integrity_check: string }>(`PRAGMA integrity_check(${MAX_PROBLEMS})`)
    .all()
    .map((row) => row.integrity_check)
    .filter((word) => word !== 'ok');
  const references = database
    .prepare<[], { table: string; rowid: number | null }>('PRAGMA foreign_key_check')
    .all()
    .slice(0, MAX_PROBLEMS)
    .map(({ table, rowid }) => `row ${rowid ?? '?'} of ${table} refers to a row that is not there`);
  return [...pages, ...references];
}

/** A database of another program, or of a newer version of this one, is a problem that is told and not thrown. */
function standingOf(database: Sqlite.Database) {
  try {
    const { applied, pending } = pendingMigrations(database, readMigrations(MIGRATIONS_FOLDER));
    return { problems: [], migrations: applied, pending: pending.map(({ name }) => name) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { problems: [problem], migrations: 0, pending: [] };
  }
}

/** Tables that an older version did not have are empty. */
function countOf(database: Sqlite.Database, sql: string): number {
  return rowOf<{ n: number }>(database, sql)?.n ?? 0;
}

function textIn(database: Sqlite.Database, sql: string): string | undefined {
  return rowOf<{ value: string }>(database, sql)?.value;
}

function rowOf<Row>(database: Sqlite.Database, sql: string): Row | undefined {
  try {
    return database.prepare<[], Row>(sql).get();
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_ERROR') return undefined;
    throw error;
  }
}
