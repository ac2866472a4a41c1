import type { Database } from 'better-sqlite3';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

/** More texts than the store has; lists of many lengths are what fills it. */
const MAX_STATEMENTS = 256;
const NOTHING = 'SELECT 1 WHERE 0';

/**
 * The connection, with compiled statements kept: compiling takes about half of a small step's time, and the
 * store says the same few things over and over. The least recently used one goes first.
 */
export function cacheStatements(connection: Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    prepare: (asked) => {
      const sql = isRollbackOfNothing(connection, asked) ? NOTHING : asked;
      const statement = statements.get(sql) ?? connection.prepare(sql);
      statements.delete(sql);
      statements.set(sql, statement);
      if (statements.size > MAX_STATEMENTS) dropOldest(statements);
      return statement;
    },
    close: () => {
      statements.clear();
      connection.close();
    },
  };
}

/**
 * SQLite has rolled back by itself when the disk is full. The query builder then asks for it once more, and the error of
 * that would stand in the place of the one that says what happened.
 */
function isRollbackOfNothing(connection: Database, sql: string): boolean {
  return sql === 'rollback' && !connection.inTransaction;
}

function dropOldest(statements: Map<string, SqliteStatement>): void {
  for (const sql of statements.keys()) {
    statements.delete(sql);
    return;
  }
}
