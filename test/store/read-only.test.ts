import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MIGRATIONS_FOLDER, migrate, readMigrations } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/open-store.ts';
import { type StoreView, viewStore } from '../../src/store/read-only.ts';
import { DEPLOYMENT, orphan, session, sessionId } from '../support/builders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-view-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, 'broker.db');
const open = async () =>
  (await openStore({ path: path(), newDeploymentId: () => DEPLOYMENT })).store;
const look = async (): Promise<StoreView> => {
  const view = await viewStore(path());
  if (!view) throw new Error('there is a file');
  return view;
};

test('there is no view of a file that does not exist', async () => {
  expect(await viewStore(path())).toBeUndefined();
});

test('shows the rows as they are now, while the broker has the file', async () => {
  const store = await open();
  const view = await look();
  expect(view.deploymentId).toBe(DEPLOYMENT);
  expect(await view.load(sessionId())).toBeUndefined();
  expect(await view.orphansOf('alpha')).toEqual([]);
  await store.create({ session: session(), events: [] });
  await store.saveOrphan(orphan(), []);
  expect(await view.load(sessionId())).toStrictEqual(session());
  expect(await view.orphansOf('alpha')).toStrictEqual([orphan({ version: 1 })]);
  await view.close();
  await store.close();
});

test('finds the orphans of one marketplace under all its APIs, and none of another', async () => {
  const store = await open();
  for (const fields of [{}, { api: 'alpha-2' }, { provider: 'beta', api: 'beta' }]) {
    await store.saveOrphan(orphan(fields), []);
  }
  const view = await look();
  const found = await view.orphansOf('alpha');
  expect(found.map(({ id }) => id)).toEqual(['alpha-2-9', 'alpha-9']);
  await view.close();
  await store.close();
});

test('reads a file of the version before, which knew no orphans, and leaves it as it was', async () => {
  const connection = new Sqlite(path());
  connection.pragma('journal_mode = WAL');
  migrate(connection, readMigrations(MIGRATIONS_FOLDER).slice(0, 1));
  connection.prepare("INSERT INTO meta VALUES ('deployment_id', ?)").run(DEPLOYMENT);
  connection.close();
  const before = readFileSync(path());
  const view = await look();
  expect(view.deploymentId).toBe(DEPLOYMENT);
  expect(await view.load(sessionId())).toBeUndefined();
  expect(await view.orphansOf('alpha')).toEqual([]);
  await view.close();
  expect(readFileSync(path()).equals(before)).toBe(true);
});
