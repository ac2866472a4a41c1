import type { SessionId } from '../ids.ts';
import type { GpuReport, WorkReading } from '../machine-report.ts';
import type { EpochMs } from '../time.ts';

export const VERDICTS = ['active', 'idle'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Who tells: the broker's own look into the machine, or the agent on it. */
export const ACTIVITY_SOURCES = ['probe', 'agent'] as const;
export type ActivitySource = (typeof ACTIVITY_SOURCES)[number];

/** Why a verdict is what it is. All but the last two say that there is work, or that nobody can know. */
export const ACTIVITY_REASONS = [
  /** Nobody could log in, or nothing could be run. */
  'look_failed',
  /** Something that has to be known could not be read. */
  'unreadable',
  /** There is no earlier look, or none soon before, to hold this one against. */
  'first_look',
  /** The counters began anew, or a clock was set: what went on between the two looks is not known. */
  'restarted',
  'gpus_changed',
  'gpu_busy',
  'gpu_memory',
  'gpu_processes',
  'cpu',
  'network',
  'disk',
  'typing',
  'agent_busy',
  /** The agent said neither yes nor no. */
  'agent_silent',
  'nothing_going_on',
  'agent_idle',
] as const;
export type ActivityReason = (typeof ACTIVITY_REASONS)[number];

export interface Cause {
  readonly reason: ActivityReason;
  /** Which GPU, counted from 0 in the driver's order. */
  readonly gpu?: number;
  /**
   * What was measured: percent of a GPU, MB by which its memory has changed, CPUs' worth of work, bytes a second, seconds since
   * something was typed.
   */
  readonly value?: number;
}

/** What one look showed of the work on a machine. */
export interface Reading {
  /** Counters of one attempt's machine say nothing of the next one's. */
  readonly attempt: number;
  readonly gpus: readonly GpuReport[] | undefined;
  readonly work: WorkReading | undefined;
}

/** What went on between two looks. */
export interface Rates {
  /** CPUs that had work, on average, the looks themselves left out. */
  readonly cpusBusy: number | undefined;
  readonly networkBytesPerSecond: number | undefined;
  readonly diskBytesPerSecond: number | undefined;
}

/** One decision about a session's idleness, with all that led to it. */
export interface ActivityRecord {
  readonly sessionId: SessionId;
  readonly at: EpochMs;
  readonly source: ActivitySource;
  readonly verdict: Verdict;
  readonly because: readonly Cause[];
  readonly reading?: Reading;
  readonly rates?: Rates;
}
