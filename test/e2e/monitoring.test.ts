import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertStates } from '../monitoring/alert-watch.ts';
import { readDashboard } from '../monitoring/dashboard.ts';
import { withShorterSpans } from '../monitoring/pace.ts';
import { freePort, type Prometheus, startPrometheus } from '../monitoring/prometheus.ts';
import { ask, rent } from './asks.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

/**
 * A real Prometheus scrapes the built broker: every query of the dashboard has something to show, and alerts come with their
 * faults and go with them. Half a second here is a minute of the rules; `npm run monitoring` takes its time.
 */
const SHORTER = 120;
const EVERY_MS = 500;
const isThere = spawnSync('prometheus', ['--version']).error === undefined;

let stage: Stage;
let broker: StagedBroker;
let prometheus: Prometheus;
let folder: string;

describe.skipIf(!isThere)('with a real Prometheus', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gpu-broker-prometheus-'));
    stage = await openStage(SOON);
    const brokerPort = await freePort();
    const rules = withShorterSpans(readFileSync('deploy/prometheus/rules.yml', 'utf8'), SHORTER);
    [broker, prometheus] = await Promise.all([
      startBroker(brokerPort),
      startPrometheus({ folder, brokerPort, rules, everyMs: EVERY_MS }),
    ]);
    const [first] = await Promise.all([rent(broker, 'vastai'), rent(broker, 'tensordock')]);
    await ask(broker, `DELETE /sessions/${first}`);
  });

  afterAll(async () => {
    await prometheus?.close();
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('every query of the dashboard has something to show', async () => {
    const queries = readDashboard().panels.flatMap(({ title, queries: own }) =>
      own.map(({ expr }) => ({ title, expr })),
    );
    expect(queries.length).toBeGreaterThan(30);
    const silent = async (): Promise<readonly string[]> => {
      const answers = await Promise.all(
        queries.map(async ({ title, expr }) => {
          const samples = await prometheus.ask(expr);
          return samples.length === 0 ? [`${title}: ${expr}`] : [];
        }),
      );
      return answers.flat();
    };
    for (let tries = 0; tries < 40 && (await silent()).length > 0; tries += 1) await sleep(500);
    expect(await silent()).toEqual([]);
    // Nothing needs to fire now; a query that is wrong would throw.
    for (const expr of readDashboard().marks)
      expect(await prometheus.ask(expr)).toEqual(expect.any(Array));
  });

  it('an account that is refused wakes somebody, until it is let in again', async () => {
    await control('revoke-keys?market=tensordock');
    await until('GpuAccountNeedsAPerson', 'firing');
    await control('restore-keys?market=tensordock');
    await until('GpuAccountNeedsAPerson', undefined);
  });

  it('a broker that is gone wakes somebody, until it is back', async () => {
    await broker.running.kill('SIGKILL');
    await until('GpuBrokerDown', 'firing');
    broker = await startBroker(Number(new URL(broker.url).port));
    await until('GpuBrokerDown', undefined);
  });
});

function startBroker(port: number): Promise<StagedBroker> {
  const settings = { PORT: String(port), BALANCE_REFRESH_INTERVAL: '20s' };
  return stage.startBroker({ deploymentId: 'watched1', tensordock: 'both', crashAt: '', settings });
}

async function control(what: string): Promise<void> {
  const { VASTAI_BASE_URL: simulator } = stage.environment('both');
  const answer = await fetch(`${simulator}/_sim/${what}`, { method: 'POST' });
  expect(answer.status).toBe(200);
}

async function until(alert: string, wanted: 'firing' | undefined): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (alertStates(await prometheus.ask('ALERTS')).get(alert) === wanted) return;
    await sleep(200);
  }
  throw new Error(
    `waited in vain for ${alert} to be ${wanted ?? 'silent'}\n${broker.running.log()}`,
  );
}
