import { idleFrom, NEVER, type Trace } from '../trace.ts';

/** Machines that come up, and what is fetched and made before the work. */
export const COMING_UP: readonly Trace[] = [
  {
    name: 'set-up, then nobody comes',
    reason: 'Packages are installed for ten minutes; after that nothing goes on.',
    label: idleFrom(10),
    phases: [
      { minutes: 10, isWork: true, cpus: 1.5, networkKbPerSecond: 3_000, diskKbPerSecond: 20_000 },
      { minutes: 60 },
    ],
  },
  {
    name: 'first boot with a driver install',
    reason: 'cloud-init builds the driver: CPU and disk, no GPU yet that could be read.',
    label: NEVER,
    thresholdMinutes: 10,
    phases: [
      { minutes: 12, isWork: true, looks: 'tell no GPUs', cpus: 2, diskKbPerSecond: 9_000 },
      { minutes: 1, isWork: true, begins: 'reboot', looks: 'fail' },
      { minutes: 60, isWork: true, gpu: 95, cpus: 1.1, memoryMb: 20_000, gpuPrograms: 1 },
    ],
  },
  {
    name: 'a driver that never comes up',
    reason: 'No GPU can be read, so nobody knows what it does: unknown is active.',
    label: NEVER,
    phases: [{ minutes: 180, looks: 'tell no GPUs', isWork: true }],
  },
  {
    name: 'a large download',
    reason: 'Two hours of a data set, with next to no CPU.',
    label: NEVER,
    phases: [
      { minutes: 120, isWork: true, cpus: 0.03, networkKbPerSecond: 9_000, diskKbPerSecond: 9_000 },
    ],
  },
  {
    name: 'a download over a slow line',
    reason: 'A mirror that gives 30 KB a second is waited for all the same.',
    label: NEVER,
    phases: [
      { minutes: 150, isWork: true, cpus: 0.01, networkKbPerSecond: 30, diskKbPerSecond: 30 },
    ],
  },
  {
    name: 'a download, then nothing',
    reason: 'The weights are there and nobody uses them.',
    label: idleFrom(40),
    phases: [
      { minutes: 40, isWork: true, cpus: 0.2, networkKbPerSecond: 60_000, diskKbPerSecond: 60_000 },
      { minutes: 90 },
    ],
  },
  {
    name: 'a download that pauses between files',
    reason: 'Twenty seconds of traffic in each minute and a half.',
    label: NEVER,
    phases: [
      {
        minutes: 120,
        isWork: true,
        bursts: {
          everySeconds: 90,
          forSeconds: 20,
          networkKbPerSecond: 5_000,
          diskKbPerSecond: 5_000,
        },
      },
    ],
  },
  {
    name: 'unpacking an archive',
    reason: 'One CPU and the disk, for longer than the threshold.',
    label: NEVER,
    phases: [{ minutes: 50, isWork: true, cpus: 1, diskKbPerSecond: 80_000 }, { minutes: 20 }],
  },
  {
    name: 'building from source',
    reason: 'All CPUs, no GPU, for an hour.',
    label: NEVER,
    phases: [{ minutes: 60, isWork: true, cpus: 15.5, diskKbPerSecond: 4_000 }],
  },
  {
    name: 'never used at all',
    reason: 'Nobody has logged in since it runs.',
    label: idleFrom(0),
    phases: [{ minutes: 90 }],
  },
  {
    name: 'never used, with a threshold of a minute',
    reason: 'The shortest threshold there is; looks come closer to each other for it.',
    label: idleFrom(0),
    thresholdMinutes: 1,
    phases: [{ minutes: 10 }],
  },
  {
    name: 'never used, with a threshold of twelve hours',
    reason: 'The longest threshold there is, reached on a machine of eight GPUs.',
    label: idleFrom(0),
    thresholdMinutes: 700,
    gpus: 8,
    phases: [{ minutes: 719 }],
  },
];
