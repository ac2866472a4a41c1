import { performance } from 'node:perf_hooks';
import type { Static } from '@sinclair/typebox';
import { CpuTime, Done, Listening, LoadReport } from './messages.ts';
import { type BenchProcess, startProcess } from './process-channel.ts';
import { median } from './statistics.ts';

/** A server under load, and the yardstick beside it. */
export interface Arena {
  readonly bare: Contestant;
  readonly load: BenchProcess;
  close(): Promise<void>;
}

export interface Contestant {
  readonly process: BenchProcess;
  readonly port: number;
}

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;
export const CONNECTIONS = 64;
const WARM_ANSWERS = 15_000;
const MAX_WARM_MS = 120_000;

export async function openArena(built: string): Promise<Arena> {
  const load = await startProcess({ built, file: 'load-process.js', core: LOAD_CORE });
  const bare = await startProcess({ built, file: 'bare-process.js', core: SERVER_CORE });
  const { port } = await bare.ask({ kind: 'listen' }, Listening);
  return {
    bare: { process: bare, port },
    load,
    close: async () => {
      await Promise.all([bare.stop(), load.stop()]);
    },
  };
}

export interface Shot {
  /** Whole requests, sent in turn. */
  readonly requests: readonly string[];
  readonly durationMs: number;
  /** Callers that wait for their answers at once; as many as saturate a server where it is left out. */
  readonly connections?: number;
  /** Whether nothing else is to run on the load's core. */
  readonly isAlone?: boolean;
}

export interface Round extends Static<typeof LoadReport> {
  /** Processor time of the server for one answer, microseconds. */
  readonly cpuMicros: number;
  /** Share of its core that the server used. */
  readonly busy: number;
}

/** The load alone: the server may be busy with something else and is not asked what it spent. */
export function shoot(load: BenchProcess, port: number, shot: Shot) {
  const warmUpMs = warmUpMsOf(shot);
  const usual = { connections: CONNECTIONS, isAlone: false };
  return load.ask({ kind: 'load', port, warmUpMs, ...usual, ...shot }, LoadReport);
}

function warmUpMsOf({ durationMs }: Shot): number {
  return Math.min(300, durationMs / 4);
}

export async function fire(load: BenchProcess, at: Contestant, shot: Shot): Promise<Round> {
  const before = await at.process.ask({ kind: 'cpu' }, CpuTime);
  const report = await shoot(load, at.port, { ...shot, isAlone: true });
  const after = await at.process.ask({ kind: 'cpu' }, CpuTime);
  if (report.odd > 0) throw new Error(`${report.odd} answers had another status than the first`);
  const spentMicros = after.cpuMicros - before.cpuMicros;
  const busy = spentMicros / 1000 / (shot.durationMs + warmUpMsOf(shot));
  return { ...report, busy, cpuMicros: (busy * 1e6) / report.perSecond };
}

export interface PairResult {
  /** Answers a second, broker to yardstick: median over the pairs, and the extremes. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  /** The same by processor time for one answer, which other work on the machine disturbs less. */
  readonly cpuRatio: number;
  readonly cpuLowest: number;
  readonly cpuHighest: number;
  readonly status: number;
  readonly bodyBytes: number;
  readonly brokerMicros: number;
  readonly bareMicros: number;
  readonly brokerPerSecond: number;
  readonly barePerSecond: number;
  readonly bareBusy: number;
}

export interface PairOptions {
  readonly broker: Contestant;
  readonly requests: readonly string[];
  readonly pairs: number;
  readonly durationMs: number;
}

/** The broker and the yardstick with the same bytes, in turn; who begins changes from pair to pair. */
export async function comparePairs(arena: Arena, options: PairOptions): Promise<PairResult> {
  const { broker, requests, pairs, durationMs } = options;
  const sample = await sampleOf(broker.port, requests[0] ?? '');
  await arena.bare.process.ask({ kind: 'answer', ...sample }, Done);
  const rounds: { readonly ours: Round; readonly bare: Round }[] = [];
  await warmUp(arena, broker, requests);
  for (let pair = 0; pair < pairs; pair += 1) {
    const ourTurn = () => fire(arena.load, broker, { requests, durationMs });
    const bareTurn = () =>
      fire(arena.load, arena.bare, { requests: requests.slice(0, 1), durationMs });
    if (pair % 2 === 0) {
      const ours = await ourTurn();
      rounds.push({ ours, bare: await bareTurn() });
    } else {
      const bare = await bareTurn();
      rounds.push({ bare, ours: await ourTurn() });
    }
  }
  return resultOf(rounds, Buffer.from(sample.body, 'base64').length);
}

/** Until the code has been compiled for what it does and, where requests differ, each of them has been answered once. */
async function warmUp(
  arena: Arena,
  broker: Contestant,
  requests: readonly string[],
): Promise<void> {
  const wanted = Math.max(WARM_ANSWERS, requests.length);
  const deadline = performance.now() + MAX_WARM_MS;
  for (let answers = 0; answers < wanted && performance.now() < deadline; ) {
    answers += (await fire(arena.load, broker, { requests, durationMs: 500 })).answers;
  }
}

function resultOf(
  rounds: readonly { readonly ours: Round; readonly bare: Round }[],
  bodyBytes: number,
): PairResult {
  const ratios = rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond);
  const cpuRatios = rounds.map(({ ours, bare }) => bare.cpuMicros / ours.cpuMicros);
  const middle = (of: (round: (typeof rounds)[number]) => number): number => median(rounds.map(of));
  return {
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    cpuRatio: median(cpuRatios),
    cpuLowest: Math.min(...cpuRatios),
    cpuHighest: Math.max(...cpuRatios),
    status: rounds[0]?.ours.status ?? 0,
    bodyBytes,
    brokerMicros: middle(({ ours }) => ours.cpuMicros),
    bareMicros: middle(({ bare }) => bare.cpuMicros),
    brokerPerSecond: middle(({ ours }) => ours.perSecond),
    barePerSecond: middle(({ bare }) => bare.perSecond),
    bareBusy: middle(({ bare }) => bare.busy),
  };
}

/** What the broker answers, for the yardstick to send as well. */
async function sampleOf(port: number, request: string) {
  const [, path = '/'] = request.split(' ', 2);
  const headers = Object.fromEntries(
    request
      .split('\r\n')
      .slice(1)
      .flatMap((line) => (line === '' || /^host:/i.test(line) ? [] : [line.split(': ', 2)])),
  );
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  const body = Buffer.from(await answer.arrayBuffer()).toString('base64');
  const contentType = answer.headers.get('content-type') ?? 'application/json; charset=utf-8';
  return { status: answer.status, contentType, body };
}

export function get(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${lines.join('')}\r\n`;
}
