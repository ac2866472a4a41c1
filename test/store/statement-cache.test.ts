import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { expect, test } from 'vitest';
import { cacheStatements } from '../../src/store/statement-cache.ts';

interface Tables {
  readonly notes: { readonly text: string };
}

test('says that the disk is full when it is, and goes on when there is room again', async () => {
  const connection = new Sqlite(':memory:');
  connection.exec('CREATE TABLE notes (text TEXT NOT NULL) STRICT');
  const kysely = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: cacheStatements(connection) }),
  });
  const write = (text: string) =>
    kysely.transaction().execute((trx) => trx.insertInto('notes').values({ text }).execute());
  connection.pragma('max_page_count = 3');
  await expect(write('x'.repeat(100_000))).rejects.toThrow(/database or disk is full/);
  connection.pragma('max_page_count = 1000');
  await write('y');
  expect(await kysely.selectFrom('notes').selectAll().execute()).toEqual([{ text: 'y' }]);
  await kysely.destroy();
});
