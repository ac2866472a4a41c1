import PQueue from 'p-queue';

export interface BackgroundOptions {
  /** Errands that are out at once. */
  readonly concurrency: number;
  /** What an errand broke off with. */
  readonly onError: (key: string, error: unknown) => void;
}

/** A slow call into the world, and what is done with its outcome. */
export interface Errand<Outcome> {
  readonly call: () => Promise<Outcome>;
  readonly take: (outcome: Outcome) => Promise<void>;
}

/**
 * Errands that nobody waits for: one at a time for each key, a bounded number in all. Whoever stops this waits for what is being
 * taken in, and not for the world.
 */
export class Background {
  readonly #options: BackgroundOptions;
  readonly #queue: PQueue;
  readonly #keys = new Set<string>();
  readonly #taking = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: BackgroundOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
  }

  /** Nothing happens where an errand of the key is out or waits for its turn already. */
  start<Outcome>(key: string, errand: Errand<Outcome>): void {
    if (this.#isStopped || this.#keys.has(key)) return;
    this.#keys.add(key);
    void this.#queue.add(() => this.#run(key, errand));
  }

  /** No errand begins, and none is taken in, after this. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#queue.clear();
    await Promise.all(this.#taking);
  }

  async #run<Outcome>(key: string, { call, take }: Errand<Outcome>): Promise<void> {
    try {
      const outcome = await call();
      if (!this.#isStopped) await this.#follow(take(outcome));
    } catch (error) {
      if (!this.#isStopped) this.#options.onError(key, error);
    } finally {
      this.#keys.delete(key);
    }
  }

  async #follow(taking: Promise<void>): Promise<void> {
    const over = taking.catch(() => {});
    this.#taking.add(over);
    await over;
    this.#taking.delete(over);
    await taking;
  }
}
