import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_CORE } from './pairs.ts';
import { pinned } from './process-channel.ts';

const POLL_MS = 2;
const PATIENCE_MS = 60_000;
/** Nobody listens on these: one for each of the two programs. */
const PORT = 18_097;

export interface StartRound {
  readonly brokerMs: number;
  readonly emptyMs: number;
}

/** From the start of each process to its first answer, one after the other. */
export async function measureStart(built: string, database: string): Promise<StartRound> {
  const broker = await timeToAnswer([join(built, 'dist/main.js')], {
    VASTAI_API_KEY: 'played',
    VASTAI_BASE_URL: 'http://127.0.0.1:1',
    DATABASE_PATH: database,
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
  });
  const empty = await timeToAnswer([join(built, 'test/bench/empty-program.js')], {});
  return { brokerMs: broker, emptyMs: empty };
}

async function timeToAnswer(
  program: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const [command = '', ...args] = pinned([process.execPath, ...program], SERVER_CORE);
  const startedMs = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'], PORT: String(PORT), ...env },
  });
  try {
    await firstAnswer(child, startedMs);
    return performance.now() - startedMs;
  } finally {
    const end = once(child, 'exit');
    child.kill('SIGKILL');
    await end;
  }
}

async function firstAnswer(child: ChildProcess, startedMs: number): Promise<void> {
  while (!(await isAnswering())) {
    if (child.exitCode !== null) throw new Error(`a program ended with ${child.exitCode}`);
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error('a program did not start');
    await sleep(POLL_MS);
  }
}

function isAnswering(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port: PORT, host: '127.0.0.1' });
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
