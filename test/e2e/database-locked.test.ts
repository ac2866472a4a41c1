import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aliveOf, ask, incidentsOf, rent, sessionOf, until, untilStatus, wish } from './asks.ts';
import { openStage, SOON, type Stage } from './stage.ts';

const ME = { deploymentId: 'locked', tensordock: 'v2', crashAt: '' } as const;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(SOON);
});
afterAll(async () => {
  await stage.close();
});

describe('a database that another program keeps locked', () => {
  it('keeps no answer waiting, rents nothing, and ends what is over, also after a restart', async () => {
    const first = await stage.startBroker(ME);
    const id = await rent(first, 'vastai');
    const request = await wish(first, 'tensordock');
    const other = new Sqlite(first.databasePath);
    other.exec('BEGIN IMMEDIATE');

    const refused = ask(first, 'POST /sessions', request);
    const asked = performance.now();
    expect((await ask(first, 'GET /ready')).status).toBe(200);
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(await refused).toMatchObject({ status: 500, body: { error_type: 'internal' } });
    expect(await incidentsOf(first)).toMatchObject([
      { kind: 'store_failing', message: expect.stringContaining('holds it locked') },
    ]);
    expect(first.running.log()).toContain('end that program');

    await first.running.kill('SIGKILL');
    const second = await stage.startBroker(ME);
    second.running.process.kill('SIGUSR2');
    await until(
      second,
      () => aliveOf(stage, second),
      (machines) => machines.length === 0,
    );
    expect((await sessionOf(second, id)).status).toBe('running');

    other.exec('ROLLBACK');
    other.close();
    const ended = await untilStatus(second, id, ['stopped', 'failed']);
    expect(ended).toMatchObject({ status: 'stopped', stop_reason: 'expired' });
    expect(await stage.instancesOf(ME.deploymentId)).toHaveLength(1);
    expect(await second.running.kill('SIGTERM')).toBe('0');
  });
});
