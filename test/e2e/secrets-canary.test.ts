import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSecrets } from './canary-scan.ts';
import { type Answer, type CanaryStage, openCanaryStage } from './canary-stage.ts';

/** Where each of the three APIs has offers of its own. */
const PLACES = [
  { provider: 'vastai' },
  { provider: 'tensordock', location: 'US' },
  { provider: 'tensordock', location: 'Kraków' },
];
/** A container of the caller's own, with a command of its own. */
const SERVER = {
  launch_mode: 'entrypoint',
  docker_image: 'ghcr.io/example/server:1',
  exposed_ports: [8000],
  on_start_cmd: 'env > /tmp/environment',
  disk_gb: 100,
};
/** Faults of the wire, one after the other; each lasts long enough for every loop of the broker to meet it. */
const FAULTS = [
  { echoed: 1 },
  { echoed: 0.5 },
  { refused: 0.7 },
  { serverErrorBefore: 0.7 },
  { badGatewayBefore: 0.7 },
  { resetAfter: 0.5 },
  { serverErrorAfter: 0.5 },
  { cutBody: 0.7 },
  { shortList: 0.7, emptyList: 0.3 },
  { lostLaunch: 1, duplicated: 0.5 },
  // At the end, because it is answered with a pause.
  { rateLimited: 0.5 },
];
const FAULT_MS = 2_000;
/** Letters, of megabytes. */
const LOG_END = 10_000;

let stage: CanaryStage;
let broker: ChildProcess;
beforeAll(async () => {
  stage = await openCanaryStage();
});
afterAll(async () => {
  await stage.close();
});

