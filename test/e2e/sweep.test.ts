import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Orphan, orphanIdOf } from '../../src/domain/orphan.ts';
import { openStore } from '../../src/store/open-store.ts';
import { orphan } from '../support/builders.ts';
import { checkedFetch } from './checked-fetch.ts';
import { openStage, type Stage, type StagedBroker } from './stage.ts';

const DEPLOYMENT_ID = 'sweep01';

type NamedInstance = Pick<Orphan, 'id' | 'provider' | 'api' | 'providerInstanceId' | 'tag'>;

let stage: Stage;
let folder: string;
let broker: StagedBroker;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-sweep-'));
  stage = await openStage();
  broker = await stage.startBroker({ deploymentId: DEPLOYMENT_ID, tensordock: 'v2', crashAt: '' });
  for (const query of ['provider=vastai', 'provider=tensordock']) await rent(query);
});
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('gpu-broker sweep', () => {
  it('says what it needs when nothing names the deployment', async () => {
    const { status, stdout } = await sweep([], {
      DEPLOYMENT_ID: '',
      DATABASE_PATH: join(folder, 'no.db'),
    });
    expect(status).toBe(2);
    expect(stdout).toContain('set DEPLOYMENT_ID');
  });

  it('tells live sessions from orphans while the broker runs, and leaves them alone', async () => {
    const { status, stdout } = await sweep(['--execute', '--yes'], {
      DATABASE_PATH: broker.databasePath,
    });
    expect(stdout).toContain(`2 instance(s) of deployment ${DEPLOYMENT_ID}`);
    expect(stdout.match(/ wanted$/gm)).toHaveLength(2);
    expect(stdout).toContain('nothing to end');
    expect(status).toBe(0);
    expect((await alive()).length).toBe(2);
  });

  it('lists and ends nothing without --execute, from credentials and deployment id alone', async () => {
    const { status, stdout } = await sweep([], { DATABASE_PATH: join(folder, 'no.db') });
    expect(stdout.match(/ unknown$/gm)).toHaveLength(2);
    expect(status).toBe(0);
    expect((await alive()).length).toBe(2);
  });

  it('ends nothing when the deployment id is not typed', async () => {
    const { status, stdout } = await sweep(
      ['--execute'],
      { DATABASE_PATH: join(folder, 'no.db') },
      'yes\n',
    );
    expect(stdout).toContain('nothing was ended');
    expect(stdout).toContain(`at ${join(folder, 'no.db')}`);
    expect(status).toBe(1);
    expect((await alive()).length).toBe(2);
  });

  it('takes nobody there to type for a no', async () => {
    const { status, stdout } = await sweep(['--execute'], {}, '');
    expect(stdout).toContain('nothing was ended');
    expect(status).toBe(1);
  });

  it('sees nothing of another deployment', async () => {
    const { stdout } = await sweep(['--execute', '--yes'], {
      DEPLOYMENT_ID: 'sweep0',
      DATABASE_PATH: join(folder, 'no.db'),
    });
    expect(stdout).toContain('0 instance(s) of deployment sweep0');
  });

  it('ends what the broker holds, and what it ignores only when that is asked for', async () => {
    const left = await listed();
    await rent('provider=vastai');
    const rented = (await listed()).filter(({ id }) => !left.some((other) => other.id === id));
    expect(rented).toHaveLength(1);
    const env = { DATABASE_PATH: join(folder, 'orphans.db') };
    await writeOrphans(env.DATABASE_PATH, [
      ...left.map((one) => orphan({ ...one, state: 'ignored' })),
      ...rented.map((one) => orphan({ ...one, state: 'held', heldFor: 'over_limit' })),
    ]);
    const { status, stdout } = await sweep(['--execute', '--yes'], env);
    expect(stdout.match(/ held$/gm)).toHaveLength(1);
    expect(stdout.match(/ ignored$/gm)).toHaveLength(2);
    expect(stdout.match(/ gone$/gm)).toHaveLength(1);
    expect(status).toBe(0);
    expect(await listed()).toEqual(left);
    const asked = await sweep(['--execute', '--include-ignored'], env, 'no\n');
    expect(asked.stdout).toContain('end 2 instance(s)?');
    expect(await listed()).toEqual(left);
  });

  it('ends what is left when the box is gone, and nothing of others', async () => {
    await broker.running.kill('SIGKILL');
    const before = await stage.foreignInstances();
    const { status, stdout } = await sweep(
      ['--execute'],
      { DATABASE_PATH: join(folder, 'no.db') },
      `${DEPLOYMENT_ID}\n`,
    );
    expect(stdout.match(/ gone$/gm)).toHaveLength(2);
    expect(status).toBe(0);
    expect(await alive()).toEqual([]);
    expect(before.length).toBeGreaterThan(0);
    expect(await stage.foreignInstances()).toEqual(before);
  });
});

async function sweep(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<{ readonly status: number | null; readonly stdout: string }> {
  const child = spawn(process.execPath, [resolve('dist/main.js'), 'sweep', ...args], {
    cwd: folder,
    timeout: 120_000,
    env: { PATH: process.env['PATH'], ...stage.environment('v2'), DEPLOYMENT_ID, ...env },
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stdin.end(input);
  await once(child, 'close');
  return { status: child.exitCode, stdout };
}

async function alive() {
  const instances = await stage.instancesOf(DEPLOYMENT_ID);
  return instances.filter(({ state }) => state !== 'gone');
}

/** What the command itself lists, named as the broker names it. */
async function listed(): Promise<readonly NamedInstance[]> {
  const { stdout } = await sweep([], { DATABASE_PATH: join(folder, 'no.db') });
  return [...stdout.matchAll(/^ {2}(\S+) {2}(\S+) {2}(gpub-\S+) {2}/gm)].map(
    ([, api = '', providerInstanceId = '', tag = '']) => ({
      id: orphanIdOf(api, providerInstanceId),
      provider: api.replace(/-v\d$/, ''),
      api,
      providerInstanceId,
      tag,
    }),
  );
}

async function writeOrphans(path: string, orphans: readonly Orphan[]): Promise<void> {
  const { store } = await openStore({ path, newDeploymentId: () => DEPLOYMENT_ID });
  for (const one of orphans) await store.saveOrphan(one, []);
  await store.close();
}

async function rent(query: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const page = await checkedFetch(`${broker.url}/offers?${query}&limit=1`);
    const { offers } = (await page.json()) as { offers: { id: string }[] };
    const response = await checkedFetch(`${broker.url}/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        consumer_id: 'sweep',
        offer_id: offers[0]?.id ?? 'none',
        workload_type: 'ssh',
        reservation_hours: 12,
      }),
    });
    if (response.status === 201) return;
    await sleep(100);
  }
  throw new Error('nothing could be rented');
}
