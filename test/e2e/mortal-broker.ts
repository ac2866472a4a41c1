import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../src/simulator/model.ts';
import { type Autopsy, examineCopy } from './autopsy.ts';
import type { Running } from './processes.ts';
import type { BrokerOptions, SpawnedBroker, Stage } from './stage.ts';

/** When a life is cut off: so long after the process started, opened its port, or said that it is ready. */
export interface KillMoment {
  readonly from: 'start' | 'listening' | 'ready';
  readonly delayMs: number;
}

/** How far a process had come: its port not open, open and still sweeping, or ready. */
export const REACHED = ['starting', 'sweeping', 'serving'] as const;
export type Reached = (typeof REACHED)[number];

/** One kill, and what it left. */
export interface Death {
  readonly reached: Reached;
  readonly livedMs: number;
  readonly autopsy: Autopsy;
}

/**
 * Which moments are drawn, and how often. Most lives get to serve, else nothing would ever be rented; the start of a
 * process takes about a second where others run beside it, and its sweep a tenth of that.
 */
const MOMENTS = [
  { weight: 5, from: 'start', lowMs: 100, highMs: 1_500 },
  { weight: 3, from: 'listening', lowMs: 0, highMs: 300 },
  { weight: 12, from: 'ready', lowMs: 0, highMs: 1_600 },
] as const;

export function drawMoments(chance: Chance, count: number): readonly KillMoment[] {
  const weighted = MOMENTS.flatMap((moment) => Array.from({ length: moment.weight }, () => moment));
  return Array.from({ length: count }, () => {
    const { from, lowMs, highMs } = chance.pick(weighted);
    return { from, delayMs: chance.int(lowMs, highMs) };
  });
}

/** One deployment's broker, at one address and on one database through all its lives. */
export class MortalBroker {
  readonly url: string;
  readonly #stage: Stage;
  readonly #options: BrokerOptions;

  private constructor(stage: Stage, options: BrokerOptions, port: number) {
    this.#stage = stage;
    this.#options = { ...options, settings: { ...options.settings, PORT: String(port) } };
    this.url = `http://127.0.0.1:${port}`;
  }

  static async create(stage: Stage, options: BrokerOptions): Promise<MortalBroker> {
    return new MortalBroker(stage, options, await findFreePort());
  }

  /** One life, from the start of the process to its kill. Rejects when it ends by itself. */
  async liveUntil({ from, delayMs }: KillMoment): Promise<Death> {
    const startedAtMs = performance.now();
    const { running, databasePath } = this.#spawn();
    const ready = readyOf(running);
    const isReady = ready.then(
      () => true,
      () => false,
    );
    const since = { start: Promise.resolve(), listening: running.said(LISTENING), ready };
    const moment = since[from].then(() => sleep(delayMs));
    await Promise.race([moment, diedByItself(running)]);
    const signal = await running.kill('SIGKILL');
    if (signal !== 'SIGKILL') throw new Error(`it ended with ${signal}:\n${running.log()}`);
    return {
      reached: reachedBy(running, await isReady),
      livedMs: performance.now() - startedAtMs,
      autopsy: examineCopy(databasePath),
    };
  }

  /** A life that nothing ends; resolves when it is ready. */
  async liveOn(): Promise<SpawnedBroker> {
    const broker = this.#spawn();
    await readyOf(broker.running);
    return broker;
  }

  #spawn(): SpawnedBroker {
    return this.#stage.spawnBroker(this.#options);
  }
}

/** What a broker logs when its port is open. */
const LISTENING = 'Server listening';
/** Longer than a start takes on a machine that does many other things. */
const LONGEST_START_MS = 60_000;

async function readyOf(running: Running): Promise<void> {
  const late = sleep(LONGEST_START_MS, undefined, { ref: false }).then(() => {
    throw new Error(`a broker did not get ready:\n${running.log()}`);
  });
  await Promise.race([running.line('ready'), late]);
}

async function diedByItself(running: Running): Promise<never> {
  const end = await running.ended();
  throw new Error(`a broker ended by itself with ${end}:\n${running.log()}`);
}

function reachedBy(running: Running, isReady: boolean): Reached {
  if (isReady) return 'serving';
  return running.log().includes(LISTENING) ? 'sweeping' : 'starting';
}

/** Below the ports that the system hands out by itself: nobody else is given one of these while its broker is down. */
const PORTS = { low: 20_000, high: 32_000 };
const MAX_PORT_TRIES = 50;

async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < MAX_PORT_TRIES; tries += 1) {
    const port = PORTS.low + Math.floor(Math.random() * (PORTS.high - PORTS.low));
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
