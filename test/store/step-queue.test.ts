import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { StepQueue } from '../../src/store/step-queue.ts';
import type { Tables } from '../../src/store/tables.ts';

function setUp() {
  const said: string[] = [];
  const connection = new Sqlite(':memory:', { verbose: (text) => said.push(String(text)) });
  connection.exec('CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT');
  connection.exec(
    'CREATE TABLE notes (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED) STRICT',
  );
  connection.pragma('foreign_keys = ON');
  const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database: connection }) });
  let pauses = 0;
  let rests = 0;
  let losses = 0;
  let nowMs = 0;
  const queue = new StepQueue({
    kysely,
    pause: async () => {
      pauses += 1;
    },
    rest: async () => {
      rests += 1;
      nowMs += 50;
    },
    monotonicMs: () => nowMs,
    onLost: () => {
      losses += 1;
    },
  });
  const note = (id: number, parent: number | null = null) =>
    queue.run(async (trx) => {
      await sql`INSERT INTO notes (id, parent) VALUES (${id}, ${parent})`.execute(trx);
      return id;
    });
  return {
    note,
    queue,
    commits: () => said.filter((text) => /^commit/i.test(text)).length,
    pauses: () => pauses,
    rests: () => rests,
    nowMs: () => nowMs,
    losses: () => losses,
    written: () => connection.prepare('SELECT id FROM notes ORDER BY id').pluck().all(),
  };
}

test('steps that wait at the same time share a commit, and each has its own outcome', async () => {
  const { note, commits, written } = setUp();
  const first = note(1);
  const others = [2, 3, 4].map((id) => note(id));
  expect(await Promise.all([first, ...others])).toStrictEqual([1, 2, 3, 4]);
  expect(commits()).toBe(2);
  expect(written()).toStrictEqual([1, 2, 3, 4]);
});

test('a step that fails leaves nothing of itself, and the others whole', async () => {
  const { note, queue, written } = setUp();
  const first = note(1);
  const half = queue.run(async (trx) => {
    await sql`INSERT INTO notes (id) VALUES (2)`.execute(trx);
    throw new Error('thought better of it');
  });
  const twice = note(1);
  const last = note(3);
  await expect(half).rejects.toThrow('thought better of it');
  await expect(twice).rejects.toThrow('UNIQUE');
  expect(await Promise.all([first, last])).toStrictEqual([1, 3]);
  expect(written()).toStrictEqual([1, 3]);
});

test('nobody is told of a step before it is on disk', async () => {
  const { note, commits } = setUp();
  const told: number[] = [];
  const all = [1, 2, 3].map((id) => note(id).then(() => told.push(commits())));
  await Promise.all(all);
  expect(told).toStrictEqual([1, 2, 2]);
});

test('a commit that fails is the failure of all that it was for, and nothing of them is kept', async () => {
  const { note, losses, written } = setUp();
  const first = note(1);
  const orphaned = note(2, 99);
  const beside = note(3);
  await first;
  await expect(orphaned).rejects.toThrow('FOREIGN KEY');
  await expect(beside).rejects.toThrow('FOREIGN KEY');
  expect(losses()).toBe(1);
  await note(4);
  expect(written()).toStrictEqual([1, 4]);
});

test('a long line lets others go on between its transactions', async () => {
  const { note, commits, pauses } = setUp();
  await Promise.all(Array.from({ length: 61 }, (_, id) => note(id)));
  expect([commits(), pauses()]).toStrictEqual([4, 3]);
});

describe('a database that another program holds locked', () => {
  /** A step that finds it locked so often. */
  const kept = (locked: number, told: string[], name: string) => async () => {
    told.push(name);
    if (told.filter((one) => one === name).length <= locked)
      throw new Sqlite.SqliteError('database is locked', 'SQLITE_BUSY');
    return name;
  };

  test('is waited for by those that write, in their order, while those that read are served', async () => {
    const { queue, note, rests, written } = setUp();
    const told: string[] = [];
    const first = note(1);
    const all = [
      queue.run(kept(3, told, 'a writer')),
      queue.read(kept(0, told, 'a reader')),
      queue.run(kept(1, told, 'another')),
      ...Array.from({ length: 40 }, (_, index) => queue.run(kept(0, told, `later ${index}`))),
      queue.read(kept(0, told, 'the last')),
    ];
    await first;
    const names = await Promise.all(all);
    const later = names.filter((name) => name.startsWith('later'));
    expect(told).toStrictEqual([
      ...['a writer', 'a reader', 'the last', 'a writer', 'a writer', 'a writer'],
      ...['another', 'another', ...later],
    ]);
    expect([later.length, rests()]).toStrictEqual([40, 4]);
    expect(written()).toStrictEqual([1]);
  });

  test('is the failure of all that have waited for five seconds, however many they are', async () => {
    const { queue, rests, nowMs } = setUp();
    const told: string[] = [];
    const refused: [number, number][] = [];
    const all = Array.from({ length: 200 }, (_, index) =>
      queue
        .run(kept(Number.POSITIVE_INFINITY, told, `${index}`))
        .catch(({ message }) => refused.push([index, nowMs()]) && message),
    );
    expect(new Set(await Promise.all(all))).toStrictEqual(new Set(['database is locked']));
    expect(refused).toStrictEqual(all.map((_, index) => [index, 5_000]));
    expect([rests(), new Set(told)]).toStrictEqual([100, new Set(['0'])]);
  });

  test('is waited for by each from when it came on', async () => {
    const { queue, nowMs } = setUp();
    const told: string[] = [];
    const never = Number.POSITIVE_INFINITY;
    const refusedAt = (name: string) => queue.run(kept(never, told, name)).catch(() => nowMs());
    let second: Promise<unknown> | undefined;
    const first = queue
      .run(async () => {
        if (nowMs() === 2_000) second = refusedAt('second');
        return kept(never, told, 'first')();
      })
      .catch(() => nowMs());
    expect([await first, await second]).toStrictEqual([5_000, 7_000]);
  });

  test('keeps nobody waiting any longer once it is free', async () => {
    const { queue, note, rests } = setUp();
    await queue.run(kept(1, [], 'a writer'));
    expect(await Promise.all([note(1), note(2)])).toStrictEqual([1, 2]);
    expect(rests()).toBe(1);
  });
});
