import type { WorkReading } from '../machine-report.ts';
import { type EpochMs, SECOND_MS } from '../time.ts';
import type { Rates, Reading } from './activity.ts';
import { MAX_DRIFT_SECONDS } from './thresholds.ts';

/** A reading and when it was made. */
export interface DatedReading extends Reading {
  readonly at: EpochMs;
}

/** What went on between two looks; undefined where their counters do not belong together. */
export function ratesBetween(before: DatedReading, after: DatedReading): Rates | undefined {
  const { work: first } = before;
  const { work: second } = after;
  const seconds = growth(first?.uptimeSeconds, second?.uptimeSeconds);
  if (!first || !second || seconds === undefined || seconds <= 0) return undefined;
  const byOurClock = (after.at - before.at) / SECOND_MS;
  if (Math.abs(byOurClock - seconds) > MAX_DRIFT_SECONDS || wentBack(first, second)) {
    return undefined;
  }
  const { lookSeconds = 0, lookCpuSeconds = 0 } = first;
  const betweenSeconds = Math.max(1, seconds - lookSeconds);
  const cpuSeconds = growth(first.cpuBusySeconds, second.cpuBusySeconds);
  return {
    cpusBusy: perSecond(
      cpuSeconds === undefined ? undefined : Math.max(0, cpuSeconds - lookCpuSeconds),
      betweenSeconds,
    ),
    networkBytesPerSecond: perSecond(growth(first.networkBytes, second.networkBytes), seconds),
    // A counter of the disk's is not there before the first byte.
    diskBytesPerSecond: perSecond(growth(first.diskBytes ?? 0, second.diskBytes), seconds),
  };
}

const COUNTERS = ['uptimeSeconds', 'cpuBusySeconds', 'networkBytes', 'diskBytes'] as const;

/** They only ever grow, but for a boot, or a container that was made anew. */
function wentBack(first: WorkReading, second: WorkReading): boolean {
  return COUNTERS.some((name) => (growth(first[name], second[name]) ?? 0) < 0);
}

function growth(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || second === undefined ? undefined : second - first;
}

function perSecond(amount: number | undefined, seconds: number): number | undefined {
  return amount === undefined ? undefined : amount / seconds;
}
