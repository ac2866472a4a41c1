import PQueue from 'p-queue';
import type { Clock } from '../ports/clock.ts';
import { BoundedMap } from './bounded-map.ts';

export interface SharedCallsOptions {
  readonly clock: Clock;
  /** Calls that are out at once. */
  readonly concurrency: number;
  /** Calls that wait for their turn; whoever comes when so many do is sent away. */
  readonly maxWaiting: number;
  /** For so long after a call was asked for, its outcome serves whoever asks the same. */
  readonly freshMs: number;
}

interface Call<Value> {
  readonly askedMs: number;
  readonly outcome: Promise<Value>;
  isOver: boolean;
}

/**
 * Slow calls into the world that anybody may cause as often as he likes: one at a time for each key, a bounded number in
 * all, and who asks for what was just answered is given that answer.
 */
export class SharedCalls<Value> {
  readonly #options: SharedCallsOptions;
  readonly #queue: PQueue;
  readonly #calls: BoundedMap<string, Call<Value>>;

  constructor(options: SharedCallsOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
    this.#calls = new BoundedMap(options.concurrency + options.maxWaiting);
  }

  /** Undefined when too many wait. `call` is told for how long it had to wait itself, in milliseconds. */
  ask(key: string, call: (waitedMs: number) => Promise<Value>): Promise<Value> | undefined {
    const { clock, maxWaiting, freshMs } = this.#options;
    const askedMs = clock.monotonicMs();
    const last = this.#calls.get(key);
    if (last && (!last.isOver || askedMs < last.askedMs + freshMs)) return last.outcome;
    if (this.#queue.size >= maxWaiting) return undefined;
    const outcome = this.#queue.add(() => call(clock.monotonicMs() - askedMs));
    const next: Call<Value> = { askedMs, outcome, isOver: false };
    this.#calls.set(key, next);
    const end = (): void => {
      next.isOver = true;
    };
    outcome.then(end, end);
    return outcome;
  }
}
