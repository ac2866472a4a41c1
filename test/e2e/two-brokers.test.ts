import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ask,
  type OrphanShown,
  orphansOf,
  rent,
  served,
  sessionOf,
  until,
  untilIncidents,
  untilStatus,
} from './asks.ts';
import { checkedFetch } from './checked-fetch.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

/** The grace that an orphan has is for launches that are on their way. */
const SETTINGS = { ORPHAN_GRACE_PERIOD: '10s', RECONCILIATION_INTERVAL: '5s' };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(SOON);
});
afterAll(async () => {
  await stage.close();
});

describe('two brokers with one deployment id', () => {
  it.concurrent('over two databases hold what the other one launches, and end none of it', async () => {
    const one = await start('twins1');
    const other = await start('twins1', 'twins1-other');
    // Each has been there for longer than the grace period before the other one launches.
    await untilSwept(one, 6);
    await untilSwept(other, 6);
    const [first, second] = await Promise.all([rent(one, 'vastai'), rent(other, 'vastai')]);
    expect(await heldBy(one)).toMatchObject([{ session_id: second, held_for: NOT_OURS }]);
    expect(await heldBy(other)).toMatchObject([{ session_id: first, held_for: NOT_OURS }]);
    expect(await served(stage, one, [first, second])).toEqual([true, true]);
    expect((await ask(one, `DELETE /sessions/${first}`)).status).toBe(200);
    expect(await served(stage, one, [first, second])).toEqual([false, true]);
  });

  it.concurrent('the second on a copy: it ends what was launched since the copy, and holds what is launched later', async () => {
    const one = await start('twins2');
    const kept = await rent(one, 'vastai');
    await copyDatabase(one, 'twins2-copy');
    const between = await rent(one, 'vastai');
    const copy = await start('twins2', 'twins2-copy');
    expect(await untilStatus(one, between, ['failed'])).toMatchObject(LOST);
    const later = await rent(one, 'vastai');
    expect(await heldBy(copy)).toMatchObject([{ session_id: later, held_for: NOT_OURS }]);
    expect((await sessionOf(copy, kept)).status).toBe('running');
    expect(await served(stage, one, [kept, between, later])).toEqual([true, false, true]);
  });

  it.concurrent('the second on a copy: both drive its sessions, and each ends what is over by its own rows', async () => {
    const one = await start('twins3');
    const [deleted, extended] = await Promise.all([rent(one, 'vastai'), rent(one, 'vastai')]);
    await copyDatabase(one, 'twins3-copy');
    const copy = await start('twins3', 'twins3-copy');
    expect((await ask(one, `DELETE /sessions/${deleted}`)).status).toBe(200);
    expect(await untilStatus(copy, deleted, ['failed'])).toMatchObject(LOST);
    const extension = { additional_hours: 2 };
    expect((await ask(one, `POST /sessions/${extended}/extend`, extension)).status).toBe(200);
    for (const { running } of [one, copy]) running.process.kill('SIGUSR2');
    expect(await untilStatus(copy, extended, ['stopped'])).toMatchObject({
      stop_reason: 'expired',
    });
    expect(await untilStatus(one, extended, ['failed'])).toMatchObject(LOST);
  });
});

const NOT_OURS = 'not_launched_here';
const LOST = { stop_reason: 'instance_lost' };

function start(deploymentId: string, home = deploymentId): Promise<StagedBroker> {
  return stage.startBroker({
    deploymentId,
    home,
    tensordock: 'v2',
    crashAt: '',
    settings: SETTINGS,
  });
}

async function heldBy(broker: StagedBroker): Promise<readonly OrphanShown[]> {
  await untilIncidents(broker, ['orphans_held']);
  return orphansOf(broker);
}

/** As a backup that is put somewhere else and started, or a folder that is copied as a whole. */
async function copyDatabase({ databasePath }: StagedBroker, home: string): Promise<void> {
  const from = dirname(databasePath);
  const to = join(dirname(from), home);
  mkdirSync(to);
  copyFileSync(join(from, 'secrets.key'), join(to, 'secrets.key'));
  const database = new Sqlite(databasePath, { readonly: true });
  try {
    await database.backup(join(to, 'broker.db'));
  } finally {
    database.close();
  }
}

async function untilSwept(broker: StagedBroker, times: number): Promise<void> {
  const sweeps = async (): Promise<number> => {
    const text = await (await checkedFetch(`${broker.url}/metrics`)).text();
    const counts = [...text.matchAll(/^gpu_sweeps_total\{.*\} (\d+)$/gm)];
    return Math.min(...counts.map(([, count]) => Number(count)));
  };
  await until(broker, sweeps, (count) => count >= times);
}
