import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { DEPLOYMENT, orphan, START, session, sessionId } from '../support/builders.ts';
import { describeStore } from './store-contract.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, 'data', 'broker.db');
const open = (deploymentId?: string) =>
  openStore({
    path: path(),
    newDeploymentId: () => DEPLOYMENT,
    ...(deploymentId !== undefined && { deploymentId }),
  });
const refusal = async (opening: Promise<unknown>): Promise<StoreError> => {
  const error: unknown = await opening.catch((thrown: unknown) => thrown);
  if (!(error instanceof StoreError)) throw new Error('expected a StoreError', { cause: error });
  return error;
};

describeStore('in a file', async () => (await open()).store);

test('makes the folder and a file that only its owner reads, write-ahead log included', async () => {
  const { store } = await open();
  await store.create({ session: session(), events: [] });
  const modes = ['', '-wal', '-shm'].map((end) => statSync(path() + end).mode & 0o777);
  expect(modes).toEqual([0o600, 0o600, 0o600]);
  expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
  await store.close();
});

test('finds everything again after a restart, under the same deployment', async () => {
  const first = await open();
  await first.store.create({ session: session(), events: [] });
  await first.store.saveOrphan(orphan({ state: 'ignored' }), []);
  await first.store.close();
  const second = await openStore({ path: path(), newDeploymentId: () => 'never1' });
  expect(second.deploymentId).toBe(DEPLOYMENT);
  expect(await second.store.load(sessionId())).toStrictEqual(session());
  expect(await second.store.findOrphan(orphan().id)).toStrictEqual(
    orphan({ state: 'ignored', version: 1 }),
  );
  await second.store.close();
});

test('takes the configured deployment for a new file and refuses the file under another one', async () => {
  const first = await open('prod1');
  expect(first.deploymentId).toBe('prod1');
  await first.store.close();
  const error = await refusal(open('prod2'));
  expect(error.kind).toBe('other_deployment');
  expect(error.message).toMatch(/prod1.*prod2/);
  const again = await open('prod1');
  await again.store.close();
});

test('refuses a second opener, under another name of the file too, until the first has closed', async () => {
  const first = await open();
  expect((await refusal(open())).kind).toBe('in_use');
  const link = join(folder, 'link.db');
  symlinkSync(path(), link);
  const byLink = openStore({ path: link, newDeploymentId: () => DEPLOYMENT });
  expect((await refusal(byLink)).kind).toBe('in_use');
  await first.store.close();
  await (await open()).store.close();
});

test('does not look for another process where the lock cannot be taken for another reason', async () => {
  await (await open()).store.close();
  writeFileSync(`${path()}.lock`, 'not a lock, but long enough to be looked at as one'.repeat(20));
  const error = await refusal(open());
  expect(error.kind).toBe('unreadable');
  expect(error.message).toContain(path());
});

test('lets another process read while the broker runs', async () => {
  const { store } = await open();
  await store.create({ session: session(), events: [] });
  const reader = new Sqlite(path(), { readonly: true });
  expect(reader.prepare('SELECT count(*) AS n FROM sessions').get()).toEqual({ n: 1 });
  reader.close();
  await store.close();
});

test('opens at once after the process that held it was killed, and has every step that had returned', async () => {
  const script = join(import.meta.dirname, 'writing-process.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, path()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let written = 0;
  for await (const line of createInterface(child.stdout)) {
    if (Number(line) === 1) expect((await refusal(open())).kind).toBe('in_use');
    written = Number(line);
    if (written === 20) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const { store } = await open();
  const events = await store.events(sessionId(), 1_000_000);
  const stored = await store.load(sessionId());
  expect(events.length).toBeGreaterThanOrEqual(written);
  expect(stored?.version).toBe(events.length + 1);
  await store.close();
}, 20_000);

test('says so when the file is no database', async () => {
  writeFileSync(
    join(folder, 'text.db'),
    'not a database, but long enough to be looked at as one'.repeat(20),
  );
  const opening = openStore({ path: join(folder, 'text.db'), newDeploymentId: () => DEPLOYMENT });
  const error = await refusal(opening);
  expect(error.kind).toBe('unreadable');
  expect(error.message).toContain('text.db');
});

test('a lock of another program is waited for, and nothing else waits with it', async () => {
  const { store } = await open();
  const other = new Sqlite(path());
  other.exec('BEGIN IMMEDIATE');
  const created = store.create({ session: session(), events: [] });
  const appended = Array.from({ length: 60 }, (_, at) =>
    store.append([{ kind: 'idle_warning_cleared', at, sessionId: sessionId() }]),
  );
  // A statement that waited would keep this thread, and so the program that is to let go, waiting.
  expect(await store.page({ limit: 1, offset: 0 })).toEqual({ sessions: [], total: 0 });
  await Promise.all(readings(store));
  other.exec('ROLLBACK');
  expect(await created).toMatchObject({ kind: 'created' });
  await Promise.all(appended);
  const events = await store.events(sessionId(), 100);
  expect(events.map(({ at }) => at)).toEqual(appended.map((_, at) => at));
  other.close();
  await store.close();
});

test('a lock that another program keeps is said to be one, at the start and of a step', async () => {
  const { store } = await open();
  const other = new Sqlite(path(), { timeout: 0 });
  other.exec('BEGIN IMMEDIATE');
  await expect(store.create({ session: session(), events: [] })).rejects.toThrow(
    'Another program holds it locked',
  );
  other.exec('ROLLBACK');
  await store.close();
  other.pragma('locking_mode = EXCLUSIVE');
  other.exec('BEGIN EXCLUSIVE');
  const { kind, message } = await refusal(open());
  expect([kind, message]).toEqual(['in_use', expect.stringContaining('End that program')]);
  other.close();
  await (await open()).store.close();
}, 30_000);

/** Everything that only reads. */
function readings(store: Store): readonly Promise<unknown>[] {
  const id = sessionId();
  const days = { window: { from: START, to: START + 1 } };
  const provider = 'alpha';
  const gone = { provider, goneAfter: 0, settleMs: 1, toldBy: 'alpha', limit: 1 };
  return [
    ...[store.findClaim({ key: 'k', bodyHash: 'h' }, START), store.load(id), store.events(id, 1)],
    ...[store.page({ limit: 1, offset: 0 }), store.openIds(), store.openAt('alpha')],
    store.clockHistory(),
    ...[store.costs(days, START), store.costSums(days, START), store.sessionCost(id, START)],
    store.costSums({ window: { from: 0, to: DAY_MS } }, START),
    ...[store.commitments(START), store.unreconciled(gone), store.reconciledCosts(days)],
    ...[store.attemptsSince({ since: 0, limit: 1, offset: 0 }), store.activityOf(id, 1)],
    ...[store.orphansOf(provider), store.endingOrphanIds(), store.orphanCounts()],
    ...[store.findOrphan(orphan().id), store.orphanPage({ limit: 1, offset: 0 })],
  ];
}
