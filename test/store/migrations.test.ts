import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MIGRATIONS_FOLDER, migrate, readMigrations } from '../../src/store/migrations.ts';

let folder: string;
let database: Sqlite.Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-migrations-'));
  database = new Sqlite(':memory:');
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const write = (file: string, sql: string) => writeFileSync(join(folder, file), sql);
const run = () => migrate(database, readMigrations(folder));
const tables = () =>
  database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all();

test('the shipped ones apply to an empty database, and a second time change nothing', () => {
  const shipped = readMigrations(MIGRATIONS_FOLDER);
  migrate(database, shipped);
  const before = database.serialize();
  migrate(database, shipped);
  expect(database.serialize().equals(before)).toBe(true);
  expect(tables()).toEqual(
    expect.arrayContaining([
      'sessions',
      'instances',
      'cost_entries',
      'events',
      'idempotency_keys',
      'meta',
      'orphans',
    ]),
  );
});

test('the shipped tables are strict about types', () => {
  migrate(database, readMigrations(MIGRATIONS_FOLDER));
  const lax = database
    .prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
    )
    .pluck()
    .all();
  expect(lax).toEqual([]);
});

test('a database of the version before keeps its rows, and has no orphans', () => {
  const shipped = readMigrations(MIGRATIONS_FOLDER);
  migrate(database, shipped.slice(0, 1));
  const session = {
    id: 'sess-0000000000000001',
    version: 3,
    consumer_id: 'consumer-1',
    request: '{}',
    status: 'running',
    open: 1,
    public_key: 'ssh-ed25519 AAAA',
    created_at: 1,
    expires_at: 2,
  };
  const columns = Object.keys(session);
  database
    .prepare(`INSERT INTO sessions (${columns}) VALUES (${columns.map((name) => `@${name}`)})`)
    .run(session);
  migrate(database, shipped);
  expect(database.prepare(`SELECT ${columns} FROM sessions`).all()).toEqual([session]);
  expect(database.prepare('SELECT count(*) FROM orphans').pluck().get()).toBe(0);
});

describe('the table of orphans', () => {
  beforeEach(() => {
    migrate(database, readMigrations(MIGRATIONS_FOLDER));
  });

  const insert = (state: string, heldFor: string | null) =>
    database
      .prepare(
        "INSERT INTO orphans VALUES ('a-1', 1, 'a', 'a', '1', 'tag', ?, 'sweep', ?, 1, 1, 1, 1, 0)",
      )
      .run(state, heldFor);

  test('takes the words of the domain', () => {
    expect(insert('held', 'dry_run').changes).toBe(1);
  });

  test.each([
    ['gone', null],
    ['', null],
    ['held', 'mood'],
    ['held', ''],
  ])('refuses the state "%s" with the reason "%s"', (state, heldFor) => {
    expect(() => insert(state, heldFor)).toThrow(/CHECK constraint failed/);
  });
});

test('only new ones are applied, in order', () => {
  write('0001_one.sql', 'CREATE TABLE one (a INTEGER) STRICT;');
  run();
  write('0002_two.sql', 'ALTER TABLE one RENAME TO two;');
  write('notes.txt', 'ignored');
  run();
  expect(tables()).toEqual(['migrations', 'two']);
});

test('one that was edited after it had been applied is refused', () => {
  write('0001_one.sql', 'CREATE TABLE one (a INTEGER) STRICT;');
  run();
  write('0001_one.sql', 'CREATE TABLE one (a TEXT) STRICT;');
  expect(run).toThrow(/0*1 \(one\) was edited/);
});

test('other line ends are no edit', () => {
  write('0001_one.sql', 'CREATE TABLE one (\n  a INTEGER\n) STRICT;\n');
  run();
  write('0001_one.sql', 'CREATE TABLE one (\r\n  a INTEGER\r\n) STRICT;\r\n');
  expect(run).not.toThrow();
});

test('a database that is ahead of this version is refused', () => {
  write('0001_one.sql', 'CREATE TABLE one (a INTEGER) STRICT;');
  write('0002_two.sql', 'CREATE TABLE two (a INTEGER) STRICT;');
  run();
  rmSync(join(folder, '0002_two.sql'));
  expect(run).toThrow(/2 \(two\).*newer version/);
});

test('one that fails in the middle leaves the database as it was before it', () => {
  write('0001_one.sql', 'CREATE TABLE one (a INTEGER) STRICT;');
  write('0002_two.sql', 'CREATE TABLE two (a INTEGER) STRICT; INSERT INTO nowhere VALUES (1);');
  expect(run).toThrow(/2 \(two\) failed and was undone/);
  expect(tables()).toEqual(['migrations', 'one']);
});

test('a gap in the numbers is refused', () => {
  write('0001_one.sql', 'CREATE TABLE one (a INTEGER) STRICT;');
  write('0003_three.sql', 'CREATE TABLE three (a INTEGER) STRICT;');
  expect(run).toThrow(/out of order/);
});
