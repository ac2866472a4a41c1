import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linesOfPicture } from '../pictures/terminal-picture.ts';

let folder: string;
let demos: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-demo-test-'));
  demos = [];
});

afterEach(async () => {
  for (const demo of demos) {
    demo.kill('SIGTERM');
    await ended(demo);
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('the demo', () => {
  it.each([
    ['Ctrl-C', (demo: ChildProcess) => demo.kill('SIGINT')],
    ['the terminal closes', (demo: ChildProcess) => demo.kill('SIGHUP')],
    ['its reader goes away', (demo: ChildProcess) => demo.stdout?.destroy()],
  ])('leaves no process and no file when %s in the middle', async (_way, end) => {
    const demo = startDemo({ PORT: '0' });
    await untilSaid(demo, 'Wait until a login is proven');
    const started = childrenOf(demo);
    expect(started).toHaveLength(2);
    expect(readdirSync(folder)).toHaveLength(1);
    end(demo);
    await ended(demo);
    expect(started.filter(isAlive)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('prints what its pictures in the documentation show', async () => {
    const demo = startDemo({ PORT: '0' }, ['--once']);
    const text = await untilSaid(demo, 'That was the whole job.');
    await ended(demo);
    const shown = ['docs/menu.svg', 'docs/demo.svg'].flatMap((file) =>
      linesOfPicture(readFileSync(file, 'utf8')),
    );
    expect(shown.length).toBeGreaterThan(30);
    const printed = new Set(text.split('\n').map(formOf));
    expect(shown.filter((line) => !printed.has(formOf(line)))).toEqual([]);
  });

  it('takes another port when somebody has the wanted one, and never talks to whoever that is', async () => {
    let requests = 0;
    const stranger = createServer(() => {
      requests += 1;
    }).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const address = stranger.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const demo = startDemo({ PORT: port });
    const text = await untilSaid(demo, 'offers?');
    expect(text).toMatch(/curl 'http:\/\/127\.0\.0\.1:\d+\/offers/);
    expect(text).not.toContain(`:${port}/`);
    expect(requests).toBe(0);
    stranger.close();
  });

  it('says what is wrong with a port that is none', async () => {
    const demo = startDemo({ PORT: 'abc' });
    expect(await untilSaid(demo, 'PORT must be')).toContain('The demo failed');
    await ended(demo);
    expect(demo.exitCode).toBe(1);
  });
});

/** A line without what differs from run to run: figures, ids, keys, and which offers there are. */
function formOf(line: string): string {
  return line
    .trim()
    .replace(/^[\d.]+ +\d+ × RTX 4090 .*/, 'an offer')
    .replaceAll(/sess-\w+/g, 'sess-…')
    .replaceAll(/vastai-\d+/g, 'vastai-…')
    .replaceAll(/-i \S+/g, '-i …')
    .replaceAll(/\d+(\.\d+)?(e-\d+)?/g, '0')
    .replaceAll(/\s+/g, ' ');
}

function startDemo(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): ChildProcess {
  const demo = spawn(process.execPath, [resolve('dist/demo/main.js'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  demos.push(demo);
  return demo;
}

async function ended(demo: ChildProcess): Promise<void> {
  if (demo.exitCode === null && demo.signalCode === null) await once(demo, 'exit');
}

/** All that it said, once it said this. */
async function untilSaid(demo: ChildProcess, wanted: string): Promise<string> {
  let text = '';
  demo.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  for (let tries = 0; tries < 600 && !text.includes(wanted); tries += 1) await sleep(100);
  expect(text).toContain(wanted);
  return text;
}

function childrenOf(demo: ChildProcess): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number))
    .flatMap(([pid, parent]) => (pid !== undefined && parent === demo.pid ? [pid] : []));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
