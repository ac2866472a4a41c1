import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OtlpReceiver, openOtlpReceiver } from '../support/otlp-receiver.ts';
import { type Secrets, seedOf } from './canary-scan.ts';
import { type Running, startProgram } from './processes.ts';

/**
 * The built program with secrets that are unlike anything else, on a folder of its own, and a memory of all that anybody
 * could see of it.
 */
export interface CanaryStage {
  readonly folder: string;
  readonly secrets: Secrets;
  /** What the program is configured with, its secrets among it. */
  readonly environment: Readonly<Record<string, string>>;
  /** All that was seen so far, files and output included. */
  sources(): ReadonlyMap<string, string | Buffer>;
  remember(source: string, content: string): void;
  /** Starts the broker and waits until it answers. */
  startBroker(settings?: Readonly<Record<string, string>>): Promise<ChildProcess>;
  /** Runs a command of the program to its end; resolves with its exit code. */
  run(
    name: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<number | null>;
  /**
   * Sends a request with the API token and remembers the answer, without the keys that are given on purpose. Status 0 says
   * that none came in time: a launch that a provider leaves open is waited for longer than a test can.
   */
  ask(call: string, options?: AskOptions): Promise<Answer>;
  /** A `POST` to the simulator's control, or what it shows. */
  turn(control: string, body?: object): Promise<void>;
  look(path: string, headers?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer may show what the caller itself put into the path; nothing else may. */
  readonly showsPath?: true;
}

export interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Letters that every encoding treats in its own way, and enough chance to be found by nothing else. */
function secret(): string {
  return `${randomBytes(6).toString('hex')}+/=&'"<%7e${randomBytes(20).toString('hex')}`;
}

const HOST = '127.0.0.1';
const BROKER_URL = /Server listening at (http:\/\/127\.0\.0\.1:\d+)/g;

export async function openCanaryStage(): Promise<CanaryStage> {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-canary-'));
  const known = {
    vastKey: secret(),
    tensordockToken: secret(),
    tensordockAuthId: secret(),
    apiToken: secret(),
    otherApiToken: secret(),
    secretsKey: randomBytes(32).toString('hex'),
    // Shown to the collector in a header, and to nobody else.
    collectorKey: randomBytes(20).toString('hex'),
  };
  const secrets: Record<string, string | Buffer> = {
    ...known,
    secretsKeyBytes: Buffer.from(known.secretsKey, 'hex'),
  };
  const seen = new Map<string, string>();
  const remember = (source: string, content: string): void => {
    seen.set(source, `${seen.get(source) ?? ''}${content}\n`);
  };
  const simulator = startProgram('dist/simulator/main.js', {
    args: ['--port', '0', '--boot-scale', '0.02', '--latency-ms', '20'],
    env: {
      SIM_RATE_LIMITS: 'off',
      SIM_VAST_KEY: known.vastKey,
      SIM_TENSORDOCK_TOKEN: known.tensordockToken,
      SIM_TENSORDOCK_AUTH_ID: known.tensordockAuthId,
    },
  });
  const { listening } = await simulator.line<{ listening: string }>('listening');
  const collector = await openOtlpReceiver();
  const environment = {
    ...environmentOf(folder, known, listening),
    ...spanVariables(collector, known.collectorKey),
  };
  const processes: ChildProcess[] = [];
  let url = '';

  const launch = (name: string, args: readonly string[], env: Readonly<Record<string, string>>) => {
    mkdirSync(join(folder, 'output'), { recursive: true });
    const output = openSync(join(folder, 'output', name), 'a');
    const child = spawn(process.execPath, [resolve('dist/main.js'), ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', output, output],
    });
    processes.push(child);
    return child;
  };
  const stage: CanaryStage = {
    folder,
    secrets,
    environment,
    remember,
    sources: () =>
      new Map<string, string | Buffer>([
        ...seen,
        ...filesIn(folder),
        ['spans', Buffer.concat(collector.requests.map(({ body }) => body))],
      ]),
    startBroker: async (settings = {}) => {
      const name = `broker ${processes.length}`;
      const child = launch(name, [], { ...environment, ...settings });
      url = await untilListening(join(folder, 'output', name), child);
      remember('command line', readFileSync(`/proc/${child.pid}/cmdline`, 'utf8'));
      return child;
    },
    run: async (name, args, env) => {
      const child = launch(name, args, env);
      const tooLong = setTimeout(() => child.kill('SIGKILL'), LONGEST_RUN_MS);
      if (child.exitCode === null) await once(child, 'exit');
      clearTimeout(tooLong);
      return child.exitCode;
    },
    ask: async (call, { body, headers, showsPath } = {}) => {
      const [method = '', path = ''] = call.split(' ');
      const response = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: {
          authorization: `Bearer ${known.apiToken}`,
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      }).catch(() => undefined);
      if (!response) return { status: 0, json: {} };
      const json = takeGiven(await response.text(), secrets);
      if (!showsPath) remember(`answers to ${method} ${path.replace(/sess-\w+/, ':id')}`, json);
      remember('headers of answers', JSON.stringify([...response.headers]));
      return { status: response.status, json: json.startsWith('{') ? JSON.parse(json) : {} };
    },
    turn: async (control, body) => {
      const answer = await fetch(`${listening}/_sim/${control}`, {
        method: 'POST',
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${control}: ${answer.status}`);
    },
    look: async (path, headers = {}) => (await fetch(`${listening}${path}`, { headers })).text(),
    close: async () => {
      collector.close();
      await closeAll(processes, simulator, folder);
    },
  };
  return stage;
}

function environmentOf(
  folder: string,
  known: Readonly<Record<string, string>>,
  listening: string,
): Readonly<Record<string, string>> {
  return {
    HOST,
    PORT: '0',
    LOG_LEVEL: 'trace',
    LOG_FORMAT: 'json',
    DATABASE_PATH: join(folder, 'data', 'broker.db'),
    SECRETS_KEY: known['secretsKey'] ?? '',
    API_TOKENS: `canary:${known['apiToken']},other:${known['otherApiToken']}`,
    VASTAI_API_KEY: known['vastKey'] ?? '',
    VASTAI_BASE_URL: listening,
    TENSORDOCK_API_VERSION: 'both',
    TENSORDOCK_API_TOKEN: known['tensordockToken'] ?? '',
    TENSORDOCK_AUTH_ID: known['tensordockAuthId'] ?? '',
    TENSORDOCK_BASE_URL: listening,
    INVENTORY_REFRESH_INTERVAL: '1s',
    RECONCILIATION_INTERVAL: '1s',
    LIFECYCLE_CHECK_INTERVAL: '500ms',
    SSH_CHECK_INTERVAL: '200ms',
    ORPHAN_GRACE_PERIOD: '1s',
    STARTUP_SWEEP_TIMEOUT: '5s',
  };
}

function spanVariables({ url }: OtlpReceiver, key: string): Readonly<Record<string, string>> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: `x-collector-key=${key}`,
    // Processes are killed here, and what they have not sent is not looked at.
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
}

/** What a create answer gives on purpose is a secret from then on. */
function takeGiven(text: string, secrets: Record<string, string | Buffer>): string {
  const given = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  const { ssh_private_key: privateKey, agent_token: agentToken, ...rest } = given;
  // By session, because a request that is repeated is given the same again.
  const session = /"session":\{"id":"([^"]+)"/.exec(text)?.[1];
  if (typeof privateKey === 'string') secrets[`private key of ${session}`] = seedOf(privateKey);
  if (typeof agentToken === 'string') secrets[`agent token of ${session}`] = agentToken;
  return Object.keys(given).length > 0 ? JSON.stringify(rest) : text;
}

const PATIENCE_MS = 8_000;
/** A command that runs for longer has begun to serve. */
const LONGEST_RUN_MS = 45_000;
const START_TRIES = 300;
/** Several starts within a minute spend a marketplace's searches: from then on what is there has to do. */
const WHOLE_MENU_TRIES = 150;

async function untilListening(output: string, child: ChildProcess): Promise<string> {
  for (let tries = 0; tries < START_TRIES; tries += 1) {
    const text = readFileSync(output, 'utf8');
    const [last] = [...text.matchAll(BROKER_URL)].slice(-1);
    const url = last?.[1];
    if (url !== undefined && (await isServing(url, tries))) return url;
    if (child.exitCode !== null) throw new Error(`it ended:\n${text}`);
    await sleep(100);
  }
  throw new Error(`it did not get ready:\n${readFileSync(output, 'utf8')}`);
}

/** Whether it is ready, and every provider's offers are there, or have been waited for long enough. */
async function isServing(url: string, tries: number): Promise<boolean> {
  const answer = await fetch(`${url}/health`).catch(() => undefined);
  const health = (await answer?.text()) ?? '';
  const isWhole = health.includes('"inventory":"ok"') || tries > WHOLE_MENU_TRIES;
  return isWhole && health.includes('"ready":"true"');
}

function filesIn(folder: string): readonly (readonly [string, Buffer])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(folder.length + 1), readFileSync(path)]);
}

async function closeAll(
  processes: readonly ChildProcess[],
  simulator: Running,
  folder: string,
): Promise<void> {
  for (const child of processes) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await simulator.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
