import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { LateHosts as LatePorts, Listening, Openings } from './messages.ts';
import { type Arena, type Contestant, openArena, SERVER_CORE } from './pairs.ts';
import { type BenchProcess, startProcess } from './process-channel.ts';

/** What every measurement works with. */
export interface Scene extends Arena {
  readonly built: string;
  readonly pairs: number;
  readonly durationMs: number;
  /** Whether this is the form of CI. */
  readonly isShort: boolean;
  /** Says what is being done: some of it takes minutes. */
  readonly say: (line: string) => void;
}

export async function openScene(
  built: string,
  pace: Pick<Scene, 'pairs' | 'durationMs' | 'isShort' | 'say'>,
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
  readonly sshPorts?: readonly number[];
  readonly tick?: string;
}

/** A broker of its own for as long as `use` runs. */
export async function withBroker<Result>(
  built: string,
  options: BrokerOptions,
  use: (broker: Contestant) => Promise<Result>,
): Promise<Result> {
  const broker = await startProcess({ built, file: 'broker-process.js', core: SERVER_CORE });
  try {
    const order = {
      kind: 'listen',
      database: newDatabasePath(),
      refresh: '10m',
      hasHanging: false,
      sshPorts: [1],
      tick: '5s',
      ...options,
    };
    const { port } = await broker.ask(order, Listening);
    await menuOf(port, options.offers);
    return await use({ process: broker, port });
  } finally {
    await broker.stop();
  }
}

/** Resolves once all offers can be had: a first answer without them would be what all others are held against. */
async function menuOf(port: number, offers: number): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const answer = await fetch(`http://127.0.0.1:${port}/offers?limit=1`);
    if (Value.Parse(MenuTotal, await answer.json()).total >= offers) return;
    await sleep(TRY_MS);
  }
  throw new Error('the menu did not fill');
}

const MenuTotal = Type.Object({ total: Type.Integer() });
const TRY_MS = 100;
const MAX_TRIES = 300;

export interface LateHosts {
  readonly ports: readonly number[];
  /** When each of them began to answer, by its port. */
  openings(): Promise<ReadonlyMap<number, number>>;
}

/** SSH servers that answer only after a while, each after its own, for as long as `use` runs. */
export async function withLateHosts<Result>(
  built: string,
  { core, delaysMs }: { readonly core: number; readonly delaysMs: readonly number[] },
  use: (hosts: LateHosts) => Promise<Result>,
): Promise<Result> {
  const hosts: BenchProcess = await startProcess({ built, file: 'ssh-process.js', core });
  try {
    const { ports } = await hosts.ask({ kind: 'listen_late', delaysMs }, LatePorts);
    const openings = async () => {
      const told = await hosts.ask({ kind: 'openings' }, Openings);
      return new Map(told.openings.map(({ port, at }) => [port, at]));
    };
    return await use({ ports, openings });
  } finally {
    await hosts.stop();
  }
}

/** Real SSH servers in a process of their own for as long as `use` runs. */
export async function withSshHosts<Result>(
  built: string,
  core: number,
  use: (port: number) => Promise<Result>,
): Promise<Result> {
  // They stand for machines elsewhere: what they compute must not keep the load from its core.
  const host = { built, file: 'ssh-process.js', core, isBehind: true };
  const hosts: BenchProcess = await startProcess(host);
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
