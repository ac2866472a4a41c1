import { idleFrom, type Trace } from '../trace.ts';

const WORKS = { isWork: true, gpu: 90, cpus: 1 } as const;

/** Machines on which something is left over, or goes on by itself, and nobody works. */
export const IDLE: readonly Trace[] = [
  {
    name: 'a notebook that holds memory',
    reason: 'Its kernel keeps 16 GB and does nothing.',
    label: idleFrom(30),
    phases: [
      { ...WORKS, minutes: 30, memoryMb: 16_000, gpuPrograms: 1 },
      { minutes: 60, memoryMb: 16_000, gpuPrograms: 1, cpus: 0.02 },
    ],
  },
  {
    name: 'a model server without requests',
    reason: 'It is loaded, is asked whether it lives, and answers.',
    label: idleFrom(15),
    phases: [
      { ...WORKS, minutes: 15, memoryMb: 21_000, gpuPrograms: 1, networkKbPerSecond: 50_000 },
      { minutes: 60, memoryMb: 21_000, gpuPrograms: 1, cpus: 0.03, networkKbPerSecond: 2 },
    ],
  },
  {
    name: 'a model server that polls with a whole CPU',
    reason: 'It is idle, but a CPU that spins looks like work on the CPU.',
    label: { kind: 'unseen', minute: 15 },
    phases: [
      { ...WORKS, minutes: 15, memoryMb: 21_000, gpuPrograms: 1 },
      { minutes: 120, memoryMb: 21_000, gpuPrograms: 1, cpus: 1 },
    ],
  },
  {
    name: 'a stalled loop that sleeps',
    reason: 'It waits for a file that never comes, and looks once a second.',
    label: idleFrom(45),
    phases: [
      { ...WORKS, minutes: 45, memoryMb: 8_000, gpuPrograms: 1 },
      { minutes: 60, memoryMb: 8_000, gpuPrograms: 1, cpus: 0.015 },
    ],
  },
  {
    name: 'a tmux that is left open',
    reason: 'Nobody is attached to it, and nothing runs in it.',
    label: idleFrom(20),
    phases: [
      { minutes: 20, isWork: true, terminals: 2, typesEverySeconds: 30, cpus: 0.02 },
      { minutes: 60, terminals: 2 },
    ],
  },
  {
    name: 'a screen of figures that is left running',
    reason: 'It draws every two seconds on a terminal that nobody types at.',
    label: idleFrom(20),
    phases: [
      { ...WORKS, minutes: 20, terminals: 1 },
      { minutes: 60, terminals: 1, cpus: 0.03, networkKbPerSecond: 1.5 },
    ],
  },
  {
    name: 'cron jobs',
    reason: 'Two seconds of a CPU every five minutes are the system’s own.',
    label: idleFrom(10),
    phases: [
      { ...WORKS, minutes: 10 },
      { minutes: 90, bursts: { everySeconds: 300, forSeconds: 2, cpus: 1, diskKbPerSecond: 900 } },
    ],
  },
  {
    name: 'monitoring agents',
    reason: 'They use three hundredths of a CPU and send 4 KB a second.',
    label: idleFrom(10),
    phases: [
      { ...WORKS, minutes: 10 },
      { minutes: 60, cpus: 0.03, networkKbPerSecond: 4, diskKbPerSecond: 40 },
    ],
  },
  {
    name: 'a desktop that nobody sits at',
    reason: 'It redraws a clock: 3 % of the GPU, and 40 MB that come and go.',
    label: idleFrom(30),
    phases: [
      { ...WORKS, minutes: 30, memoryMb: 500, gpuPrograms: 2 },
      ...Array.from({ length: 30 }, (_, index) => ({
        minutes: 2,
        gpu: 3,
        memoryMb: 460 + (index % 2) * 40,
        gpuPrograms: 2,
        cpus: 0.03,
      })),
    ],
  },
  {
    name: 'an editor that is left open',
    reason: 'Its server keeps the connection alive and watches files.',
    label: idleFrom(40),
    phases: [
      { minutes: 40, isWork: true, cpus: 0.2, networkKbPerSecond: 20, terminals: 1 },
      { minutes: 60, cpus: 0.025, networkKbPerSecond: 1, terminals: 1 },
    ],
  },
  {
    name: 'passwords that are tried from outside',
    reason: 'Every open port has such visitors; they are no work.',
    label: idleFrom(5),
    phases: [
      { ...WORKS, minutes: 5 },
      { minutes: 60, cpus: 0.02, networkKbPerSecond: 3 },
    ],
  },
  {
    name: 'housekeeping on many CPUs',
    reason: 'The kernel of a machine with 192 CPUs is busy with a tenth of one.',
    label: idleFrom(10),
    cpuCount: 192,
    gpus: 8,
    phases: [
      { ...WORKS, minutes: 10 },
      { minutes: 60, cpus: 0.1 },
    ],
  },
  {
    name: 'eight GPUs that hold a model each',
    reason: 'All of them are loaded and none is asked.',
    label: idleFrom(20),
    gpus: 8,
    phases: [
      { ...WORKS, minutes: 20, memoryMb: 20_000, gpuPrograms: 8 },
      { minutes: 60, memoryMb: 20_000, gpuPrograms: 8, cpus: 0.04 },
    ],
  },
  {
    name: 'a program that was killed for its memory',
    reason: 'Its GPU memory is given back, and nothing follows.',
    label: idleFrom(50),
    phases: [{ ...WORKS, minutes: 50, memoryMb: 22_000, gpuPrograms: 1 }, { minutes: 60 }],
  },
  {
    name: 'idle, used again, idle',
    reason: 'The second idleness counts from its own beginning.',
    label: idleFrom(70),
    phases: [
      { ...WORKS, minutes: 20 },
      { minutes: 25 },
      { ...WORKS, minutes: 25 },
      { minutes: 60 },
    ],
  },
  {
    name: 'idle after an extension',
    reason: 'Whoever extends is about to use it; when nobody does, it ends a threshold later.',
    label: idleFrom(28),
    phases: [{ minutes: 28 }, { minutes: 60, begins: 'extension' }],
  },
  {
    name: 'a long threshold',
    reason: 'Two hours, on a machine that was used for one.',
    label: idleFrom(60),
    thresholdMinutes: 120,
    phases: [{ ...WORKS, minutes: 60 }, { minutes: 150 }],
  },
  {
    name: 'a short threshold',
    reason: 'Five minutes: the warning leaves a third of it.',
    label: idleFrom(12),
    thresholdMinutes: 5,
    phases: [{ ...WORKS, minutes: 12 }, { minutes: 20 }],
  },
];
