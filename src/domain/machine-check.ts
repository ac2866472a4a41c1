import { isNvidia, isSameCard } from './gpu-model.ts';
import type { GpuReport, MachineReport } from './machine-report.ts';
import type { Offer } from './offer.ts';
import { compareVersions } from './offer-filter.ts';
import type { EpochMs } from './time.ts';

/** What of a machine can be other than its offer said. */
export const MISMATCH_KINDS = [
  'gpu_count',
  'gpu_type',
  'vram_gb',
  'driver',
  'cuda_version',
  'disk_gb',
] as const;
export type MismatchKind = (typeof MISMATCH_KINDS)[number];

/** One thing in which a machine is not what was offered, in words and units of the offer. */
export interface Mismatch {
  readonly kind: MismatchKind;
  readonly offered: string;
  readonly found: string;
}

/** Of a stranger's names so many are passed on. */
const MAX_NAMES = 3;
/**
 * How much less than its nominal memory a sound card reports: what error correction and the driver keep to themselves. An A10
 * tells of 22.2 GB of 24; between the sizes that a model is sold with there is a sixth at least.
 */
const VRAM_TOLERANCE = 0.1;
const MB_PER_GB = 1_024;
/** The system, the driver and the image are on that disk as well; what is left below this was somebody else's. */
const FREE_DISK_SHARE = 0.5;
const BYTES_PER_GB = 1e9;

/** As much of an instance as its machine is held against. */
interface Rented {
  readonly offer: Cards;
  readonly diskGb: number;
  readonly resumedAt?: EpochMs;
}

type Cards = Pick<Offer, 'gpuCount' | 'gpuType' | 'vramGb' | 'cudaVersion'>;

/**
 * In what the machine is less than was offered; more is nothing to complain of. What it did not say is not held against it,
 * but for the GPUs: a driver that does not answer is one that cannot be used.
 */
export function mismatchesOf(report: MachineReport, rented: Rented): readonly Mismatch[] {
  const { offer } = rented;
  const gpus = isNvidia(offer.gpuType) ? gpuMismatches(report.gpus, offer) : [];
  return [...gpus, ...cudaMismatch(report, offer), ...diskMismatch(report, rented)];
}

/** Why GPUs cannot be used as they were offered. */
type GpuFault = 'wrong_machine' | 'no_driver';

/**
 * What stands between a machine and GPUs that can be used, where something does. A CUDA version that is behind and a full disk
 * are told and stand in no way: offers are a minor version too optimistic now and then, and whether what is free will do only
 * whoever rents it knows.
 */
export function gpuFaultOf(mismatches: readonly Mismatch[]): GpuFault | undefined {
  if (mismatches.some(({ kind }) => kind === 'driver')) return 'no_driver';
  return mismatches.some(({ kind }) => WRONG.includes(kind)) ? 'wrong_machine' : undefined;
}

const WRONG: readonly MismatchKind[] = ['gpu_count', 'gpu_type', 'vram_gb'];

function gpuMismatches(
  gpus: readonly GpuReport[] | undefined,
  { gpuCount, gpuType, vramGb }: Cards,
): readonly Mismatch[] {
  if (!gpus) return [{ kind: 'driver', offered: 'a driver that answers', found: 'none' }];
  const others = gpus.filter(({ name }) => !isSameCard(gpuType, name));
  const leastGb =
    Math.min(...gpus.map(({ memoryTotalMb = Infinity }) => memoryTotalMb)) / MB_PER_GB;
  return [
    ...mismatchWhen(gpus.length < gpuCount, {
      kind: 'gpu_count',
      offered: String(gpuCount),
      found: String(gpus.length),
    }),
    ...mismatchWhen(others.length > 0, {
      kind: 'gpu_type',
      offered: gpuType,
      found: [...new Set(others.map(({ name }) => name))].slice(0, MAX_NAMES).join(', '),
    }),
    ...mismatchWhen(leastGb < vramGb * (1 - VRAM_TOLERANCE), {
      kind: 'vram_gb',
      offered: String(vramGb),
      found: leastGb.toFixed(1),
    }),
  ];
}

function cudaMismatch(
  { cudaVersion: found }: MachineReport,
  { cudaVersion: offered }: Cards,
): readonly Mismatch[] {
  if (found === undefined || offered === undefined) return [];
  return mismatchWhen(compareVersions(found, offered) < 0, {
    kind: 'cuda_version',
    offered,
    found,
  });
}

/** A disk that was kept is as full as its owner has left it. */
function diskMismatch(
  { diskFreeBytes }: MachineReport,
  { diskGb, resumedAt }: Rented,
): readonly Mismatch[] {
  if (diskFreeBytes === undefined || resumedAt !== undefined) return [];
  const freeGb = diskFreeBytes / BYTES_PER_GB;
  return mismatchWhen(freeGb < diskGb * FREE_DISK_SHARE, {
    kind: 'disk_gb',
    offered: String(diskGb),
    found: freeGb.toFixed(1),
  });
}

function mismatchWhen(isSo: boolean, mismatch: Mismatch): readonly Mismatch[] {
  return isSo ? [mismatch] : [];
}
