import { expect, test } from 'vitest';
import { openMemoryDatabase, openSnapshot } from '../../src/store/database.ts';
import { openStore, openStoreOn } from '../../src/store/open-store.ts';
import { DEPLOYMENT, session } from '../support/builders.ts';
import { describeStore } from './store-contract.ts';

const newDeploymentId = () => DEPLOYMENT;

describeStore(
  'in memory',
  async () => (await openStore({ path: ':memory:', newDeploymentId })).store,
);

test('a store opened over the memory of one that was closed finds what that one wrote', async () => {
  const database = openMemoryDatabase();
  const first = await openStoreOn(database, { newDeploymentId });
  await first.store.create({ session: session(), events: [] });
  await first.store.close();
  const second = await openStoreOn(database, { newDeploymentId: () => 'other1' });
  expect(second.deploymentId).toBe(DEPLOYMENT);
  expect(await second.store.load(session().id)).toStrictEqual(session());
  await database.close();
});

test('two stores over one memory keep their steps apart, also when one was abandoned in the middle', async () => {
  const database = openMemoryDatabase();
  const first = await openStoreOn(database, { newDeploymentId });
  const abandoned = first.store.create({ session: session(), events: [] });
  const second = await openStoreOn(database, { newDeploymentId });
  const saved = await second.store.save(session({ status: 'running' }), []);
  expect(saved).toBe('saved');
  await abandoned;
  expect(await second.store.load(session().id)).toMatchObject({ version: 2, status: 'running' });
  await database.close();
});

test('a snapshot has what was written before it and nothing after, and both go on by themselves', async () => {
  const database = openMemoryDatabase();
  const { store } = await openStoreOn(database, { newDeploymentId });
  await store.create({ session: session(), events: [] });
  const copy = database.snapshot();
  await store.save(session({ status: 'running' }), []);
  const restored = openSnapshot(await copy);
  const { store: later } = await openStoreOn(restored, { newDeploymentId: () => 'other1' });
  expect(await later.load(session().id)).toStrictEqual(session());
  expect(await later.save(session({ status: 'stopping' }), [])).toBe('saved');
  expect(await store.load(session().id)).toMatchObject({ version: 2, status: 'running' });
  await database.close();
  await restored.close();
});
