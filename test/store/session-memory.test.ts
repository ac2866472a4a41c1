import { expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/domain/time.ts';
import { openMemoryDatabase } from '../../src/store/database.ts';
import { openStoreOn } from '../../src/store/open-store.ts';
import { DEPLOYMENT, instance, session, sessionId } from '../support/builders.ts';

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
