import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { soundnessOf } from './database-report.ts';
import { lockForThisProcess } from './process-lock.ts';
import { StoreError } from './store-error.ts';

/**
 * Copies a database, which another process may be writing, as it stands between two steps. The copy is whole, sound and on disk
 * when this returns; until then nothing has the target's name. Throws `StoreError` where the target exists.
 */
export function copyDatabase(path: string, target: string): void {
  if (existsSync(target)) {
    throw new StoreError('unreadable', `${target} exists already. Name a file that does not.`);
  }
  const draft = `${target}.part`;
  rmSync(draft, { force: true });
  makePrivate(draft);
  try {
    const source = new Sqlite(path, { readonly: true, fileMustExist: true });
    try {
      // In one read, which a writer neither waits for nor disturbs; the backup API begins anew whenever somebody has written.
      source.prepare('VACUUM INTO ?').run(draft);
    } finally {
      source.close();
    }
    const [problem] = soundnessOf(draft);
    if (problem !== undefined) {
      throw new StoreError('unreadable', `The copy of ${path} is not sound: ${problem}.`);
    }
    flush(draft);
    // A link never replaces: of two that copy to one name at once the second fails.
    linkSync(draft, target);
    flush(dirname(target));
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * Puts a copy of `backup` in the place of the database, which no broker may be using. What was there is kept, under the name
 * that is returned; undefined when nothing was.
 */
export function replaceDatabase(
  path: string,
  { backup, keepAs }: { readonly backup: string; readonly keepAs: string },
): string | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const lock = lockForThisProcess(path);
  try {
    const fresh = `${path}.restored`;
    rmSync(fresh, { force: true });
    copyDatabase(backup, fresh);
    const isThere = existsSync(path);
    // Whole, with what stands in its write-ahead log.
    if (isThere) copyDatabase(path, keepAs);
    for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    renameSync(fresh, path);
    flush(dirname(path));
    return isThere ? keepAs : undefined;
  } finally {
    lock.release();
  }
}

/** It holds sealed keys: only its owner reads it, from the first byte on. */
function makePrivate(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
}

function flush(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
