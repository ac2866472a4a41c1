import type { Store } from '../../src/ports/store.ts';

/**
 * The same store, which answers a question that it was asked before from memory as long as nothing was written since.
 * Half of a world's time went into reading unchanged rows every few seconds; what has changed is still read from the
 * database. Whatever is not named here as a read counts as a write, so that a new method needs no thought.
 */
export function rememberedReads(store: Store): Store {
  const sessions = new ReadMemory();
  const orphans = new ReadMemory();
  const reads = {
    load: sessions.over((id) => store.load(id)),
    openAt: sessions.over((api) => store.openAt(api)),
    openIds: sessions.over(() => store.openIds()),
    orphansOf: orphans.over((provider) => store.orphansOf(provider)),
    endingOrphanIds: orphans.over(() => store.endingOrphanIds()),
  };
  /** What a write changes of what is remembered; all of it, where nothing is said here. */
  const touches: Readonly<Record<string, readonly ReadMemory[]>> = {
    create: [sessions],
    save: [sessions],
    append: [],
    saveOrphan: [orphans],
    dropOrphan: [orphans],
  };
  return new Proxy(store, {
    get: (target, name, receiver) => {
      if (Object.hasOwn(reads, name)) return Reflect.get(reads, name);
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      const touched = touches[String(name)] ?? [sessions, orphans];
      return async (...args: unknown[]) => {
        for (const memory of touched) memory.beginWrite();
        try {
          return (await Reflect.apply(method, target, args)) as unknown;
        } finally {
          for (const memory of touched) memory.endWrite();
        }
      };
    },
  });
}

class ReadMemory {
  readonly #caches: Map<string, unknown>[] = [];
  #writes = 0;

  over<Value>(read: (key: string) => Promise<Value>): (key?: string) => Promise<Value> {
    const answers = new Map<string, Promise<Value>>();
    this.#caches.push(answers);
    return (key = '') => {
      // While a write is under way nobody can say on which side of it a read comes to stand.
      if (this.#writes > 0) return read(key);
      const known = answers.get(key);
      if (known !== undefined) return known;
      const answer = read(key);
      answers.set(key, answer);
      return answer;
    };
  }

  beginWrite(): void {
    this.#writes += 1;
    this.#forget();
  }

  endWrite(): void {
    this.#writes -= 1;
    this.#forget();
  }

  #forget(): void {
    for (const answers of this.#caches) answers.clear();
  }
}
