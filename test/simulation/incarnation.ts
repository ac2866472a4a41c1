/**
 * One life of the broker's process. Every call that it makes to the world crosses this gate twice, on the way out and
 * on the way back, and the life may end at any crossing: what was called still happens, nothing that would have
 * followed does.
 */
export class Incarnation {
  readonly #onDeath: () => void;
  #crashAtCrossing: number | undefined;
  #crossings = 0;
  #isAlive = true;

  constructor(options: { readonly onDeath: () => void }) {
    this.#onDeath = options.onDeath;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get crossings(): number {
    return this.#crossings;
  }

  /** Dies at the n-th crossing from now, the next one being the first. */
  doomIn(crossings: number): void {
    this.#crashAtCrossing = this.#crossings + crossings;
  }

  spare(): void {
    this.#crashAtCrossing = undefined;
  }

  async cross<Value>(call: () => Promise<Value>): Promise<Value> {
    await this.#step();
    try {
      const value = await call();
      await this.#step();
      return value;
    } catch (error) {
      await this.#step();
      throw error;
    }
  }

  /** The same object with every method behind the gate. */
  guard<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name, receiver) => {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => this.cross(async () => Reflect.apply(value, target, args));
      },
    });
  }

  async #step(): Promise<void> {
    if (this.#isAlive) {
      this.#crossings += 1;
      if (this.#crossings !== this.#crashAtCrossing) return;
      this.#isAlive = false;
      this.#onDeath();
    }
    await new Promise<never>(() => {});
  }
}
