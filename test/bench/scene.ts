import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Listening } from './messages.ts';
import { type Arena, type Contestant, openArena, SERVER_CORE } from './pairs.ts';
import { type BenchProcess, startProcess } from './process-channel.ts';

/** What every measurement works with. */
export interface Scene extends Arena {
  readonly built: string;
  readonly pairs: number;
  readonly durationMs: number;
  /** Says what is being done: some of it takes minutes. */
  readonly say: (line: string) => void;
}

export async function openScene(
  built: string,
  pace: Pick<Scene, 'pairs' | 'durationMs' | 'say'>,
): Promise<Scene> {
  const arena = await openArena(built);
  return {
    ...arena,
    built,
    ...pace,
    close: async () => {
      await arena.close();
      for (const folder of [built, ...folders]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface BrokerOptions {
  readonly offers: number;
  readonly database?: string;
  readonly refresh?: string;
  readonly hasHanging?: boolean;
  readonly sshPort?: number;
}

/** A broker of its own for as long as `use` runs. */
export async function withBroker<Value>(
  built: string,
  options: BrokerOptions,
  use: (broker: Contestant) => Promise<Value>,
): Promise<Value> {
  const broker = await startProcess({ built, file: 'broker-process.js', core: SERVER_CORE });
  try {
    const order = {
      kind: 'listen',
      database: newDatabasePath(),
      refresh: '10m',
      hasHanging: false,
      sshPort: 1,
      ...options,
    };
    const { port } = await broker.ask(order, Listening);
    return await use({ process: broker, port });
  } finally {
    await broker.stop();
  }
}

/** Real SSH servers in a process of their own for as long as `use` runs. */
export async function withSshHosts<Value>(
  built: string,
  core: number,
  use: (port: number) => Promise<Value>,
): Promise<Value> {
  const hosts: BenchProcess = await startProcess({ built, file: 'ssh-process.js', core });
  try {
    const { port } = await hosts.ask({ kind: 'listen' }, Listening);
    return await use(port);
  } finally {
    await hosts.stop();
  }
}

/** A database may be looked at by several brokers, and so they all go at the end. */
const folders: string[] = [];

export function newDatabasePath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-bench-data-'));
  folders.push(folder);
  return join(folder, 'broker.db');
}
