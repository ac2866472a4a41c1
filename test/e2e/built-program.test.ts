import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedFetch } from './checked-fetch.ts';
import { type Running, startProgram } from './processes.ts';

const PORT = 18_080 + Math.floor(Math.random() * 10_000);
const URL_BASE = `http://127.0.0.1:${PORT}`;

let folder: string;
let simulator: Running;
let environment: Record<string, string>;
let broker: Running;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-built-'));
  simulator = startProgram('dist/simulator/main.js', {
    args: ['--port', '0', '--boot-scale', '0.02'],
    env: { SIM_RATE_LIMITS: 'off' },
  });
  const line = await simulator.line<{
    listening: string;
    credentials: Record<'vastKey' | 'tensordockToken' | 'tensordockAuthId', string>;
  }>('listening');
  environment = {
    PORT: String(PORT),
    DATABASE_PATH: join(folder, 'broker.db'),
    VASTAI_API_KEY: line.credentials.vastKey,
    VASTAI_BASE_URL: line.listening,
    TENSORDOCK_API_VERSION: 'both',
    TENSORDOCK_API_TOKEN: line.credentials.tensordockToken,
    TENSORDOCK_AUTH_ID: line.credentials.tensordockAuthId,
    TENSORDOCK_BASE_URL: line.listening,
  };
  broker = await startBroker();
});

afterAll(async () => {
  await broker.kill('SIGKILL');
  await simulator.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

describe('the built program', () => {
  it('exits 2 and names the variables and the demo when no provider is configured', () => {
    const { status, stderr } = spawnSync(process.execPath, [resolve('dist/main.js')], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], DATABASE_PATH: join(folder, 'none.db') },
    });
    expect(status).toBe(2);
    for (const word of ['VASTAI_API_KEY', 'TENSORDOCK_API_TOKEN', 'npm run demo'])
      expect(stderr).toContain(word);
  });

  it('has offers of both marketplaces, and of all three APIs, in one menu', async () => {
    const { offers, total } = await getJson<{
      offers: { id: string; provider: string }[];
      total: number;
    }>('/offers?limit=1000');
    expect(total).toBe(offers.length);
    expect(new Set(offers.map(({ provider }) => provider))).toEqual(
      new Set(['vastai', 'tensordock']),
    );
    const v2 = await getJson<{ total: number }>('/offers?provider=tensordock&location=US');
    const v0Only = await getJson<{ total: number }>(
      '/offers?provider=tensordock&location=Krak%C3%B3w',
    );
    expect(v2.total).toBeGreaterThan(0);
    expect(v0Only.total).toBeGreaterThan(0);
  });

  it('keeps the database readable by its owner alone', () => {
    expect(statSync(join(folder, 'broker.db')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'secrets.key')).mode & 0o777).toBe(0o600);
  });

  it('refuses a second broker on the same database', () => {
    const { status, stderr } = spawnSync(process.execPath, [resolve('dist/main.js')], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...environment, PORT: '0' },
    });
    expect(status).toBe(2);
    expect(stderr).toContain('gpu-broker cannot start');
  });

  it('rents, survives a SIGTERM with the session running, and ends it afterwards', async () => {
    const { offers } = await getJson<{ offers: { id: string }[] }>(
      '/offers?provider=vastai&limit=1',
    );
    const created = await send<{ session: { id: string } }>('POST', '/sessions', {
      consumer_id: 'built',
      offer_id: offers[0]?.id,
      workload_type: 'ssh',
      reservation_hours: 1,
    });
    const { id } = created.session;
    await untilStatus(id, 'running');
    broker.process.kill('SIGTERM');
    expect(await broker.ended()).toBe('0');
    broker = await startBroker();
    expect((await getJson<{ status: string }>(`/sessions/${id}`)).status).toBe('running');
    await send('POST', `/sessions/${id}/done`);
    await untilStatus(id, 'stopped');
    const { total_cost } = await getJson<{ total_cost: number }>(`/costs?session_id=${id}`);
    expect(total_cost).toBeGreaterThan(0);
  });

  it('prints metrics that promtool has nothing to say about', async ({ skip }) => {
    const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
    if (!hasPromtool) skip("promtool (Debian's prometheus package) is not installed");
    const input = await (await checkedFetch(`${URL_BASE}/metrics`)).text();
    expect(input).toContain('gpu_orphans_detected_total 0');
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
  });
});

async function startBroker(): Promise<Running> {
  const running = startProgram('dist/main.js', { env: environment });
  for (let tries = 0; tries < 200; tries += 1) {
    const health = await checkedFetch(`${URL_BASE}/health`).catch(() => undefined);
    const body = (await health?.json()) as { services: { inventory: string } } | undefined;
    if (health?.status === 200 && body?.services.inventory === 'ok') return running;
    if (running.process.exitCode !== null) break;
    await sleep(100);
  }
  throw new Error(`the broker did not come up:\n${running.log()}`);
}

async function getJson<Answer>(path: string): Promise<Answer> {
  const response = await checkedFetch(`${URL_BASE}${path}`);
  if (!response.ok)
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

async function send<Answer>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await checkedFetch(`${URL_BASE}${path}`, {
    method,
    ...(body
      ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      : {}),
  });
  if (!response.ok)
    throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

async function untilStatus(id: string, wanted: string): Promise<void> {
  let status = '';
  for (let tries = 0; tries < 600 && status !== wanted; tries += 1) {
    ({ status } = await getJson<{ status: string }>(`/sessions/${id}`));
    if (status === 'failed') break;
    await sleep(100);
  }
  if (status !== wanted)
    throw new Error(`session ${id} is ${status}, not ${wanted}:\n${broker.log()}`);
}
