import { readdirSync, statSync } from 'node:fs';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Sqlite from 'better-sqlite3';

/** How the process stands at one moment, and what the time since the last one took. */
export interface Sample {
  readonly heapBytes: number;
  /** What lies outside of the heap, buffers above all. */
  readonly externalBytes: number;
  readonly residentBytes: number;
  /** Sockets, timers and the like. */
  readonly handles: number;
  readonly openFiles: number;
  readonly databaseBytes: number;
  readonly logBytes: number;
  readonly sessions: number;
  readonly events: number;
  readonly p99DelayMs: number;
  /** The same in time of the processor that this process was given: what other programs take makes no difference. */
  readonly p99OwnDelayMs: number;
  readonly longestDelayMs: number;
  readonly cpuSeconds: number;
}

const NS_PER_MS = 1_000_000;
const MICROS_PER_SECOND = 1_000_000;
/** The histogram counts from one look to the next, and this lies between two. */
const RESOLUTION_MS = 5;

/** Takes samples of this very process. */
export function sampler(databasePath: string) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let cpu = process.cpuUsage();
  let begunMs = performance.now();
  return {
    take: (): Sample => {
      const { user, system } = process.cpuUsage(cpu);
      const cpuSeconds = (user + system) / MICROS_PER_SECOND;
      const share = Math.min(1, (1_000 * cpuSeconds) / (performance.now() - begunMs));
      const late = delaysOf(delays);
      collectGarbage();
      const { heapUsed, external, rss } = process.memoryUsage();
      const sample = {
        heapBytes: heapUsed,
        externalBytes: external,
        residentBytes: rss,
        handles: process.getActiveResourcesInfo().length,
        openFiles: readdirSync('/proc/self/fd').length,
        databaseBytes: statSync(databasePath).size,
        logBytes: statSync(`${databasePath}-wal`).size,
        ...rowsIn(databasePath),
        ...late,
        p99OwnDelayMs: late.p99DelayMs * share,
        cpuSeconds,
      };
      delays.reset();
      cpu = process.cpuUsage();
      begunMs = performance.now();
      return sample;
    },
    stop: () => delays.disable(),
  };
}

function delaysOf(delays: IntervalHistogram): Pick<Sample, 'p99DelayMs' | 'longestDelayMs'> {
  const beyond = (delayNs: number): number => Math.max(0, delayNs / NS_PER_MS - RESOLUTION_MS);
  return { p99DelayMs: beyond(delays.percentile(99)), longestDelayMs: beyond(delays.max) };
}

/** Twice: what the first leaves to finalizers the second takes. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new Error('garbage cannot be collected here');
  gc();
  gc();
}

function rowsIn(path: string): Pick<Sample, 'sessions' | 'events'> {
  const database = new Sqlite(path, { readonly: true });
  try {
    const count = (table: string): number =>
      Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    return { sessions: count('sessions'), events: count('events') };
  } finally {
    database.close();
  }
}
