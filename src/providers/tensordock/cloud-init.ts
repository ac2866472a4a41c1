import { containerOf, type Workload } from '../../domain/workload.ts';
import { type BootJob, bootJobCommands } from './boot-job.ts';
import { keyCommands } from './cloud-init-keys.ts';
import { containerScript } from './container-script.ts';
import { driverScript } from './driver-script.ts';

export interface Boot {
  /** Type and key, without comment. */
  readonly key: string;
  readonly workload: Workload;
  readonly gpuCount: number;
  /** Somebody waits for GPUs that can be used before the machine is anybody's. */
  readonly needsGpus?: true;
}

/** What the machine's first boot runs, in this order: whatever becomes of the rest, the login is there. */
export function bootCommands(boot: Boot): string[] {
  return [...keyCommands(boot.key), ...jobsOf(boot).flatMap(bootJobCommands)];
}

function jobsOf({ workload, gpuCount, needsGpus }: Boot): BootJob[] {
  switch (workload.kind) {
    case 'ssh': {
      const own = workload.onStart === undefined ? [] : [startCommand(workload.onStart)];
      if (!needsGpus) return own;
      // Both would want the packages' lock, and a reboot would cut the renter's own in the middle.
      return [DRIVER_JOB, ...own.map((job) => ({ ...job, after: DRIVER_JOB.name }))];
    }
    case 'entrypoint':
      return [containerJob(containerScript(containerOf(workload, gpuCount)))];
  }
}

const DRIVER_JOB: BootJob = {
  name: 'driver',
  description: 'GPU driver of this machine',
  script: driverScript(),
  onFailure: 'repeat',
  isAwaited: true,
};

function startCommand(script: string): BootJob {
  return {
    name: 'on-start',
    description: 'Start command of this machine',
    script,
    onFailure: 'leave',
  };
}

function containerJob(script: string): BootJob {
  return {
    name: 'workload',
    description: 'Container of this machine',
    script,
    onFailure: 'repeat',
  };
}
