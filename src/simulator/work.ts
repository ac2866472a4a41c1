import type { Chance, SimActivity, SimMs, WorkNature } from './model.ts';

/** What one machine has been doing since it booted, and is about to do. */
export interface WorkCourse {
  at(now: SimMs): Stretch;
  /** The one between two moments in which the cards had most to do. */
  busiest(from: SimMs, to: SimMs): SimActivity;
  /** How much of it there was between two moments: busy CPU seconds, and bytes. */
  sum(from: SimMs, to: SimMs): WorkSum;
  /** Whether anything between two moments, both included, was work. */
  hasWorked(from: SimMs, to: SimMs): boolean;
}

export interface WorkSum {
  readonly cpuSeconds: number;
  readonly networkBytes: number;
  readonly diskBytes: number;
}

export interface WorkParts {
  readonly nature: WorkNature;
  readonly bootedAt: SimMs;
  /** For how long the system is busy with itself, in seconds. */
  readonly boots: Span;
  readonly gpuCount: number;
  readonly chance: Chance;
}

/** In seconds, from and to. */
export type Span = readonly [low: number, high: number];

export interface Stretch {
  readonly from: SimMs;
  readonly to: SimMs;
  readonly activity: SimActivity;
}

/** Drawn as far as somebody looks, and the same however they look. */
export function workCourse(parts: WorkParts): WorkCourse {
  const drawn: Stretch[] = [];
  const next = stretches(parts);
  const drawTo = (at: SimMs): void => {
    while ((drawn.at(-1)?.to ?? parts.bootedAt) <= at) drawn.push(next());
  };
  const within = (from: SimMs, to: SimMs): readonly Stretch[] => {
    drawTo(to);
    return drawn.filter((one) => one.from <= to && one.to > from);
  };
  return {
    at(now) {
      drawTo(now);
      return drawn.findLast(({ from }) => from <= now) ?? { from: now, to: now, activity: RESTING };
    },
    busiest: (from, to) =>
      within(from, to)
        .map(({ activity }) => activity)
        .reduce((one, other) => (other.gpuUtilization > one.gpuUtilization ? other : one), RESTING),
    sum: (from, to) => within(from, to).reduce(addStretch({ from, to }), NOTHING),
    hasWorked: (from, to) => within(from, to).some(({ activity }) => activity.isWork),
  };
}

const NOTHING: WorkSum = { cpuSeconds: 0, networkBytes: 0, diskBytes: 0 };

function addStretch({ from, to }: { readonly from: SimMs; readonly to: SimMs }) {
  return (sum: WorkSum, { activity, ...span }: Stretch): WorkSum => {
    const seconds = Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)) / 1_000;
    return {
      cpuSeconds: sum.cpuSeconds + activity.busyCpus * seconds,
      networkBytes: sum.networkBytes + activity.networkBytesPerSecond * seconds,
      diskBytes: sum.diskBytes + activity.diskBytesPerSecond * seconds,
    };
  };
}

/** A system that nobody uses still keeps time, writes logs and answers pings. */
const RESTING: SimActivity = {
  name: 'rest',
  isWork: false,
  busyCpus: 0.01,
  networkBytesPerSecond: 300,
  diskBytesPerSecond: 2_000,
  busyGpus: 0,
  gpuUtilization: 0,
  gpuMemoryShare: 0,
  gpuProcesses: 0,
  terminals: 0,
  typesEvery: null,
};

const MB = 1_000_000;

function activity(name: string, rest: Partial<SimActivity>): SimActivity {
  return { ...RESTING, name, isWork: true, ...rest };
}

const BOOT = activity('boot', { busyCpus: 1.2, diskBytesPerSecond: 40 * MB });
const SET_UP = activity('set-up', {
  busyCpus: 1.5,
  networkBytesPerSecond: 6 * MB,
  diskBytesPerSecond: 25 * MB,
});
const DOWNLOAD = activity('download', {
  busyCpus: 0.4,
  networkBytesPerSecond: 60 * MB,
  diskBytesPerSecond: 60 * MB,
});
const PREPARATION = activity('preparation', { busyCpus: 3, diskBytesPerSecond: 5 * MB });
const READING = activity('reading', { terminals: 1, typesEvery: 40 });
const LEFT_OPEN = { ...RESTING, name: 'a terminal left open', terminals: 1 };
const BURST = { busyCpus: 1, gpuUtilization: 75, gpuMemoryShare: 0.3, gpuProcesses: 1 };
const HELD = { gpuMemoryShare: 0.4, gpuProcesses: 1 };

type Step = readonly [activity: SimActivity, lasts: Span];

const FOR_EVER: Span = [86_400, 86_400];
const REST: Step = [RESTING, FOR_EVER];

function stretches({ chance, bootedAt, ...parts }: WorkParts): () => Stretch {
  const plan = stepsOf(parts);
  let from = bootedAt;
  return () => {
    const { value } = plan.next();
    const [doing, [low, high]] = value ?? REST;
    const stretch = { from, to: from + chance.int(low, high) * 1_000, activity: doing };
    from = stretch.to;
    return stretch;
  };
}

function* stepsOf({
  nature,
  gpuCount,
  boots,
}: Pick<WorkParts, 'nature' | 'gpuCount' | 'boots'>): Generator<Step, Step> {
  yield [BOOT, boots];
  switch (nature) {
    case 'rests':
      return REST;
    case 'trains':
      return yield* training(gpuCount, MANY);
    case 'trains, then rests':
      return yield* training(gpuCount, SOME);
    case 'uses one card':
      return yield* training(1, MANY);
    case 'works in bursts':
      return yield* bursts(gpuCount);
    case 'uses the CPU':
      return [PREPARATION, FOR_EVER];
    case 'downloads':
      return [DOWNLOAD, FOR_EVER];
    case 'holds memory':
      yield [SET_UP, [30, 90]];
      return [{ ...LEFT_OPEN, ...HELD, name: 'held memory', busyGpus: gpuCount }, FOR_EVER];
    case 'is watched':
      return [READING, FOR_EVER];
  }
}

/** Rounds of training and evaluation; more than any world sees, or so few that they end in its middle. */
const MANY = 10_000;
const SOME = 2;

function* training(busyGpus: number, rounds: number): Generator<Step, Step> {
  const trains = activity('training', {
    busyCpus: 1.1,
    networkBytesPerSecond: 20_000,
    diskBytesPerSecond: 2 * MB,
    busyGpus,
    gpuUtilization: 96,
    gpuMemoryShare: 0.85,
    gpuProcesses: busyGpus,
  });
  const evaluates = { ...trains, name: 'evaluation', busyCpus: 1, gpuUtilization: 0 };
  yield [SET_UP, [30, 120]];
  yield [DOWNLOAD, [30, 240]];
  for (let round = 0; round < rounds; round += 1) {
    yield [trains, [120, 400]];
    yield [evaluates, [20, 150]];
  }
  return REST;
}

function* bursts(busyGpus: number): Generator<Step, Step> {
  for (let round = 0; round < MANY; round += 1) {
    yield [activity('burst', { ...BURST, busyGpus }), [10, 40]];
    yield [{ ...RESTING, ...HELD, busyGpus }, [30, 100]];
  }
  return REST;
}
