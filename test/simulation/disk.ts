import type { Store } from '../../src/ports/store.ts';

/** What a write meets when there is no room. */
export class DiskFull extends Error {
  override readonly name = 'DiskFull';
}

/** The same store on a disk that may be full: then nothing is written, and what is there can be read. */
export function onDisk(store: Store, isFull: () => boolean): Store {
  const written =
    <Args extends readonly unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (isFull()) throw new DiskFull('database or disk is full');
      return write(...args);
    };
  return {
    ...store,
    create: written((creation) => store.create(creation)),
    save: written((session, events) => store.save(session, events)),
    append: written((events) => store.append(events)),
    saveOrphan: written((orphan, events) => store.saveOrphan(orphan, events)),
    forgetSessions: written((query) => store.forgetSessions(query)),
    forgetEvents: written((query) => store.forgetEvents(query)),
    keepClockHistory: written((history) => store.keepClockHistory(history)),
    dropOrphan: written((orphan, events) => store.dropOrphan(orphan, events)),
  };
}
