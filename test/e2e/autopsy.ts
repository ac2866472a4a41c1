import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** What a database holds at one moment. */
export interface Autopsy {
  /** What SQLite itself finds wrong; empty when it is sound. */
  readonly faults: readonly string[];
  /** How many attempts that may exist were where. */
  readonly counts: Readonly<Record<Activity, number>>;
}

/** On its way in, in use, or on its way out. */
export const ACTIVITIES = ['launching', 'coming up', 'running', 'ending'] as const;
export type Activity = (typeof ACTIVITIES)[number];

const NOTHING: Autopsy['counts'] = { launching: 0, 'coming up': 0, running: 0, ending: 0 };

/** What a crash leaves is the file and its log together; the index of the log is made anew from them. */
const PARTS = ['', '-wal', '-shm'];

/**
 * Opens a copy of what a killed broker left, as the next start would, so that the next start still finds it as it was.
 * Only for a database that nobody has open.
 */
export function examineCopy(databasePath: string): Autopsy {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-autopsy-'));
  try {
    const copy = join(folder, 'copy.db');
    for (const part of PARTS) {
      const from = `${databasePath}${part}`;
      if (existsSync(from)) copyFileSync(from, `${copy}${part}`);
    }
    return examine(new Sqlite(copy));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Looks at the database itself, once its last broker has ended. */
export function examineInPlace(databasePath: string): Autopsy {
  return examine(new Sqlite(databasePath, { readonly: true, fileMustExist: true }));
}

function examine(database: Sqlite.Database): Autopsy {
  try {
    return { faults: faultsOf(database), counts: countsOf(database) };
  } catch (error) {
    // What is broken badly enough cannot even be checked.
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    return { faults: [error.message], counts: NOTHING };
  } finally {
    database.close();
  }
}

function faultsOf(database: Sqlite.Database): readonly string[] {
  const integrity = database
    .prepare<[], { integrity_check: string }>('PRAGMA integrity_check')
    .all()
    .map((row) => row.integrity_check)
    .filter((text) => text !== 'ok');
  const orphans = database.prepare<[], object>('PRAGMA foreign_key_check').all();
  return [...integrity, ...orphans.map((row) => `foreign key: ${JSON.stringify(row)}`)];
}

const ACTIVITY_OF_EACH = `
  SELECT
    CASE
      WHEN instances.state IN ('intended', 'launching', 'unsettled') THEN 'launching'
      WHEN instances.state = 'terminating' OR sessions.stop_asked_at IS NOT NULL THEN 'ending'
      WHEN instances.running_at IS NOT NULL THEN 'running'
      ELSE 'coming up'
    END AS activity,
    count(*) AS count
  FROM instances JOIN sessions ON sessions.id = instances.session_id
  WHERE instances.state NOT IN ('refused', 'absent', 'gone')
  GROUP BY activity`;

function countsOf(database: Sqlite.Database): Autopsy['counts'] {
  const hasTables = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'instances'").get();
  // A broker that died before its first migration was through leaves an empty file.
  if (!hasTables) return NOTHING;
  const rows = database.prepare<[], { activity: Activity; count: number }>(ACTIVITY_OF_EACH).all();
  return {
    ...NOTHING,
    ...Object.fromEntries(rows.map(({ activity, count }) => [activity, count])),
  };
}
