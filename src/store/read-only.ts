import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { CamelCasePlugin, Kysely, SqliteDialect } from 'kysely';
import type { DeploymentId, ProviderName, SessionId } from '../domain/ids.ts';
import type { Orphan } from '../domain/orphan.ts';
import type { Session } from '../domain/session.ts';
import { readOrphansOf } from './orphan-reading.ts';
import { readSession } from './session-reading.ts';
import type { Tables } from './tables.ts';

/** A look at a store that another process may be using. */
export interface StoreView {
  readonly deploymentId: DeploymentId | undefined;
  load(id: SessionId): Promise<Session | undefined>;
  /** Those at one marketplace; none in a file that was written before orphans were. */
  orphansOf(provider: ProviderName): Promise<readonly Orphan[]>;
  close(): Promise<void>;
}

/** Undefined when there is no such file; rejects when there is one that cannot be read. Takes no lock and writes nothing. */
export async function viewStore(path: string): Promise<StoreView | undefined> {
  if (!existsSync(path)) return undefined;
  const connection = new Sqlite(path, { readonly: true, fileMustExist: true });
  const kysely = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: connection }),
    plugins: [new CamelCasePlugin()],
  });
  const owner = await kysely
    .selectFrom('meta')
    .select('value')
    .where('key', '=', 'deployment_id')
    .executeTakeFirst();
  return {
    deploymentId: owner?.value,
    load: (id) => kysely.transaction().execute((trx) => readSession(trx, id)),
    orphansOf: (provider) =>
      kysely
        .transaction()
        .execute(async (trx) => (hasOrphans(connection) ? readOrphansOf(trx, provider) : [])),
    close: () => kysely.destroy(),
  };
}

/** This look does not migrate, so the file is as the broker that used it last has left it. */
function hasOrphans(connection: Sqlite.Database): boolean {
  const table = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'orphans'");
  return table.get() !== undefined;
}
