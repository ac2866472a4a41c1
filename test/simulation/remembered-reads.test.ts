import { expect, test } from 'vitest';
import type { Store } from '../../src/ports/store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { session as aSession, sessionId } from '../support/builders.ts';
import { rememberedReads } from './remembered-reads.ts';

test('what was not written since is read once', async () => {
  const { store, reads } = await countedStore();
  await store.create({ session: aSession(), events: [] });
  const first = await store.load(sessionId());
  expect(await store.load(sessionId())).toBe(first);
  expect(reads()).toBe(1);
});

test('a write is seen by the next read', async () => {
  const { store } = await countedStore();
  const session = aSession();
  await store.create({ session, events: [] });
  expect((await store.load(session.id))?.status).toBe(session.status);
  await store.save({ ...session, status: 'stopping' }, []);
  expect((await store.load(session.id))?.status).toBe('stopping');
});

test('a read that was begun before a write is not given to who asks after it', async () => {
  const { store } = await countedStore();
  const session = aSession();
  await store.create({ session, events: [] });
  const early = store.load(session.id);
  const saved = store.save({ ...session, status: 'stopping' }, []);
  const late = store.load(session.id);
  await Promise.all([early, saved]);
  expect((await late)?.status).toBe('stopping');
});

async function countedStore(): Promise<{ store: Store; reads: () => number }> {
  const { store } = await openStore({ path: ':memory:', newDeploymentId: () => 'simdep01' });
  let reads = 0;
  const counted: Store = {
    ...store,
    load: (id) => {
      reads += 1;
      return store.load(id);
    },
  };
  return { store: rememberedReads(counted), reads: () => reads };
}
