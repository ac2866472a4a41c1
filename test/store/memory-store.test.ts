import { expect, test } from 'vitest';
import { openMemoryDatabase } from '../../src/store/database.ts';
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
