import { execFileSync, spawnSync } from 'node:child_process';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aliveOf,
  ask,
  incidentsOf,
  rent,
  sessionOf,
  until,
  untilIncidents,
  untilStatus,
  wish,
} from './asks.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

const DEPLOYMENT_ID = 'fulldisk';
const STORE_FAILING = expect.objectContaining({ kind: 'store_failing' });

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(SOON);
});
afterAll(async () => {
  await stage.close();
});

describe('a broker whose disk takes nothing more', () => {
  it('ends what is over, rents nothing, says so, and catches up when there is room', async ({
    skip,
  }) => {
    const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
    if (!hasPrlimit) skip('prlimit (util-linux) is not installed');
    const broker = await stage.startBroker({
      deploymentId: DEPLOYMENT_ID,
      tensordock: 'v2',
      crashAt: '',
    });
    const id = await rent(broker, 'vastai');
    const request = await wish(broker, 'tensordock');

    limitFiles(broker, '0');
    const refusal = await ask(broker, 'POST /sessions', request);
    expect(refusal).toMatchObject({ status: 500, body: { error_type: 'internal' } });
    expect(await incidentsOf(broker)).toContainEqual(STORE_FAILING);
    expect(await stage.instancesOf(DEPLOYMENT_ID)).toHaveLength(1);

    broker.running.process.kill('SIGUSR2');
    await until(
      broker,
      () => aliveOf(stage, broker),
      (machines) => machines.length === 0,
    );
    expect((await sessionOf(broker, id)).status).toBe('running');
    expect((await ask(broker, 'GET /offers')).status).toBe(200);
    expect((await ask(broker, 'GET /ready')).status).toBe(200);
    expect(await incidentsOf(broker)).toContainEqual(STORE_FAILING);

    limitFiles(broker, 'unlimited');
    const ended = await untilStatus(broker, id, ['stopped', 'failed']);
    expect(ended).toMatchObject({ status: 'stopped', stop_reason: 'expired' });
    await untilIncidents(broker, []);
    expect((await ask(broker, 'POST /sessions', request)).status).toBe(201);
    expect(await broker.running.kill('SIGTERM')).toBe('0');
    expect(integrityOf(broker)).toEqual([{ integrity_check: 'ok' }]);
  });
});

/** How large a file of the process may become, in bytes: beyond it every write fails as on a disk that is full. */
function limitFiles({ running }: StagedBroker, bytes: string): void {
  execFileSync('prlimit', [`--pid=${running.process.pid}`, `--fsize=${bytes}:unlimited`]);
}

function integrityOf({ databasePath }: StagedBroker): unknown {
  const database = new Sqlite(databasePath, { readonly: true });
  try {
    return database.pragma('integrity_check');
  } finally {
    database.close();
  }
}
