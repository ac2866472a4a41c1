import { GPU_CATALOGUE } from './gpu-catalogue.ts';
import type { HostDefect, SimGpu, SimHost, SimInstance } from './model.ts';

/** What is built into a machine, whatever its offer says. */
export interface Hardware {
  readonly gpu: SimGpu;
  readonly gpuCount: number;
  /** The newest CUDA version that its driver serves, once it has one. */
  readonly cuda: number;
  readonly driverVersion: string;
  readonly diskFreeBytes: number;
  readonly slowMs: number;
}

const GB = 1_000_000_000;
/** What a system takes of its disk. */
const SYSTEM_BYTES = 6 * GB;
/** What is left on a disk that somebody else has filled. */
const LEFT_BYTES = 2 * GB;
/** A command on a disk that is about to die. */
const SLOW_MS = 4_000;
const OLD_DRIVER = { driverVersion: '470.256.02', cuda: 11.4 };

export function hardwareOf({ host, gpuCount, diskGb }: SimInstance): Hardware {
  const sizeBytes = diskGb * GB;
  const sound: Hardware = {
    gpu: host.gpu,
    gpuCount,
    cuda: host.cudaMax,
    driverVersion: host.driverVersion,
    diskFreeBytes: sizeBytes - Math.min(SYSTEM_BYTES, Math.floor(sizeBytes / 2)),
    slowMs: 0,
  };
  return { ...sound, ...flawsOf(sound, defectOf(host), host) };
}

/** A host's nature may say it in a word. */
export function defectOf({ defect, nature, machineId }: SimHost): HostDefect | undefined {
  if (defect !== undefined) return defect;
  if (nature === 'no_driver') return 'no driver';
  if (nature !== 'wrong_gpus') return undefined;
  return machineId % 2 === 0 ? 'other model' : 'fewer GPUs';
}

function flawsOf(
  { gpu, gpuCount, diskFreeBytes }: Hardware,
  defect: HostDefect | undefined,
  host: SimHost,
): Partial<Hardware> {
  switch (defect) {
    case 'other model':
      return { gpu: anotherModel(gpu, host.machineId) };
    case 'fewer GPUs':
      return { gpuCount: gpuCount - 1 };
    case 'less memory':
      return { gpu: { ...gpu, vramMb: Math.floor(gpu.vramMb / 2) } };
    case 'old driver':
      return OLD_DRIVER;
    case 'full disk':
      return { diskFreeBytes: Math.min(diskFreeBytes, LEFT_BYTES) };
    case 'slow disk':
      return { slowMs: SLOW_MS };
    case 'no driver':
    case undefined:
      return {};
  }
}

/** Of the cards with other names, any that has no more memory: nobody gives more than was paid for. */
function anotherModel(gpu: SimGpu, pick: number): SimGpu {
  const others = GPU_CATALOGUE.map((entry) => entry.gpu).filter(
    ({ smiName, vramMb }) => smiName !== gpu.smiName && vramMb <= gpu.vramMb,
  );
  return others[pick % Math.max(1, others.length)] ?? { ...gpu, smiName: 'NVIDIA GeForce GT 1030' };
}
