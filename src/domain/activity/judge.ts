import type { GpuReport } from '../machine-report.ts';
import type { Cause, Rates, Reading, Verdict } from './activity.ts';
import { type DatedReading, ratesBetween } from './rates.ts';
import {
  IDLE_CPUS,
  IDLE_DISK_BYTES_PER_SECOND,
  IDLE_GPU_PERCENT,
  IDLE_MEMORY_CHANGE_MB,
  IDLE_NETWORK_BYTES_PER_SECOND,
  IDLE_PEAK_PERCENT,
  IDLE_SHARE_OF_CPUS,
  TYPING_GRAIN_SECONDS,
} from './thresholds.ts';

export interface Finding {
  readonly verdict: Verdict;
  /** At least one. */
  readonly because: readonly Cause[];
  readonly rates: Rates | undefined;
}

/**
 * Whether there was work on a machine between two looks into it. Every sign is enough for a yes, and so is whatever cannot be
 * known: a no needs two looks, soon after each other, that both tell of every GPU, the CPUs and the network.
 */
export function judge(
  before: DatedReading | undefined,
  after: DatedReading,
  gapMs: number,
): Finding {
  const isComparable =
    before !== undefined && before.attempt === after.attempt && isSoonAfter(before, after, gapMs);
  const rates = isComparable ? ratesBetween(before, after) : undefined;
  const because = [...unreadable(after), ...busyGpus(after)];
  if (!isComparable) because.push({ reason: 'first_look' });
  else because.push(...changes(before, after, rates));
  return because.length === 0
    ? { verdict: 'idle', because: [{ reason: 'nothing_going_on' }], rates }
    : { verdict: 'active', because, rates };
}

/** With a longer time between them, the GPUs may have worked meanwhile. */
function isSoonAfter(before: DatedReading, after: DatedReading, gapMs: number): boolean {
  return after.at > before.at && after.at - before.at <= gapMs;
}

function unreadable({ gpus, work }: Reading): Cause[] {
  const isKnown =
    work?.uptimeSeconds !== undefined &&
    work.cpuBusySeconds !== undefined &&
    work.networkBytes !== undefined &&
    gpus !== undefined &&
    gpus.length > 0;
  if (!isKnown) return [{ reason: 'unreadable' }];
  return gpus.flatMap((one, gpu) =>
    one.utilizationPercent === undefined ? [{ reason: 'unreadable' as const, gpu }] : [],
  );
}

function busyGpus({ gpus = [] }: Reading): readonly Cause[] {
  return gpus.flatMap((one, gpu) => {
    const { utilizationPercent: now = 0, peakPercent: peak = 0 } = one;
    const isBusy = now > IDLE_GPU_PERCENT || peak > IDLE_PEAK_PERCENT;
    return isBusy ? [{ reason: 'gpu_busy' as const, gpu, value: Math.max(now, peak) }] : [];
  });
}

function changes(
  before: DatedReading,
  after: DatedReading,
  rates: Rates | undefined,
): readonly Cause[] {
  return [
    ...(rates ? aboveIdle(rates, after) : [{ reason: 'restarted' as const }]),
    ...changedGpus(before, after),
    ...lessTold(before, after),
    ...typing(before, after),
  ];
}

function aboveIdle(rates: Rates, { work }: Reading): readonly Cause[] {
  const idleCpus = Math.max(IDLE_CPUS, IDLE_SHARE_OF_CPUS * (work?.cpuCount ?? 0));
  return [
    ...above('cpu', rates.cpusBusy, idleCpus),
    ...above('network', rates.networkBytesPerSecond, IDLE_NETWORK_BYTES_PER_SECOND),
    ...above('disk', rates.diskBytesPerSecond, IDLE_DISK_BYTES_PER_SECOND),
  ];
}

function above(
  reason: 'cpu' | 'network' | 'disk',
  value: number | undefined,
  idleUpTo: number,
): readonly Cause[] {
  return value !== undefined && value > idleUpTo ? [{ reason, value }] : [];
}

function changedGpus(before: Reading, after: Reading): readonly Cause[] {
  const { gpus: first = [] } = before;
  const { gpus: second = [] } = after;
  const isSameSet =
    first.length === second.length && first.every(({ name }, gpu) => name === second[gpu]?.name);
  if (!isSameSet) return [{ reason: 'gpus_changed' }];
  return first.flatMap((one, gpu) => memoryChange(one, second[gpu], gpu));
}

function memoryChange(
  first: GpuReport,
  second: GpuReport | undefined,
  gpu: number,
): readonly Cause[] {
  const { memoryUsedMb: held } = first;
  if (held === undefined || second?.memoryUsedMb === undefined) return [];
  const value = Math.abs(second.memoryUsedMb - held);
  return value > IDLE_MEMORY_CHANGE_MB ? [{ reason: 'gpu_memory', gpu, value }] : [];
}

/** What the look before could tell and this one cannot has changed in a way that nobody sees. */
function lessTold(before: Reading, after: Reading): readonly Cause[] {
  const first = before.work;
  const second = after.work;
  const told = (one: unknown, other: unknown): boolean => one !== undefined && other === undefined;
  const isLess =
    told(first?.diskBytes, second?.diskBytes) ||
    told(first?.gpuProcesses, second?.gpuProcesses) ||
    (before.gpus ?? []).some((one, gpu) => told(one.memoryUsedMb, after.gpus?.[gpu]?.memoryUsedMb));
  const isOther =
    first?.gpuProcesses !== undefined &&
    second?.gpuProcesses !== undefined &&
    first.gpuProcesses !== second.gpuProcesses;
  return [
    ...(isLess ? [{ reason: 'unreadable' as const }] : []),
    ...(isOther ? [{ reason: 'gpu_processes' as const, value: second.gpuProcesses }] : []),
  ];
}

/** A terminal that is left open is nobody's work; one at which somebody has typed since the look before is. */
function typing(before: DatedReading, { at, work }: DatedReading): readonly Cause[] {
  const value = work?.inputSecondsAgo;
  if (value === undefined) return [];
  return value <= (at - before.at) / 1_000 + TYPING_GRAIN_SECONDS
    ? [{ reason: 'typing', value }]
    : [];
}
