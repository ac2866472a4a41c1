import { strict as assert } from 'node:assert';
import type { DeploymentId } from '../domain/ids.ts';
import { isDeploymentId } from '../domain/ids.ts';
import type { Store } from '../ports/store.ts';
import { type Database, openFileDatabase, openMemoryDatabase } from './database.ts';
import { createStore } from './sqlite-store.ts';
import { StoreError } from './store-error.ts';

export interface StoreOptions {
  /** The configured id; the database's own, or a new one, where none is configured. */
  readonly deploymentId?: DeploymentId;
  readonly newDeploymentId: () => DeploymentId;
}

export interface OpenedStore {
  readonly store: Store;
  readonly deploymentId: DeploymentId;
}

/**
 * Opens the store in a file, or in memory for `:memory:`. Rejects with `StoreError` when another process has the
 * file, when it belongs to another deployment, or when its migrations are not ours.
 */
export async function openStore(
  options: StoreOptions & { readonly path: string },
): Promise<OpenedStore> {
  const database =
    options.path === ':memory:' ? openMemoryDatabase() : openFileDatabase(options.path);
  try {
    const deploymentId = await settleDeployment(database, options);
    return { store: createStore(database, database.close), deploymentId };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A store over a database that outlives it: closing the store leaves the database open for the next one. */
export async function openStoreOn(database: Database, options: StoreOptions): Promise<OpenedStore> {
  const deploymentId = await settleDeployment(database, options);
  return { store: createStore(database, () => Promise.resolve()), deploymentId };
}

/** The deployment that owns this database, decided once: every instance that it ever tagged carries this id. */
async function settleDeployment(database: Database, options: StoreOptions): Promise<DeploymentId> {
  const wanted = options.deploymentId;
  const found = await database.kysely
    .selectFrom('meta')
    .select('value')
    .where('key', '=', 'deployment_id')
    .executeTakeFirst();
  if (!found) return keepDeployment(database, wanted ?? options.newDeploymentId());
  if (wanted !== undefined && wanted !== found.value) {
    throw new StoreError(
      'other_deployment',
      `The database belongs to deployment ${found.value}, not to ${wanted}. Set DEPLOYMENT_ID to ${found.value} or leave it out, or set DATABASE_PATH to another file.`,
    );
  }
  return found.value;
}

async function keepDeployment(database: Database, id: DeploymentId): Promise<DeploymentId> {
  assert(isDeploymentId(id), 'a deployment id is 4 to 12 of [a-z0-9]');
  await database.kysely.insertInto('meta').values({ key: 'deployment_id', value: id }).execute();
  return id;
}
