import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../src/simulator/model.ts';
import { type Autopsy, examineCopy } from './autopsy.ts';
import type { Running } from './processes.ts';
import type { BrokerOptions, SpawnedBroker, Stage } from './stage.ts';

/**
 * When a life is cut off: so long after the process started or opened its port, or, once it is ready, after so many times
 * what its start took, so that a busy machine leaves it as much to do.
 */
export type KillMoment =
  | { readonly from: 'start' | 'listening'; readonly delayMs: number }
  | { readonly from: 'ready'; readonly delayInStarts: number };

/** How far a process had come: its port not open, open and still sweeping, or ready. */
export const REACHED = ['starting', 'sweeping', 'serving'] as const;
export type Reached = (typeof REACHED)[number];

/** One kill, and what it left. */
export interface Death {
  readonly reached: Reached;
  readonly livedMs: number;
  readonly autopsy: Autopsy;
}

/** Most lives get to serve, else nothing would ever be rented. */
const SHARE_OF_STARTS = 0.25;
const SHARE_OF_SWEEPS = 0.15;
/** The start of a process takes about a second where others run beside it, and its sweep a tenth of that. */
const START_MS = { low: 100, high: 1_500 };
const SWEEP_MS = { low: 0, high: 300 };
const SERVICE_IN_STARTS = 1.2;

export function drawMoments(chance: Chance, count: number): readonly KillMoment[] {
  return Array.from({ length: count }, () => drawMoment(chance));
}

function drawMoment(chance: Chance): KillMoment {
  const draw = chance.next();
  if (draw < SHARE_OF_STARTS) {
    return { from: 'start', delayMs: chance.int(START_MS.low, START_MS.high) };
  }
  if (draw < SHARE_OF_STARTS + SHARE_OF_SWEEPS) {
    return { from: 'listening', delayMs: chance.int(SWEEP_MS.low, SWEEP_MS.high) };
  }
  return { from: 'ready', delayInStarts: chance.next() * SERVICE_IN_STARTS };
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
  async liveUntil(kill: KillMoment): Promise<Death> {
    const startedAtMs = performance.now();
    const { running, databasePath } = this.#spawn();
    const ready = readyOf(running);
    const isReady = ready.then(
      () => true,
      () => false,
    );
    await Promise.race([momentOf(kill, { running, ready, startedAtMs }), diedByItself(running)]);
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

interface Life {
  readonly running: Running;
  readonly ready: Promise<void>;
  readonly startedAtMs: number;
}

async function momentOf(kill: KillMoment, { running, ready, startedAtMs }: Life): Promise<void> {
  switch (kill.from) {
    case 'start':
      return sleep(kill.delayMs);
    case 'listening':
      await running.said(LISTENING);
      return sleep(kill.delayMs);
    case 'ready':
      await ready;
      return sleep((performance.now() - startedAtMs) * kill.delayInStarts);
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
