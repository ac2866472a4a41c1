import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPage, scriptOf } from '../docs/markdown.ts';
import { type Running, startProgram } from './processes.ts';

/** What a reader of the walks needs. */
const PROGRAMS = ['bash', 'curl', 'jq', 'ssh', 'ssh-keygen'];
/** Where the pages say that the broker and the simulator are. */
const DOCUMENTED_BROKER = 'http://localhost:8080';
const DOCUMENTED_SIMULATOR = 'http://127.0.0.1:9400';
/** The session that the operations page follows in the log. */
const DOCUMENTED_SESSION = 'sess-k3j5h2g8d9f0a1s2';

interface SimulatorLine {
  readonly listening: string;
  readonly credentials: Readonly<
    Record<'vastKey' | 'tensordockToken' | 'tensordockAuthId', string>
  >;
}

let folder: string;
let simulator: Running;
let broker: Running;
let url: string;
let simulatorUrl: string;
let settings: Readonly<Record<string, string>>;

/** The demo's two processes at the demo's pace. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-docs-'));
  simulator = startProgram('dist/simulator/main.js', { args: ['--port', '0'], env: {} });
  const { listening, credentials } = await simulator.line<SimulatorLine>('listening');
  simulatorUrl = listening;
  settings = {
    PORT: '0',
    DATABASE_PATH: join(folder, 'broker.db'),
    VASTAI_API_KEY: credentials.vastKey,
    VASTAI_BASE_URL: listening,
    TENSORDOCK_API_VERSION: 'both',
    TENSORDOCK_API_TOKEN: credentials.tensordockToken,
    TENSORDOCK_AUTH_ID: credentials.tensordockAuthId,
    TENSORDOCK_BASE_URL: listening,
  };
  broker = startProgram('dist/e2e/broker-process.js', { env: settings });
  const { port } = await broker.line<{ port: number }>('ready');
  url = `http://localhost:${port}`;
  await untilStocked();
});

afterAll(async () => {
  await broker?.kill('SIGKILL');
  await simulator?.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

describe('the walk of', () => {
  it('README.md rents, logs in, extends, ends and pays', async ({ skip }) => {
    skip(missingPrograms().length > 0, `not installed: ${missingPrograms().join(', ')}`);
    const output = await runScript(scriptOf(readPage('README.md'), 'sh walk'));
    expect(output).toMatch(/^running$/m);
    expect(output).toContain('NVIDIA GeForce RTX 4090');
    expect(output).toMatch(/"message":"session extended".*"new_expires_at":"\d{4}-/);
    expect(output).toContain('"message":"session shutdown initiated"');
    expect(output).toMatch(/^stopped$/m);
    expect(output).toMatch(/"total_cost":0\.\d*[1-9]/);
    expect(output).toMatch(/^gpu_sessions_ended_total\{.*reason="done"\} 1$/m);
  });

  it('docs/quick-start.md rents by requirements with an own key, once, and deletes', async ({
    skip,
  }) => {
    skip(missingPrograms().length > 0, `not installed: ${missingPrograms().join(', ')}`);
    const output = await runScript(scriptOf(readPage('docs/quick-start.md'), 'sh walk'));
    expect(output).toContain('the same session');
    expect(output).toMatch(/^running$/m);
    expect(output).toContain('NVIDIA-SMI');
    expect(output).toContain('the same host');
    expect(output).toContain('"message":"session destroyed"');
    expect(output).toMatch(/"session_count":1,"by_provider":\{"tensordock":/);
  });
});

it('docs/quick-start.md turns the faults of the simulator on and off, and looks at its instances', async ({
  skip,
}) => {
  skip(missingPrograms().length > 0, `not installed: ${missingPrograms().join(', ')}`);
  const output = await runScript(scriptOf(readPage('docs/quick-start.md'), 'sh simulator'));
  expect(output).toContain('"lostAnswer":0.2');
  expect(output).toMatch(/^\["?\w[^\]]*,"gpub-[^\]]*,"gone",\d+\]$/m);
  expect(output).toMatch(/"lostAnswer":0,[^}]*\}\s*$/);
});

it('docs/operations.md follows a session in the log and backs the database up', async ({
  skip,
}) => {
  skip(missingPrograms().length > 0, `not installed: ${missingPrograms().join(', ')}`);
  const id = await rentOne();
  const script = scriptOf(readPage('docs/operations.md'), 'sh operator');
  const output = await runScript(
    [operatorsShell(), script.replaceAll(DOCUMENTED_SESSION, id)].join('\n'),
  );
  expect(output).toMatch(/^\{"time":.*"msg":".*"attempt":1\}$/m);
  expect(output).toContain('the backup is good');
});

async function rentOne(): Promise<string> {
  const answer = await fetch(`${url}/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      consumer_id: 'operator',
      requirements: { provider: 'vastai' },
      workload_type: 'ssh',
      reservation_hours: 1,
    }),
  });
  const { session } = (await answer.json()) as { readonly session: { readonly id: string } };
  return session.id;
}

/** What the operator's shell has: the program, its settings, and a log, which here is no journal's. */
function operatorsShell(): string {
  const log = join(folder, 'broker.log');
  writeFileSync(log, broker.log());
  return [
    `ln -s ${resolve('dist')} dist`,
    ...Object.entries(settings).map(([name, value]) => `export ${name}='${value}'`),
    `journalctl() { grep '^{' ${log}; }`,
  ].join('\n');
}

function missingPrograms(): readonly string[] {
  return PROGRAMS.filter((name) => spawnSync('which', [name]).status !== 0);
}

/** A page's script as it stands, but for the addresses, in one shell that stops at the first command that fails. */
async function runScript(text: string): Promise<string> {
  expect(text).not.toBe('');
  const cwd = mkdtempSync(join(folder, 'walk-'));
  const script = text
    .replaceAll(DOCUMENTED_BROKER, url)
    .replaceAll(DOCUMENTED_SIMULATOR, simulatorUrl);
  const shell = spawn('bash', ['-e', '-u', '-o', 'pipefail', '-c', script], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  await once(shell, 'close');
  expect(shell.exitCode, `${output}\n${broker.log()}`).toBe(0);
  return output;
}

/** A reader takes longer to type than the first pages of all providers take to arrive. */
async function untilStocked(): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const health = (await (await fetch(`${url}/health`)).json()) as {
      readonly services: { readonly inventory: string };
    };
    if (health.services.inventory === 'ok') return;
    await sleep(100);
  }
  throw new Error(`the menu stayed incomplete:\n${broker.log()}`);
}
