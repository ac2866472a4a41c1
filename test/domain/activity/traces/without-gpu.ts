import { idleFrom, NEVER, type Trace } from '../trace.ts';

/** Work that no GPU shows. */
export const WITHOUT_GPU: readonly Trace[] = [
  {
    name: 'a CPU-only phase of one thread',
    reason: 'Tokenizing for two hours, on one CPU of sixteen.',
    label: NEVER,
    phases: [{ minutes: 120, isWork: true, cpus: 1 }],
  },
  {
    name: 'a CPU-only phase on many CPUs',
    reason: 'One CPU of 128 is less than a hundredth of the machine.',
    label: NEVER,
    cpuCount: 128,
    phases: [{ minutes: 120, isWork: true, cpus: 1 }],
  },
  {
    name: 'CPU work in bursts',
    reason: 'Six seconds of every minute.',
    label: NEVER,
    phases: [{ minutes: 120, isWork: true, bursts: { everySeconds: 60, forSeconds: 6, cpus: 1 } }],
  },
  {
    name: 'a checkpoint that is uploaded',
    reason: 'Seventy minutes at 2 MB a second, after the training is over.',
    label: idleFrom(130),
    phases: [
      { minutes: 60, isWork: true, gpu: 95, cpus: 1, memoryMb: 20_000, gpuPrograms: 1 },
      { minutes: 70, isWork: true, cpus: 0.04, networkKbPerSecond: 2_000, diskKbPerSecond: 2_000 },
      { minutes: 60 },
    ],
  },
  {
    name: 'files that are copied from disk to disk',
    reason: 'A copy that waits for its disks needs hardly any CPU.',
    label: NEVER,
    phases: [{ minutes: 90, isWork: true, cpus: 0.03, diskKbPerSecond: 40_000 }],
  },
  {
    name: 'results that come in over the network',
    reason: 'A collector of other machines: 40 KB a second and nothing else.',
    label: NEVER,
    phases: [{ minutes: 120, isWork: true, cpus: 0.02, networkKbPerSecond: 40 }],
  },
  {
    name: 'a database that is filled',
    reason: 'Small writes all the time, half a megabyte a second.',
    label: NEVER,
    phases: [{ minutes: 120, isWork: true, cpus: 0.04, diskKbPerSecond: 500 }],
  },
  {
    name: 'a phase between two others that needs nothing',
    reason: 'It waits 25 minutes for another machine; the threshold is 30.',
    label: NEVER,
    phases: [
      { minutes: 30, isWork: true, cpus: 3 },
      { minutes: 25 },
      { minutes: 30, isWork: true, cpus: 3 },
    ],
  },
  {
    name: 'somebody types in a terminal',
    reason: 'A person reads, thinks and types a line every few minutes; nothing else shows.',
    label: NEVER,
    phases: [{ minutes: 150, isWork: true, terminals: 1, typesEverySeconds: 240 }],
  },
  {
    name: 'somebody types seldom',
    reason: 'One line in twenty minutes is somebody who is there.',
    label: NEVER,
    phases: [{ minutes: 150, isWork: true, terminals: 1, typesEverySeconds: 1_200 }],
  },
  {
    name: 'somebody types and goes',
    reason: 'The terminal stays open at an empty desk.',
    label: idleFrom(60),
    phases: [
      { minutes: 60, isWork: true, terminals: 1, typesEverySeconds: 50 },
      { minutes: 60, terminals: 1 },
    ],
  },
  {
    name: 'an agent that works where nothing can be seen',
    reason: 'Its word is enough: it may wait for a person.',
    label: NEVER,
    phases: [{ minutes: 150, isWork: true, agent: 'busy' }],
  },
  {
    name: 'an agent that says nothing of work',
    reason: 'Neither yes nor no is not a no.',
    label: NEVER,
    phases: [{ minutes: 150, isWork: true, agent: 'says nothing' }],
  },
  {
    name: 'an agent that thinks there is no work, on a machine that works',
    reason: 'One sign of work is enough, whoever says otherwise.',
    label: NEVER,
    phases: [{ minutes: 120, isWork: true, gpu: 60, cpus: 1, agent: 'idle' }],
  },
  {
    name: 'an agent that becomes idle',
    reason: 'Agent and looks agree from the second hour on.',
    label: idleFrom(60),
    phases: [
      { minutes: 60, isWork: true, gpu: 60, cpus: 1, agent: 'busy' },
      { minutes: 60, agent: 'idle' },
    ],
  },
];
