import { copyFileSync, rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aliveOf,
  ask,
  machinesOf,
  orphansOf,
  rent,
  sessionOf,
  until,
  untilIncidents,
  untilStatus,
} from './asks.ts';
import { openStage, type SimulatedInstance, SOON, type Stage, type StagedBroker } from './stage.ts';

const OPTIONS = { deploymentId: 'restored', tensordock: 'v2', crashAt: '' } as const;
/** The grace that an orphan has is for launches that are on their way; here there are none. */
const SETTINGS = { ORPHAN_GRACE_PERIOD: '10s', RECONCILIATION_INTERVAL: '5s' };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(SOON);
});
afterAll(async () => {
  await stage.close();
});

describe('a database that is restored from an old backup', () => {
  it('goes on with what it knows, closes what has ended since, and ends what came later once it may', async () => {
    const first = await stage.startBroker(OPTIONS);
    const [kept, ended] = await Promise.all([rent(first, 'vastai'), rent(first, 'tensordock')]);
    const backup = `${first.databasePath}.backup`;
    await backUp(first, backup);
    expect((await ask(first, `DELETE /sessions/${ended}`)).status).toBe(200);
    const [later] = await Promise.all([rent(first, 'vastai'), rent(first, 'tensordock')]);
    const keptMachines = await machinesOf(stage, first, kept);
    expect(keptMachines.map(({ state }) => state)).toEqual(['running']);
    await first.running.kill('SIGKILL');
    restore(first, backup);

    // As the page of operations advises: look first.
    const looking = await stage.startBroker({
      ...OPTIONS,
      settings: { ...SETTINGS, SWEEP_DRY_RUN: 'true' },
    });
    await untilIncidents(looking, ['orphans_held', 'orphans_held']);
    const held = await orphansOf(looking);
    expect(held.map(({ held_for }) => held_for)).toEqual(['dry_run', 'dry_run']);
    expect(held.map(({ session_id }) => session_id)).toContain(later);
    expect(await untilStatus(looking, ended, ['failed', 'stopped'])).toMatchObject({
      stop_reason: 'instance_lost',
    });
    expect((await ask(looking, `GET /sessions/${later}`)).status).toBe(404);
    expect(await aliveOf(stage, looking)).toHaveLength(3);
    await looking.running.kill('SIGTERM');

    const acting = await stage.startBroker({ ...OPTIONS, settings: SETTINGS });
    await until(
      acting,
      () => aliveOf(stage, acting),
      (machines) => machines.length === 1,
    );
    expect(await machinesOf(stage, acting, kept)).toMatchObject(keptMachines.map(namesOf));
    expect(await sessionOf(acting, kept)).toMatchObject({ status: 'running' });
    await until(
      acting,
      () => orphansOf(acting),
      (orphans) => orphans.length === 0,
    );
    await untilIncidents(acting, []);
    expect((await ask(acting, `DELETE /sessions/${kept}`)).status).toBe(200);
    expect(await aliveOf(stage, acting)).toEqual([]);
    await acting.running.kill('SIGTERM');
  });
});

/** As `sqlite3 broker.db ".backup …"` does, while the broker runs. */
async function backUp({ databasePath }: StagedBroker, to: string): Promise<void> {
  const database = new Sqlite(databasePath, { readonly: true });
  try {
    await database.backup(to);
  } finally {
    database.close();
  }
}

function restore({ databasePath }: StagedBroker, backup: string): void {
  copyFileSync(backup, databasePath);
  for (const suffix of ['-wal', '-shm']) rmSync(`${databasePath}${suffix}`, { force: true });
}

/** Its bill grows meanwhile. */
function namesOf({ id, label, state }: SimulatedInstance) {
  return { id, label, state };
}