/** One life after the other of one deployment; the last tests look at all that is left of them. */
describe.sequential('the built program', () => {
  it('says nothing of the values of a configuration that it refuses', async () => {
    for (const [name, env] of Object.entries(malformed(stage.environment))) {
      expect([name, await stage.run('refused', [], env)]).toEqual([name, 2]);
    }
    const env: Environment = stage.environment;
    const lines = [`API_TOKENS='no name ${stage.environment['API_TOKENS']}'`, 'PORT=none'];
    writeFileSync(join(stage.folder, '.env'), lines.join('\n'));
    const { API_TOKENS: _tokens, PORT: _port, ...rest } = env;
    expect(await stage.run('refused', [], rest)).toBe(2);
    writeFileSync(join(stage.folder, '.env'), '');
  });

  it('serves sessions from the beginning to the end', async () => {
    broker = await stage.startBroker();
    for (const place of PLACES) await wholeLife(place);
    const ssh_public_key = ssh2.utils.generateKeyPairSync('ed25519').public;
    const own = await create({ provider: 'vastai' }, { ssh_public_key });
    expect(own.status).toBe(201);
    for (const place of PLACES) await create(place, SERVER);
    for (const path of ['/', '/offers', '/templates', '/costs', '/costs/summary', '/orphans'])
      await stage.ask(`GET ${path}`);
    for (const path of ['/metrics', '/health', '/ready', '/openapi.json', '/docs', '/docs/json'])
      await stage.ask(`GET ${path}`);
  });

  it('answers what callers get wrong', async () => {
    const token = String(stage.secrets['apiToken']);
    const inQuery = encodeURIComponent(token);
    await stage.ask(`GET /offers?token=${inQuery}`);
    await stage.ask(`GET /offers?provider=${inQuery}`);
    for (const path of ['sessions', 'offers', 'orphans', 'nowhere'])
      await stage.ask(`GET /${path}/${inQuery}`, { showsPath: true });
    await stage.ask('GET /offers', { headers: { 'x-request-id': token } });
    await stage.ask('POST /sessions', { body: { consumer_id: [token], api_token: 'x' } });
    for (const authorization of [`Basic ${token}`, `Bearer ${token}x`, token, 'Bearer nobody']) {
      const { status } = await stage.ask('GET /offers', { headers: { authorization } });
      expect(status).toBe(401);
    }
    expect((await stage.ask('DELETE /offers')).status).toBe(405);
    expect((await stage.ask('GET /nowhere')).status).toBe(404);
  });

  it('meets each fault of its providers', async () => {
    const asked: Promise<Answer>[] = [];
    for (const faults of FAULTS) {
      await stage.turn('faults', faults);
      asked.push(...PLACES.map((place) => create(place, {})));
      await sleep(FAULT_MS);
      for (const path of ['/health', '/sessions', '/metrics', '/orphans'])
        asked.push(stage.ask(`GET ${path}`));
    }
    await stage.turn('faults', { echoed: 1 });
    await stage.run('sweep', ['sweep'], stage.environment);
    await stage.turn('faults', { echoed: 0.3 });
    await stage.run('sweep', ['sweep', '--execute', '--yes'], stage.environment);
    await stage.turn('faults', {});
    await Promise.all(asked);
    // The quotes came as far as the log, and there without what they had quoted.
    expect(textOf('output/broker')).toContain('Could not process this request');
    expect(textOf('output/broker')).toContain('[redacted]');
    expect(textOf('output/sweep')).toContain('could not be listed');
    // And as far as the spans, where what failed says why.
    expect(textOf('spans')).toContain('Could not process this request');
    expect(textOf('spans')).toContain('[redacted]');
  });

  it('meets accounts that are refused, and machines that go away', async () => {
    for (const market of ['vastai', 'tensordock']) await stage.turn(`revoke-keys?market=${market}`);
    await Promise.all(PLACES.map((place) => create(place, {})));
    await sleep(FAULT_MS);
    await stage.ask('GET /health');
    await stage.run('sweep', ['sweep'], stage.environment);
    for (const market of ['vastai', 'tensordock']) {
      await stage.turn(`restore-keys?market=${market}`);
      await stage.turn(`drain-credit?market=${market}`);
    }
    await Promise.all(PLACES.map((place) => create(place, {})));
    for (const market of ['vastai', 'tensordock'])
      await stage.turn(`pay-in?market=${market}&usd=500`);
    for (const act of ['vanish', 'stop']) {
      for (const id of (await livingMachines()).slice(0, 2)) await stage.turn(`${act}?id=${id}`);
    }
    await sleep(FAULT_MS);
    await stage.ask('GET /sessions');
  });

  it('carries no credential and no private key to a machine', async () => {
    const vast = { authorization: `Bearer ${String(stage.secrets['vastKey'])}` };
    const tensordock = { authorization: `Bearer ${String(stage.secrets['tensordockToken'])}` };
    stage.remember('what reached the machines', await stage.look('/_sim/arrivals'));
    stage.remember('machines, as they are', await stage.look('/_sim/instances'));
    stage.remember('machines, by Vast.ai', await stage.look('/api/v1/instances/', vast));
    stage.remember('machines, by TensorDock', await stage.look('/api/v2/instances', tensordock));
    expect(textOf('what reached the machines')).toContain('ssh-ed25519');
    expect(textOf('machines, by Vast.ai')).toContain('"label":"gpub-');
  });

  it('is killed, backed up, started with what is wrong, and crashes', async () => {
    const path = stage.environment['DATABASE_PATH'] ?? '';
    expect(await stage.run('second broker', [], stage.environment)).toBe(2);
    await kill(broker);
    await backUp(path);
    broker = await stage.startBroker({ SECRETS_KEY: 'ab'.repeat(32), LOG_FORMAT: 'pretty' });
    expect((await create(PLACES[0] ?? {}, {}, keyFor(PLACES[0]))).status).toBe(201);
    expect(textOf('output/broker')).toContain('keys of open sessions cannot be opened');
    await kill(broker);
    writeFileSync(`${path}.damaged`, 'this is no database, but it is long enough to look like one');
    const damaged = { ...stage.environment, DATABASE_PATH: `${path}.damaged` };
    expect(await stage.run('damaged', [], damaged)).toBe(2);
    const crash = 'data:text/javascript,setTimeout(() => { throw new Error("crashed") }, 3000)';
    const env = { ...stage.environment, NODE_OPTIONS: `--import="${crash}"` };
    expect(await stage.run('crash', [], env)).toBe(1);
    expect(textOf('output/crash')).toContain('crashed');
  });

  it('ends what it has rented without a running broker', async () => {
    const rented = await livingMachines();
    expect(rented.length).toBeGreaterThan(0);
    const args = ['sweep', '--execute', '--yes', '--include-wanted'];
    expect(await stage.run('sweep', args, stage.environment)).toBe(0);
    expect(await livingMachines()).toEqual([]);
  });

  it('has left none of its secrets anywhere', () => {
    const sources = stage.sources();
    const wanted = ['broker.db', 'broker.db-wal', 'broker.db.backup'].map((name) => `data/${name}`);
    expect([...sources.keys()]).toEqual(expect.arrayContaining(wanted));
    expect(sources.size).toBeGreaterThan(30);
    expect(Object.keys(stage.secrets).length).toBeGreaterThan(10);
    expect(findSecrets(sources, stage.secrets)).toEqual([]);
    const keys = [...sources].filter(([, content]) => content.includes('PRIVATE KEY'));
    // Where it stands in an example.
    const known = ['answers to GET /openapi.json', 'answers to GET /docs/json'];
    expect(keys.map(([source]) => source).filter((source) => !known.includes(source))).toEqual([]);
  });

  it('would have been found out', () => {
    // The end of it is enough: all of it has been looked through.
    const log = textOf('output/broker').slice(-LOG_END);
    for (const [name, value] of Object.entries(stage.secrets)) {
      const leaking = new Map([['log', `${log}x ${Buffer.from(value).toString('base64')}`]]);
      const [hit] = findSecrets(leaking, stage.secrets);
      expect(hit).toMatchObject({ source: 'log', secret: name });
    }
  });
});

