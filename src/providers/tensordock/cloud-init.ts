import { containerOf, type Workload } from '../../domain/workload.ts';
import { type BootJob, bootJobCommands } from './boot-job.ts';
import { keyCommands } from './cloud-init-keys.ts';
import { containerScript } from './container-script.ts';

export interface Boot {
  /** Type and key, without comment. */
  readonly key: string;
  readonly workload: Workload;
  readonly gpuCount: number;
}

/** What the machine's first boot runs, in this order: whatever becomes of the rest, the login is there. */
export function bootCommands({ key, workload, gpuCount }: Boot): string[] {
  return [...keyCommands(key), ...jobsOf(workload, gpuCount).flatMap(bootJobCommands)];
}

function jobsOf(workload: Workload, gpuCount: number): BootJob[] {
  switch (workload.kind) {
    case 'ssh':
      return workload.onStart === undefined ? [] : [startCommand(workload.onStart)];
    case 'entrypoint':
      return [containerJob(containerScript(containerOf(workload, gpuCount)))];
  }
}

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
