import { idleFrom, NEVER, type Trace } from '../trace.ts';

const WORKS = { isWork: true, gpu: 90, cpus: 1 } as const;

/** Looks that fail, machines and brokers that start again, clocks that are set. */
export const TROUBLE: readonly Trace[] = [
  {
    name: 'a probe outage over real work',
    reason: 'For an hour nobody gets in; the work goes on.',
    label: NEVER,
    phases: [
      { ...WORKS, minutes: 30 },
      { ...WORKS, minutes: 60, looks: 'fail' },
      { ...WORKS, minutes: 30 },
    ],
  },
  {
    name: 'a probe outage over an idle machine',
    reason: 'What was not seen counts as work: idleness begins when looks come back.',
    label: idleFrom(40),
    phases: [{ minutes: 10 }, { minutes: 30, looks: 'fail' }, { minutes: 60 }],
  },
  {
    name: 'looks that fail now and then over an idle machine',
    reason: 'Two minutes without a look every twenty, on a threshold of fifteen.',
    label: idleFrom(22),
    thresholdMinutes: 15,
    phases: [
      { minutes: 10 },
      { minutes: 2, looks: 'fail' },
      { minutes: 8 },
      { minutes: 2, looks: 'fail' },
      { minutes: 40 },
    ],
  },
  {
    name: 'looks that always fail',
    reason: 'Nobody knows what it does.',
    label: NEVER,
    phases: [{ minutes: 240, looks: 'fail', isWork: true }],
  },
  {
    name: 'a machine that does not tell of its network',
    reason: 'A download would not be seen: unknown is active.',
    label: NEVER,
    phases: [{ minutes: 120, looks: 'tell no network', isWork: true }],
  },
  {
    name: 'a driver that stops answering',
    reason: 'The GPUs may work or not: unknown is active.',
    label: NEVER,
    phases: [
      { ...WORKS, minutes: 30 },
      { minutes: 120, looks: 'tell no GPUs', isWork: true },
    ],
  },
  {
    name: 'a reboot of an idle machine',
    reason: 'Somebody, or something, has started it again: idleness begins after that.',
    label: idleFrom(22),
    phases: [
      { minutes: 20 },
      { minutes: 2, begins: 'reboot', looks: 'fail', isWork: true },
      { minutes: 60 },
    ],
  },
  {
    name: 'a reboot between two looks',
    reason: 'It was so quick that no look failed; the counters tell.',
    label: NEVER,
    phases: [{ minutes: 25 }, { minutes: 25, begins: 'reboot', isWork: true }],
  },
  {
    name: 'a restart of the broker over real work',
    reason: 'It is held against the look before the restart.',
    label: NEVER,
    phases: [
      { ...WORKS, minutes: 30 },
      { ...WORKS, minutes: 60, begins: 'restart of the broker' },
    ],
  },
  {
    name: 'a restart of the broker over an idle machine',
    reason: 'Its rows may be from a backup: idleness begins anew.',
    label: idleFrom(20),
    phases: [{ minutes: 20 }, { minutes: 60, begins: 'restart of the broker' }],
  },
  {
    name: 'a broker that is away for hours, over work that ended',
    reason: 'Nobody looked meanwhile: idleness begins when somebody does.',
    label: idleFrom(120),
    phases: [
      { ...WORKS, minutes: 30 },
      { ...WORKS, minutes: 90, isBrokerAway: true },
      { minutes: 60, begins: 'restart of the broker' },
    ],
  },
  {
    name: 'a broker that is away while work comes and goes',
    reason: 'Four minutes are less than a silence, but the CPU counter has seen what went on.',
    label: NEVER,
    phases: [
      { minutes: 27 },
      { minutes: 4, cpus: 2, isBrokerAway: true, isWork: true },
      { minutes: 27 },
    ],
  },
  {
    name: 'a clock that is set forward by an hour',
    reason: 'No hour has passed on the machine.',
    label: NEVER,
    phases: [{ minutes: 10 }, { minutes: 25, clockSetByMinutes: 60 }],
  },
  {
    name: 'a clock that is set forward by four minutes, again and again',
    reason: 'Less than a silence each time, and still no time that has passed.',
    label: NEVER,
    phases: [
      { minutes: 5 },
      ...Array.from({ length: 6 }, () => ({ minutes: 4, clockSetByMinutes: 4 })),
    ],
  },
  {
    name: 'a clock that is set back',
    reason: 'Idleness begins anew, and goes on to its end.',
    label: idleFrom(20),
    phases: [{ minutes: 20 }, { minutes: 60, clockSetByMinutes: -90 }],
  },
  {
    name: 'idle until it is warned, and then used',
    reason: 'Whoever is warned comes back in the grace.',
    label: NEVER,
    phases: [
      { minutes: 28 },
      { minutes: 20, isWork: true, terminals: 1, typesEverySeconds: 20 },
      { ...WORKS, minutes: 30 },
    ],
  },
  {
    name: 'idle until it is warned, and then extended',
    reason: 'One call keeps it for another threshold.',
    label: NEVER,
    phases: [{ minutes: 28 }, { minutes: 28, begins: 'extension' }],
  },
  {
    name: 'idle until it is warned, and one word of the agent',
    reason: 'One call keeps it for another threshold.',
    label: NEVER,
    phases: [{ minutes: 28 }, { minutes: 1, agent: 'busy', isWork: true }, { minutes: 28 }],
  },
];
