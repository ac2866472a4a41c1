import PQueue from 'p-queue';
import type { Cancel, Clock } from '../ports/clock.ts';
import { BoundedMap } from './bounded-map.ts';

export interface KeyedRunnerOptions {
  readonly clock: Clock;
  /** At most this many runs at once in one lane; lanes do not wait for each other. */
  readonly laneConcurrency: (lane: string) => number;
  /**
   * Does one key's work and says when to come back, or undefined to wait for a wake-up. A run that finds itself in a
   * lane which is not the key's own does nothing but name the right one. Never throws.
   */
  readonly run: (key: string, lane: string) => Promise<RunResult>;
}

export interface RunResult {
  /** When the key has to be run again unless it is woken before: milliseconds from now. */
  readonly againInMs: number | undefined;
  /** The lane that the key's next run belongs to: the provider it waits for. */
  readonly lane: string;
}

/** Where a key runs before its lane is known. */
const FIRST_LANE = '';
/** A key whose lane was forgotten finds it again at the cost of one empty run. */
const MAX_LANES_KEPT = 20_000;

/**
 * Runs work by key: never two runs of one key at once, a wake-up during a run leads to one more run after it, and each
 * lane has a bound of its own, so that a provider that hangs holds up nobody else's work.
 */
export class KeyedRunner {
  readonly #options: KeyedRunnerOptions;
  readonly #lanes = new Map<string, PQueue>();
  readonly #laneOf = new BoundedMap<string, string>(MAX_LANES_KEPT);
  readonly #active = new Set<string>();
  readonly #woken = new Set<string>();
  readonly #alarms = new Map<string, Cancel>();
  #isStopped = false;

  constructor(options: KeyedRunnerOptions) {
    this.#options = options;
  }

  /** True while the key runs, waits for a run, or has a time set to run again. */
  isScheduled(key: string): boolean {
    return this.#active.has(key) || this.#alarms.has(key);
  }

  wake(key: string): void {
    if (this.#isStopped) return;
    this.#silence(key);
    if (this.#active.has(key)) {
      this.#woken.add(key);
      return;
    }
    this.#active.add(key);
    const lane = this.#laneOf.get(key) ?? FIRST_LANE;
    void this.#lane(lane).add(() => this.#turn(key, lane));
  }

  /** No run starts after this; resolves when the last one is through. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const key of [...this.#alarms.keys()]) this.#silence(key);
    await Promise.all([...this.#lanes.values()].map((lane) => lane.onIdle()));
  }

  async #turn(key: string, inLane: string): Promise<void> {
    if (this.#isStopped) return;
    const { againInMs, lane } = await this.#options.run(key, inLane);
    this.#active.delete(key);
    this.#laneOf.set(key, lane);
    if (this.#woken.delete(key)) this.wake(key);
    else if (againInMs !== undefined && !this.#isStopped) {
      this.#alarms.set(
        key,
        this.#options.clock.after(againInMs, () => this.wake(key)),
      );
    }
  }

  #silence(key: string): void {
    this.#alarms.get(key)?.();
    this.#alarms.delete(key);
  }

  #lane(name: string): PQueue {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane = new PQueue({ concurrency: this.#options.laneConcurrency(name) });
    this.#lanes.set(name, lane);
    return lane;
  }
}
