import type { GpuReport, MachineReport } from '../../../src/domain/machine-report.ts';
import type { Bursts, Phase, Trace } from './trace.ts';

/** A machine that is left alone: a thousandth or two of its CPUs, some packets, the journal. */
const AT_REST = { cpus: 0.008, networkKbPerSecond: 0.6, diskKbPerSecond: 3 };
/** For how long the driver keeps its own samples. */
const SAMPLED_SECONDS = 15;
const HOST_UP_SECONDS = 100_000;
const MB_OF_A_GPU = 24_564;

type Level = Pick<Bursts, 'gpu' | 'cpus' | 'networkKbPerSecond' | 'diskKbPerSecond'>;

export interface TracedMachine {
  /** Time passes, second by second. */
  step(phase: Phase, second: number): void;
  /** What a look shows now; undefined where nobody gets in. */
  look(phase: Phase): MachineReport | undefined;
  reboot(): void;
}

/** Keeps the counters of a machine as its trace goes on. */
export function tracedMachine({ gpus: gpuCount = 1, cpuCount = 16 }: Trace): TracedMachine {
  let uptimeSeconds = HOST_UP_SECONDS;
  let counters = { cpu: 5_000, network: 9e9, disk: 5e9 };
  let inputAt: number | undefined;
  let samples: (readonly number[])[] = [];
  return {
    step: (phase, second) => {
      const level = levelAt(phase, second);
      uptimeSeconds += 1;
      counters = {
        cpu: counters.cpu + (level.cpus ?? AT_REST.cpus),
        network:
          counters.network + 1_000 * (level.networkKbPerSecond ?? AT_REST.networkKbPerSecond),
        disk: counters.disk + 1_000 * (level.diskKbPerSecond ?? AT_REST.diskKbPerSecond),
      };
      samples = [...samples.slice(1 - SAMPLED_SECONDS), percents(level, gpuCount)];
      if (phase.typesEverySeconds !== undefined && second % phase.typesEverySeconds === 0) {
        inputAt = uptimeSeconds;
      }
    },
    look: (phase) => {
      if (phase.looks === 'fail') return undefined;
      const now = samples.at(-1) ?? percents({}, gpuCount);
      const work = {
        uptimeSeconds,
        cpuCount,
        cpuBusySeconds: counters.cpu,
        networkBytes: phase.looks === 'tell no network' ? undefined : Math.round(counters.network),
        diskBytes: Math.round(counters.disk),
        logins: phase.terminals ?? 0,
        inputSecondsAgo: inputAt === undefined ? undefined : uptimeSeconds - inputAt,
        gpuProcesses: phase.gpuPrograms ?? 0,
        lookSeconds: 0,
        lookCpuSeconds: 0,
      };
      const cards = now.map((percent, gpu) =>
        cardOf(phase, { percent, peak: Math.max(...samples.map((one) => one[gpu] ?? 0)) }),
      );
      const gpus = phase.looks === 'tell no GPUs' ? undefined : cards;
      return {
        gpus,
        driverVersion: '570.133.20',
        cudaVersion: '12.8',
        diskFreeBytes: 41e9,
        work,
      };
    },
    reboot: () => {
      uptimeSeconds = 20;
      counters = { cpu: 30, network: 1e6, disk: 1e9 };
      inputAt = undefined;
    },
  };
}

function levelAt(phase: Phase, second: number): Level {
  const { bursts } = phase;
  if (!bursts) return phase;
  const { everySeconds, forSeconds, fromSecond = 0, ...burst } = bursts;
  if ((second + everySeconds - fromSecond) % everySeconds >= forSeconds) return phase;
  return { ...phase, ...burst };
}

function percents({ gpu = 0 }: Level, gpuCount: number): readonly number[] {
  return typeof gpu === 'number' ? Array.from({ length: gpuCount }, () => gpu) : gpu;
}

function cardOf(
  { memoryMb = 3 }: Phase,
  { percent, peak }: { readonly percent: number; readonly peak: number },
): GpuReport {
  return {
    name: 'NVIDIA GeForce RTX 4090',
    memoryTotalMb: MB_OF_A_GPU,
    memoryUsedMb: memoryMb,
    utilizationPercent: percent,
    peakPercent: peak,
    temperatureC: 35,
    powerW: 22,
  };
}
