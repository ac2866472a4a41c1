import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { costOver } from '../../src/domain/money.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { MIGRATIONS_FOLDER, readMigrations } from '../../src/store/migrations.ts';
import { type PlayedWorld, playedApp, playedWorld } from '../steady/played-app.ts';
import { realPause } from '../steady/workload.ts';
import { sessionId } from '../support/builders.ts';
import { oldDatabase } from './old-database.ts';

const RELEASES = readMigrations(MIGRATIONS_FOLDER)
  .slice(0, -1)
  .map(({ number }) => number);
const FOREIGN = 6;
/** The one that `write-release-rows.ts` sealed with. */
const SETTINGS = { SECRETS_KEY: '07'.repeat(32) };
const [RUNNING, WITH_OWN_KEY, COMING_UP, OVER, KEPT] = [1, 2, 3, 4, 5].map(sessionId);

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-upgrade-'));
  path = join(folder, 'gpu-broker.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('every earlier schema has the rows of a release', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
  expect(files.toSorted()).toEqual(RELEASES.map((release) => `release-${release}.json`));
});

test.each(RELEASES)(
  'the database of release %i is taken over under load, and nobody notices',
  async (release) => {
    const world = playedWorld({
      hosts: { vast: 8, tensordock: 6 },
      seed: release,
      foreign: FOREIGN,
    });
    const machines = await oldDatabase(path, { release, world });
    const spent = spentOn(OVER);
    const app = await playedApp(world, { databasePath: path, settings: SETTINGS });
    const callers = callersOf(app, world);
    try {
      await callers.open();
      await callers.useFor(3 * MINUTE_MS);
      expect(callers.refused).toEqual([]);
      expect(callers.answered).toBeGreaterThan(100);
      await expectLive(callers, [RUNNING, WITH_OWN_KEY, COMING_UP]);
      expect(await callers.read(`/costs?session_id=${OVER}`)).toMatchObject({ total_cost: spent });
      expect(await callers.read(`/sessions/${OVER}`)).toMatchObject({
        status: 'stopped',
        attempts: [{}, {}],
      });
      if (machines.has(KEPT ?? '')) {
        const kept = await callers.read(`/sessions/${KEPT}`);
        expect(kept).toMatchObject({ status: 'stopped', attempts: [{ outcome: 'preserved' }] });
      }
    } finally {
      await callers.close();
    }
    expect([...machines.values()].map((id) => world.market.instance(id)?.goneAt)).toEqual(
      [...machines].map(() => null),
    );
    expect(
      world.market
        .instances()
        .filter(({ id, goneAt }) => world.market.isForeign(id) && goneAt === null),
    ).toHaveLength(FOREIGN);
    expect(migrationsIn()).toEqual(readMigrations(MIGRATIONS_FOLDER).map(({ name }) => name));
  },
);

async function expectLive(callers: Callers, ids: readonly (string | undefined)[]): Promise<void> {
  for (const id of ids) {
    expect(await callers.read(`/sessions/${id}`)).toMatchObject({ id, status: 'running' });
  }
}

type Callers = ReturnType<typeof callersOf>;

/** Reads from the moment that the port is open; whatever rents or changes from when the broker is ready. */
function callersOf(app: App, { clock }: PlayedWorld) {
  const refused: string[] = [];
  let answered = 0;
  let base = '';
  const ask = async (method: string, where: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${base}${where}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (answer.ok) answered += 1;
    else refused.push(`${method} ${where}: ${answer.status} ${text}`);
    return text.startsWith('{') ? JSON.parse(text) : text;
  };
  const read = (where: string): Promise<unknown> => ask('GET', where);
  const readAll = (): Promise<unknown> =>
    Promise.all(
      [RUNNING, OVER]
        .flatMap((id) => [read(`/sessions/${id}`), read(`/sessions/${id}/activity`)])
        .concat(['/sessions?limit=50', '/costs/summary', '/metrics', '/offers?limit=5'].map(read)),
    );
  const whileTimePasses = async (work: Promise<unknown>): Promise<void> => {
    const done = work.then(() => true);
    while ((await Promise.race([done, realPause()])) !== true) await clock.advance(SECOND_MS);
  };
  return {
    refused,
    read,
    get answered() {
      return answered;
    },
    open: async (): Promise<void> => {
      const starting = app.start();
      while (app.server.addresses().length === 0) await realPause();
      base = `http://127.0.0.1:${portOf(app)}`;
      await Promise.all([readAll(), whileTimePasses(starting)]);
    },
    useFor: async (durationMs: number): Promise<void> => {
      const wish = {
        consumer_id: 'after-the-upgrade',
        requirements: { min_vram: 12 },
        workload_type: 'ssh',
        reservation_hours: 1,
      };
      const writes = [RUNNING, WITH_OWN_KEY].map((id) =>
        ask('POST', `/sessions/${id}/extend`, { additional_hours: 1 }),
      );
      const rents = [1, 2, 3].map(() => ask('POST', '/sessions', wish));
      await Promise.all([readAll(), whileTimePasses(Promise.all([...writes, ...rents]))]);
      for (let passedMs = 0; passedMs < durationMs; passedMs += 15 * SECOND_MS) {
        await readAll();
        await clock.advance(15 * SECOND_MS);
      }
    },
    close: () => whileTimePasses(app.stop()),
  };
}

function portOf({ server }: App): number {
  const [address] = server.addresses();
  if (typeof address !== 'object') throw new Error('the API has no port');
  return address.port;
}

/** In dollars, from the lines as they stand in the file. */
function spentOn(id: string | undefined): number {
  const lines = ask<{ rate: number; spanMs: number }>(
    `SELECT rate_micro_usd_per_hour AS rate, ended_at - started_at AS spanMs FROM cost_entries WHERE session_id = '${id}'`,
  );
  return lines.reduce((sum, { rate, spanMs }) => sum + costOver(rate, spanMs), 0) / 1_000_000;
}

function migrationsIn(): readonly string[] {
  return ask<{ name: string }>('SELECT name FROM migrations ORDER BY number').map(
    ({ name }) => name,
  );
}

function ask<Row>(sql: string): readonly Row[] {
  const database = new Sqlite(path, { readonly: true });
  try {
    return database.prepare<[], Row>(sql).all();
  } finally {
    database.close();
  }
}
