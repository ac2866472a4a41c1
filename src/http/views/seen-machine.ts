import type { Static } from '@sinclair/typebox';
import type { Instance } from '../../domain/instance.ts';
import type { MachineAnswer } from '../schemas/machine-schema.ts';
import { known } from './known.ts';
import { roundedGb } from './rounded-gb.ts';

/** What the first look into the machine found; undefined where there was none. */
export function seenMachine({
  machine,
  mismatches = [],
}: Instance): Static<typeof MachineAnswer> | undefined {
  if (!machine) return undefined;
  const { gpus, driverVersion, cudaVersion, diskFreeBytes } = machine;
  return {
    mismatches: mismatches.map(({ kind, offered, found }) => ({ kind, offered, found })),
    ...known({
      gpus: gpus?.map(({ name, memoryTotalMb }) => ({
        name,
        ...known({ memory_total_mb: memoryTotalMb }),
      })),
      driver_version: driverVersion,
      cuda_version: cudaVersion,
      disk_free_gb: diskFreeBytes === undefined ? undefined : roundedGb(diskFreeBytes),
    }),
  };
}