type Environment = Readonly<Record<string, string>>;

/** Each secret in a form that is refused. */
function malformed(good: Environment): Readonly<Record<string, Environment>> {
  const { VASTAI_API_KEY: key = '', SECRETS_KEY: secretsKey = '', API_TOKENS: tokens = '' } = good;
  const file = join(stage.folder, 'not', 'there');
  const named = tokens.split(/[:,]/);
  return {
    'forms that are wrong': {
      ...good,
      VASTAI_API_KEY: `${key} x`,
      VAST_API_KEY: `${key}2`,
      VASTAI_APIKEY: key,
      VASTAI_BASE_URL: `https://${encodeURIComponent(key)}@example.org`,
      TENSORDOCK_AUTH_ID: key.repeat(20),
      TENSORDOCK_BASE_URL: `https://example.org/?k=${encodeURIComponent(key)}`,
      SECRETS_KEY: secretsKey.slice(1),
      API_TOKENS: `${named[1]},${named[3]}`,
    },
    'values that do not go together': {
      ...good,
      VAST_API_KEY: `${key}2`,
      TENSORDOCK_API_TOKEN: '',
      SECRETS_KEY: `${secretsKey.slice(0, -1)}x`,
      API_TOKENS: `${tokens},again:${named[1]}`,
    },
    'a file that is not there': { ...good, API_TOKENS: '', API_TOKENS_FILE: file },
  };
}

async function wholeLife(place: object): Promise<void> {
  const headers = keyFor(place);
  const first = await create(place, {}, headers);
  expect(first.status).toBe(201);
  expect((await create(place, {}, headers)).json).toMatchObject({ session: { id: idOf(first) } });
  const id = idOf(first);
  await untilStatus(id, ['running', 'failed']);
  await stage.ask(`POST /sessions/${id}/extend`, { body: { additional_hours: 1 } });
  await stage.ask(`POST /sessions/${id}/extend`, { body: { additional_hours: 12 } });
  await stage.ask(`GET /sessions/${id}/diagnostics`);
  for (const agent_token of Object.entries(stage.secrets).flatMap(([name, value]) =>
    name.startsWith('agent token') ? [value] : [],
  ))
    await stage.ask(`POST /sessions/${id}/heartbeat`, { body: { agent_token, busy: true } });
  await stage.ask(`GET /costs?session_id=${id}`);
  await stage.ask(`POST /sessions/${id}/done`);
  await stage.ask(`DELETE /sessions/${id}`);
}

function create(
  place: object,
  fields: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const body = {
    consumer_id: 'canary',
    requirements: place,
    workload_type: 'ssh',
    reservation_hours: 1,
    ...fields,
  };
  return stage.ask('POST /sessions', { body, headers });
}

function keyFor(place: object | undefined): Readonly<Record<string, string>> {
  return { 'idempotency-key': `canary-${JSON.stringify(place).length}` };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function idOf({ json }: Answer): string {
  const { session } = json;
  return typeof session === 'object' && session && 'id' in session ? String(session.id) : 'none';
}

async function untilStatus(id: string, wanted: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { json } = await stage.ask(`GET /sessions/${id}`);
    if (wanted.includes(String(json['status']))) return;
    await sleep(100);
  }
  throw new Error(`session ${id} did not come so far`);
}

async function livingMachines(): Promise<readonly string[]> {
  const { instances } = JSON.parse(await stage.look('/_sim/instances')) as {
    instances: { id: string; state: string; isForeign: boolean }[];
  };
  return instances
    .filter(({ state, isForeign }) => state === 'running' && !isForeign)
    .map(({ id }) => id);
}

/** As `sqlite3 broker.db ".backup …"` does, while the broker runs. */
async function backUp(path: string): Promise<void> {
  const database = new Sqlite(path, { readonly: true });
  await database.backup(`${path}.backup`);
  database.close();
}

/** All sources whose names begin so, in one. */
function textOf(name: string): string {
  const found = [...stage.sources()].filter(([source]) => source.startsWith(name));
  return found.map(([, content]) => content.toString()).join('\n');
}
