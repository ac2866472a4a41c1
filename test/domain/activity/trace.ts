/** What goes on in a machine for some time. What is left out is what a machine that is left alone shows. */
export interface Phase {
  readonly minutes: number;
  /** Whether somebody would miss it. */
  readonly isWork?: true;
  /** Percent: of all GPUs, or one figure for each. */
  readonly gpu?: number | readonly number[];
  /** Work that comes in bursts: while one lasts, these figures hold in place of the phase's own. */
  readonly bursts?: Bursts;
  /** Held on each GPU, in MB. */
  readonly memoryMb?: number;
  readonly gpuPrograms?: number;
  readonly cpus?: number;
  readonly networkKbPerSecond?: number;
  readonly diskKbPerSecond?: number;
  /** Terminals that are open. */
  readonly terminals?: number;
  /** Somebody types at one of them, every so many seconds. */
  readonly typesEverySeconds?: number;
  /** What becomes of looks: nobody gets in, or the machine does not tell of its GPUs. */
  readonly looks?: 'fail' | 'tell no GPUs' | 'tell no network';
  /** What the agent on the machine says, once a minute. */
  readonly agent?: 'busy' | 'idle' | 'says nothing';
  /** What happens as the phase begins; a broker that is away for some minutes looks at nothing meanwhile. */
  readonly begins?: 'reboot' | 'restart of the broker' | 'extension';
  /** The broker's clock is set by so many minutes as the phase begins. */
  readonly clockSetByMinutes?: number;
  /** There is no broker. */
  readonly isBrokerAway?: true;
}

export interface Bursts {
  readonly everySeconds: number;
  readonly forSeconds: number;
  /** After which second of each such time they begin. */
  readonly fromSecond?: number;
  readonly gpu?: number | readonly number[];
  readonly cpus?: number;
  readonly networkKbPerSecond?: number;
  readonly diskKbPerSecond?: number;
}

/** Some hours of a machine, and what is to become of its session. */
export interface Trace {
  readonly name: string;
  /** Why it is to end, or not to. */
  readonly reason: string;
  readonly label: Label;
  readonly gpus?: number;
  readonly cpuCount?: number;
  readonly thresholdMinutes?: number;
  readonly phases: readonly Phase[];
}

/**
 * `never`: nobody may end it. `from`: idle from this minute on, and to end a threshold after that. `unseen` is idle, but nobody
 * can tell it from work: it may go on, and counts against the recall.
 */
export type Label =
  | { readonly kind: 'never' }
  | { readonly kind: 'from'; readonly minute: number }
  | { readonly kind: 'unseen'; readonly minute: number };

export const NEVER: Label = { kind: 'never' };

export function idleFrom(minute: number): Label {
  return { kind: 'from', minute };
}
