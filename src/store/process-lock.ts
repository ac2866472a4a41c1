import Sqlite from 'better-sqlite3';
import { StoreError } from './store-error.ts';

export interface ProcessLock {
  release(): void;
}

/**
 * Keeps a second broker off the same file: two of them would each act on the same rows. The lock is an open
 * exclusive transaction on a small database beside the real one. The operating system drops it when the process
 * dies, by `kill -9` too, so that no stale lock is ever left to clear by hand; and since it is not the real
 * database that is locked, a backup or a person with a shell can still read that from another process.
 */
export function lockForThisProcess(databasePath: string): ProcessLock {
  const lock = new Sqlite(`${databasePath}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    // A full disk, too, keeps a lock from being taken, and nobody is to look for another process then.
    if (!(cause instanceof Sqlite.SqliteError) || cause.code !== 'SQLITE_BUSY') throw cause;
    throw new StoreError(
      'in_use',
      `Another process is using ${databasePath}. Stop it first, or set DATABASE_PATH to another file.`,
      { cause },
    );
  }
  return { release: () => void lock.close() };
}
