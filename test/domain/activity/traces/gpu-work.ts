import { idleFrom, NEVER, type Trace } from '../trace.ts';

const TRAINS = { isWork: true, gpu: 97, cpus: 1.2, memoryMb: 21_000, gpuPrograms: 1 } as const;

/** Work of which the GPUs show at least a part. */
export const GPU_WORK: readonly Trace[] = [
  {
    name: 'training',
    reason: 'The plain case.',
    label: NEVER,
    phases: [{ ...TRAINS, minutes: 240 }],
  },
  {
    name: 'training that ends',
    reason: 'After three hours the program is over and its memory given back.',
    label: idleFrom(180),
    phases: [{ ...TRAINS, minutes: 180 }, { minutes: 60 }],
  },
  {
    name: 'evaluation between epochs',
    reason: 'Forty minutes of it are done by the CPUs alone, while the GPU waits.',
    label: NEVER,
    phases: [
      { ...TRAINS, minutes: 60 },
      { ...TRAINS, minutes: 40, gpu: 0, cpus: 4 },
      { ...TRAINS, minutes: 60 },
      { ...TRAINS, minutes: 40, gpu: 0, cpus: 4 },
    ],
  },
  {
    name: 'one of eight GPUs busy, the first',
    reason: 'One is enough.',
    label: NEVER,
    gpus: 8,
    phases: [{ ...TRAINS, minutes: 120, gpu: [99, 0, 0, 0, 0, 0, 0, 0], cpus: 0.02 }],
  },
  {
    name: 'one of eight GPUs busy, the last',
    reason: 'Whoever reads only the first, or the mean of all, would end it.',
    label: NEVER,
    gpus: 8,
    phases: [{ ...TRAINS, minutes: 120, gpu: [0, 0, 0, 0, 0, 0, 0, 30], cpus: 0.02 }],
  },
  {
    name: 'a GPU of eight that is wedged at 100 %',
    reason: 'Nothing comes of it, but nobody can tell that from work: it runs to its end.',
    label: NEVER,
    gpus: 8,
    phases: [{ minutes: 120, gpu: [0, 0, 0, 100, 0, 0, 0, 0], isWork: true, gpuPrograms: 1 }],
  },
  {
    name: 'ranks that wait for each other for ever',
    reason: 'A collective call that hangs spins on every GPU: it looks like the hardest work.',
    label: NEVER,
    gpus: 4,
    phases: [{ ...TRAINS, minutes: 180, gpu: 100, cpus: 4 }],
  },
  {
    name: 'light inference',
    reason: 'A few requests a second keep a GPU a tenth busy.',
    label: NEVER,
    phases: [{ ...TRAINS, minutes: 120, gpu: 11, cpus: 0.1, networkKbPerSecond: 5 }],
  },
  {
    name: 'requests now and then',
    reason: 'Ten seconds of work every five minutes: some of them fall between two looks, not all.',
    label: NEVER,
    phases: [
      {
        minutes: 240,
        isWork: true,
        memoryMb: 18_000,
        gpuPrograms: 1,
        bursts: { everySeconds: 300, forSeconds: 10, gpu: 80, cpus: 1.5 },
      },
    ],
  },
  {
    name: 'short bursts of GPU and CPU',
    reason: 'Four seconds of every minute: no sample need meet them, the CPU counter does.',
    label: NEVER,
    phases: [
      {
        minutes: 180,
        isWork: true,
        memoryMb: 9_000,
        gpuPrograms: 1,
        bursts: { everySeconds: 60, forSeconds: 4, gpu: 100, cpus: 1 },
      },
    ],
  },
  {
    name: 'short bursts of the GPU alone',
    reason:
      'A second of every minute with hardly any CPU: the driver’s own samples meet some of them.',
    label: NEVER,
    phases: [
      {
        minutes: 180,
        isWork: true,
        memoryMb: 9_000,
        gpuPrograms: 1,
        bursts: { everySeconds: 60, forSeconds: 1, fromSecond: 30, gpu: 90, cpus: 0.2 },
      },
    ],
  },
  {
    name: 'bursts of a second, four in ten minutes',
    reason: 'No look need meet one in hours, and the driver’s samples of fifteen seconds do.',
    label: NEVER,
    phases: [
      {
        minutes: 660,
        isWork: true,
        memoryMb: 9_000,
        bursts: { everySeconds: 149, forSeconds: 1, fromSecond: 40, gpu: 60, cpus: 0.2 },
      },
    ],
  },
  {
    name: 'a learner that plays and then learns',
    reason: 'A simulation on the CPUs takes turns with the GPU.',
    label: NEVER,
    phases: [
      {
        minutes: 180,
        isWork: true,
        cpus: 6,
        memoryMb: 6_000,
        gpuPrograms: 1,
        bursts: { everySeconds: 240, forSeconds: 40, gpu: 85, cpus: 2 },
      },
    ],
  },
  {
    name: 'a dataloader that starves the GPU',
    reason: 'For forty minutes at a time only the loader works.',
    label: NEVER,
    phases: [
      { ...TRAINS, minutes: 30 },
      { ...TRAINS, minutes: 45, gpu: 2, cpus: 7, diskKbPerSecond: 30_000 },
      { ...TRAINS, minutes: 30 },
    ],
  },
  {
    name: 'a sweep with pauses between its runs',
    reason: 'Twenty minutes of nothing between two runs, on a threshold of thirty.',
    label: NEVER,
    phases: [1, 2, 3, 4].flatMap(() => [
      { ...TRAINS, minutes: 40 },
      { minutes: 20, cpus: 0.01 },
    ]),
  },
  {
    name: 'a model that is loaded as the threshold comes near',
    reason: 'Memory that is taken is the first sign of work that begins.',
    label: NEVER,
    phases: [
      { minutes: 28 },
      { minutes: 4, memoryMb: 12_000, isWork: true },
      { ...TRAINS, minutes: 60 },
    ],
  },
  {
    name: 'work that holds hardly any memory',
    reason: 'Utilization alone is enough for a yes.',
    label: NEVER,
    phases: [{ ...TRAINS, minutes: 90, memoryMb: 3 }],
  },
  {
    name: 'video on the GPU',
    reason: 'Encoding keeps the compute units a twelfth busy, and the CPUs with reading.',
    label: NEVER,
    phases: [{ minutes: 120, isWork: true, gpu: 8, cpus: 0.6, diskKbPerSecond: 3_000 }],
  },
];
