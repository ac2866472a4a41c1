import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { StoreError } from './store-error.ts';

export const MIGRATIONS_FOLDER = folderAbove(dirname(fileURLToPath(import.meta.url)));

const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;

export interface Migration {
  /** 1 for the first; no gaps. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text, hex. */
  readonly checksum: string;
}

/** The nearest one on the way up: two steps from the sources, and one from the built program, which is a single file. */
function folderAbove(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'migrations'))) return join(folder, 'migrations');
  }
  throw new StoreError('migration', `No migrations were found beside or above ${start}.`);
}

/** The folder's `NNNN_name.sql` files in order. Throws when a number is missing or given twice. */
export function readMigrations(folder: string): readonly Migration[] {
  const migrations = readdirSync(folder)
    .sort()
    .flatMap((file) => readMigration(folder, file));
  const misplaced = migrations.find((migration, index) => migration.number !== index + 1);
  if (misplaced) {
    throw new StoreError(
      'migration',
      `Migration ${misplaced.number} (${misplaced.name}) is out of order: the files in ${folder} must be numbered from 0001 without gaps.`,
    );
  }
  return migrations;
}

/**
 * Brings the database to the newest migration, each in a transaction of its own, and checks first that what was
 * applied before is what these files say. Refuses rather than guesses.
 */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT',
  );
  for (const migration of pendingMigrations(database, migrations).pending) {
    apply(database, migration);
  }
}

/** How many a database has, and which it lacks. Throws when those that it has are not what these files say. */
export function pendingMigrations(
  database: Database,
  migrations: readonly Migration[],
): { readonly applied: number; readonly pending: readonly Migration[] } {
  const applied = readApplied(database);
  for (const record of applied) refuseUnknown(record, migrations[record.number - 1]);
  return { applied: applied.length, pending: migrations.slice(applied.length) };
}

type AppliedMigration = Omit<Migration, 'sql'>;

function readMigration(folder: string, file: string): Migration[] {
  const match = FILE_NAME.exec(file);
  if (!match) return [];
  const [, number = '', name = ''] = match;
  // A checkout may turn line ends round; that is no edit.
  const sql = readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r\n', '\n');
  const checksum = createHash('sha256').update(sql).digest('hex');
  return [{ number: Number(number), name, sql, checksum }];
}

function readApplied(database: Database): readonly AppliedMigration[] {
  return database
    .prepare<[], AppliedMigration>('SELECT number, name, checksum FROM migrations ORDER BY number')
    .all();
}

function refuseUnknown(record: AppliedMigration, known: Migration | undefined): void {
  if (!known) {
    throw new StoreError(
      'migration',
      `The database has migration ${record.number} (${record.name}), which this version does not know: it was written by a newer version. Start that version, or restore a backup made before it.`,
    );
  }
  if (known.checksum !== record.checksum) {
    throw new StoreError(
      'migration',
      `Migration ${record.number} (${record.name}) was edited after it had been applied to this database. Restore the file as it was, and put the change into a new migration.`,
    );
  }
}

function apply(database: Database, migration: Migration): void {
  const run = database.transaction(() => {
    database.exec(migration.sql);
    database
      .prepare('INSERT INTO migrations (number, name, checksum) VALUES (?, ?, ?)')
      .run(migration.number, migration.name, migration.checksum);
  });
  try {
    run.immediate();
  } catch (cause) {
    throw new StoreError(
      'migration',
      `Migration ${migration.number} (${migration.name}) failed and was undone; the database is as it was before.`,
      { cause },
    );
  }
}
