import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedFetch } from './checked-fetch.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

/**
 * A real Prometheus scrapes the built broker while it works: every query of the dashboard has something to show, and alerts come
 * with their faults and go with them. A second here is a minute of the rules.
 */
const isThere = spawnSync('prometheus', ['--version']).error === undefined;
const DASHBOARD = 'deploy/grafana/dashboards/gpu-broker.json';

let stage: Stage;
let broker: StagedBroker;
let prometheus: ChildProcess;
let prometheusUrl: string;
let folder: string;

describe.skipIf(!isThere)('with a real Prometheus', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gpu-broker-prometheus-'));
    stage = await openStage(SOON);
    const port = await freePort();
    broker = await startBroker(port);
    prometheusUrl = `http://127.0.0.1:${await freePort()}`;
    prometheus = startPrometheus(port);
    await work();
  }, 120_000);

  afterAll(async () => {
    prometheus?.kill('SIGKILL');
    if (prometheus?.exitCode === null && prometheus.signalCode === null)
      await once(prometheus, 'exit');
    await stage?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('every query of the dashboard has something to show', async () => {
    const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { panels: readonly Panel[] };
    const queries = panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ title, expr })),
    );
    expect(queries.length).toBeGreaterThan(30);
    let silent: readonly string[] = [];
    for (let tries = 0; tries < 30; tries += 1) {
      const answers = await Promise.all(
        queries.map(async ({ title, expr }) =>
          (await ask(expr)).length === 0 ? [`${title}: ${expr}`] : [],
        ),
      );
      silent = answers.flat();
      if (silent.length === 0) break;
      await sleep(1_000);
    }
    expect(silent).toEqual([]);
  });

  it('an account that is refused wakes somebody, until it is let in again', async () => {
    await control('revoke-keys?market=tensordock');
    await untilFiring('GpuAccountNeedsAPerson');
    await control('restore-keys?market=tensordock');
    await untilSilent('GpuAccountNeedsAPerson');
  });

  it('an end that does not come wakes somebody, until it does', async () => {
    const id = await rent('vastai');
    await untilStatus(id, 'running');
    await control('faults', { serverErrorBefore: 1 });
    void checkedFetch(`${broker.url}/sessions/${id}`, { method: 'DELETE' }).catch(() => undefined);
    await untilFiring('GpuInstanceNotEnding');
    await control('faults', {});
    await untilSilent('GpuInstanceNotEnding');
  });

  it('a broker that is gone wakes somebody, until it is back', async () => {
    await broker.running.kill('SIGKILL');
    await untilFiring('GpuBrokerDown');
    broker = await startBroker(Number(new URL(broker.url).port));
    await untilSilent('GpuBrokerDown');
  });
});

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

function startBroker(port: number): Promise<StagedBroker> {
  const settings = { PORT: String(port), BALANCE_REFRESH_INTERVAL: '20s' };
  return stage.startBroker({ deploymentId: 'watched1', tensordock: 'both', crashAt: '', settings });
}

/** What a broker does on a busy day, in short: sessions that run, end, and cannot be had. */
async function work(): Promise<void> {
  await Promise.all(
    ['vastai', 'vastai', 'tensordock'].map(async (provider, index) => {
      const id = await rent(provider);
      await untilStatus(id, 'running');
      if (index > 0) return;
      await checkedFetch(`${broker.url}/sessions/${id}`, { method: 'DELETE' });
    }),
  );
}

async function rent(provider: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await checkedFetch(`${broker.url}/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        consumer_id: 'monitoring',
        requirements: { provider },
        workload_type: 'ssh',
        reservation_hours: 12,
      }),
    });
    const body = (await answer.json()) as { session?: { id: string } };
    if (body.session) return body.session.id;
    await sleep(200);
  }
  throw new Error(`nothing could be rented at ${provider}\n${broker.running.log()}`);
}

async function untilStatus(id: string, wanted: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await checkedFetch(`${broker.url}/sessions/${id}`);
    if (((await answer.json()) as { status: string }).status === wanted) return;
    await sleep(100);
  }
  throw new Error(`session ${id} did not come so far`);
}

async function control(what: string, body: object = {}): Promise<void> {
  const { VASTAI_BASE_URL: simulator } = stage.environment('both');
  await fetch(`${simulator}/_sim/${what}`, { method: 'POST', body: JSON.stringify(body) });
}

function startPrometheus(port: number): ChildProcess {
  const rules = readFileSync('deploy/prometheus/rules.yml', 'utf8');
  writeFileSync(join(folder, 'rules.yml'), inSeconds(rules));
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [join(folder, 'rules.yml')],
      scrape_configs: [
        { job_name: 'gpu-broker', static_configs: [{ targets: [`127.0.0.1:${port}`] }] },
      ],
    }),
  );
  return spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(prometheusUrl).host}`,
    ],
    { stdio: 'ignore', cwd: resolve(folder) },
  );
}

/** The spans of the rules, a sixtieth as long; what is counted and compared stays as it is. */
function inSeconds(rules: string): string {
  return rules.replaceAll(
    /(\[|for: )(\d+)(m|h)/g,
    (_all, before, figure, unit) =>
      `${before}${unit === 'h' ? Number(figure) * 60 : Number(figure)}s`,
  );
}

async function ask(query: string): Promise<readonly unknown[]> {
  try {
    const answer = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
    const body = (await answer.json()) as { data?: { result: readonly unknown[] }; error?: string };
    if (body.error !== undefined) throw new TypeError(`${query}: ${body.error}`);
    return body.data?.result ?? [];
  } catch (error) {
    // Not up yet.
    if (error instanceof TypeError && error.message === 'fetch failed') return [];
    throw error;
  }
}

async function untilFiring(alert: string): Promise<void> {
  await until(alert, async () => (await ask(firing(alert))).length > 0);
}

async function untilSilent(alert: string): Promise<void> {
  await until(`silence of ${alert}`, async () => (await ask(firing(alert))).length === 0);
}

function firing(alert: string): string {
  return `ALERTS{alertname="${alert}",alertstate="firing"}`;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    if (await holds()) return;
    await sleep(500);
  }
  throw new Error(`waited in vain for ${what}\n${broker.running.log()}`);
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
