import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionId } from '../../src/domain/ids.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Session } from '../../src/domain/session.ts';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { type MemoryDatabase, openMemoryDatabase, openSnapshot } from '../../src/store/database.ts';
import { openStoreOn } from '../../src/store/open-store.ts';
import { DEPLOYMENT, instance, session, sessionId } from '../support/builders.ts';
import { anySession } from '../support/session-arbitrary.ts';

async function twoStores() {
  const database = openMemoryDatabase();
  const options = { newDeploymentId: () => DEPLOYMENT };
  const { store } = await openStoreOn(database, options);
  const { store: other } = await openStoreOn(database, options);
  await store.create({ session: session(), events: [] });
  return { database, store, other };
}

test('a session that did not change is put together once', async () => {
  const { database, store } = await twoStores();
  const first = await store.load(sessionId());
  expect(await store.load(sessionId())).toBe(first);
  const page = await store.page({ limit: 10, offset: 0 });
  expect(page.sessions[0]).toBe(first);
  await database.close();
});

test('a write is seen by whoever reads after it began, through another store too', async () => {
  const { database, store, other } = await twoStores();
  const before = await other.load(sessionId());
  const saving = store.save(session({ status: 'running', runningAt: 1 }), []);
  const after = await other.load(sessionId());
  expect([before?.status, after?.status]).toStrictEqual(['pending', 'running']);
  expect(await saving).toBe('saved');
  expect((await other.page({ limit: 10, offset: 0 })).sessions[0]?.version).toBe(2);
  await database.close();
});

test('what is kept of a write is what the disk has, whatever was written', async () => {
  const { database, store } = await twoStores();
  let number = 1;
  await fc.assert(
    fc.asyncProperty(anySession(), anySession(), async (first, second) => {
      number += 1;
      const created = own(first, sessionId(number));
      await store.create({ session: created, events: [] });
      await expectAsOnDisk(database, created.id);
      const next = { ...second, id: created.id, instances: created.instances };
      expect(await store.save(next, [])).toBe('saved');
      await expectAsOnDisk(database, created.id);
    }),
    { numRuns: 40 },
  );
  await database.close();
});

function own(any: Session, id: SessionId): Session {
  const of = ({ attempt }: Instance) => ({
    sessionId: id,
    tag: instance({ sessionId: id, attempt }).tag,
  });
  return { ...any, id, instances: any.instances.map((each) => ({ ...each, ...of(each) })) };
}

/** Held against a copy of the file that nobody has in memory. */
async function expectAsOnDisk(database: MemoryDatabase, id: SessionId): Promise<void> {
  const options = { newDeploymentId: () => DEPLOYMENT };
  const { store } = await openStoreOn(database, options);
  const copy = openSnapshot(await database.snapshot());
  const { store: fresh } = await openStoreOn(copy, options);
  const kept = await store.load(id);
  expect(kept).toBeDefined();
  expect(kept).toStrictEqual(await fresh.load(id));
  await copy.close();
}

test('a session that was just written is not read again', async () => {
  const { database, store } = await twoStores();
  const running = session({ status: 'running' });
  await store.save(running, []);
  expect((await store.load(running.id))?.instances).toBe(running.instances);
  await database.close();
});

test('a write is not kept while another one is under way', async () => {
  const { database, store, other } = await twoStores();
  const saving = store.save(session({ status: 'running' }), []);
  const saved = saving.then(() => other.save(session({ version: 2, status: 'stopping' }), []));
  const again = other.save(session({ status: 'failed' }), []);
  expect([await saving, await again, await saved]).toStrictEqual(['saved', 'stale', 'saved']);
  expect(await store.load(sessionId())).toMatchObject({ version: 3, status: 'stopping' });
  await database.close();
});

test('a page is read once, and anew after any write', async () => {
  const { database, store } = await twoStores();
  const ask = () => store.page({ limit: 10, offset: 0 });
  const first = await ask();
  expect(await ask()).toBe(first);
  const creating = store.create({ session: session({ id: sessionId(2) }), events: [] });
  expect((await ask()).total).toBe(2);
  await creating;
  await store.save(session({ status: 'running' }), []);
  expect((await ask()).sessions.map(({ status }) => status)).toContain('running');
  expect((await store.page({ limit: 1, offset: 0 })).sessions).toHaveLength(1);
  await database.close();
});

test('costs are read once, and anew after any write, and run on meanwhile', async () => {
  const { database, store, other } = await twoStores();
  const window = { from: 0, to: DAY_MS };
  const line = { part: 'gpu', rateMicroUsdPerHour: 1_000, startedAt: 0 } as const;
  const costAt = async (hours: number): Promise<number> => {
    const { parts } = await other.costSums({ window }, hours * HOUR_MS);
    return parts.reduce((sum, { cost }) => sum + cost, 0);
  };
  expect(await costAt(1)).toBe(0);
  await store.save(session({ instances: [instance({ costs: [line] })] }), []);
  expect([await costAt(1), await costAt(3)]).toStrictEqual([1_000, 3_000]);
  const dearer = { ...line, rateMicroUsdPerHour: 2_000 };
  await store.save(session({ version: 2, instances: [instance({ costs: [dearer] })] }), []);
  expect(await costAt(3)).toBe(6_000);
  await database.close();
});

test('a write that was refused leaves what is on disk', async () => {
  const { database, store } = await twoStores();
  const stale = session({ version: 7, status: 'running' });
  expect(await store.save(stale, [])).toBe('stale');
  expect((await store.load(sessionId()))?.status).toBe('pending');
  await database.close();
});
