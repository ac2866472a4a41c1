import { readFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { MINUTE_MS } from '../../src/domain/time.ts';
import type { SimInstance } from '../../src/simulator/model.ts';
import { MIGRATIONS_FOLDER, migrate, readMigrations } from '../../src/store/migrations.ts';
import { orderOn } from '../simulator/market-world.ts';
import type { PlayedWorld } from '../steady/played-app.ts';

type Row = Readonly<Record<string, string | number | null>>;

/** What stands of one attempt in a release's rows, as far as all releases have it. */
interface OldInstance {
  readonly session_id: string;
  readonly tag: string;
  readonly provider: 'vastai' | 'tensordock';
  readonly state: string;
  readonly running_at: number | null;
}

/** A database as the release with so many migrations left it, in which the rows of live sessions are those of machines that this market has. */
export async function oldDatabase(
  path: string,
  { release, world }: { readonly release: number; readonly world: PlayedWorld },
): Promise<ReadonlyMap<string, string>> {
  const database = new Sqlite(path);
  try {
    database.pragma('journal_mode = WAL');
    migrate(database, readMigrations(MIGRATIONS_FOLDER).slice(0, release));
    fill(database, release);
    const standing = database
      .prepare<[], OldInstance>(
        "SELECT session_id, tag, provider, state, running_at FROM instances WHERE state IN ('launched', 'preserved')",
      )
      .all();
    return await standUp(database, standing, world);
  } finally {
    database.close();
  }
}

/** As `write-release-rows.ts` took them down. */
function fill(database: Sqlite.Database, release: number): void {
  const file = new URL(`./release-${release}.json`, import.meta.url);
  const tables: Readonly<Record<string, readonly Row[]>> = JSON.parse(readFileSync(file, 'utf8'));
  database.pragma('foreign_keys = OFF');
  for (const [table, rows] of Object.entries(tables)) {
    for (const row of rows) {
      const columns = Object.keys(row);
      const places = columns.map((column) => `@${column}`);
      database.prepare(`INSERT INTO ${table} (${columns}) VALUES (${places})`).run(row);
    }
  }
}

/** Machines by session. Those that the rows know to run have had their time to come up. */
async function standUp(
  database: Sqlite.Database,
  standing: readonly OldInstance[],
  world: PlayedWorld,
): Promise<ReadonlyMap<string, string>> {
  const machines = new Map<string, string>();
  for (const row of standing) machines.set(row.session_id, (await rentFor(row, world)).id);
  for (const row of standing) attachKey(database, row, { world, machines });
  await world.clock.advance(10 * MINUTE_MS);
  for (const row of standing) {
    const id = machines.get(row.session_id) ?? '';
    if (row.state === 'preserved') world.market.stop(id, { release: true });
    writeDown(database, row, { world, id });
  }
  return machines;
}

async function rentFor(row: OldInstance, { market }: PlayedWorld): Promise<SimInstance> {
  const host = market.hosts(row.provider).find(({ id }) => market.freeGpus(id) > 0);
  if (!host) throw new Error(`no host is free for ${row.session_id}`);
  const dedicatedIp = row.provider === 'tensordock';
  const order = orderOn(host, { label: row.tag, madeBy: 'an earlier release', dedicatedIp });
  const rented = await market.rent(order);
  if (rented.kind !== 'rented') throw new Error(`no machine for ${row.session_id}`);
  return rented.instance;
}

interface Standing {
  readonly world: PlayedWorld;
  readonly machines: ReadonlyMap<string, string>;
}

function attachKey(database: Sqlite.Database, row: OldInstance, at: Standing): void {
  at.world.market.attachKey(at.machines.get(row.session_id) ?? '', publicKeyOf(database, row));
}

function publicKeyOf(database: Sqlite.Database, { session_id }: OldInstance): string {
  const key = database
    .prepare<[string], string>('SELECT public_key FROM sessions WHERE id = ?')
    .pluck()
    .get(session_id);
  if (key === undefined) throw new Error(`no session ${session_id}`);
  return key;
}

/** The provider's id, and where the release had found it already also its address and host key. */
function writeDown(
  database: Sqlite.Database,
  row: OldInstance,
  { world, id }: { readonly world: PlayedWorld; readonly id: string },
): void {
  const update = (columns: Row): void => {
    const sets = Object.keys(columns).map((column) => `${column} = @${column}`);
    database
      .prepare(`UPDATE instances SET ${sets} WHERE session_id = @session AND tag = @tag`)
      .run({ ...columns, session: row.session_id, tag: row.tag });
  };
  // It has come up on this market's time, not on the release's.
  update({ provider_instance_id: id, ready_by: world.clock.now() + 10 * MINUTE_MS });
  const machine = world.market.instance(id);
  if (row.running_at === null || !machine?.sshHost || !machine.sshPort) return;
  const address = { host: machine.sshHost, port: machine.sshPort, user: 'root' };
  const met = world.market.knock({ ...address, publicKey: publicKeyOf(database, row) });
  const hostKey = 'hostKey' in met ? met.hostKey : null;
  update({ ssh_host: address.host, ssh_port: address.port, host_key: hostKey });
}
