import type { Store } from '../ports/store.ts';
import type { Incidents } from './incidents.ts';

/** The same store; that it takes no writes is an incident until it takes one again. */
export function reportingStore(store: Store, incidents: Incidents): Store {
  const reported =
    <Args extends readonly unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      const result = await write(...args).catch(async (error: unknown) => {
        await incidents.raise({ kind: 'store_failing' });
        throw error;
      });
      await incidents.clear('store_failing');
      return result;
    };
  return {
    ...store,
    create: reported((creation) => store.create(creation)),
    save: reported((session, events) => store.save(session, events)),
    append: reported((events) => store.append(events)),
    saveOrphan: reported((orphan, events) => store.saveOrphan(orphan, events)),
    saveActivity: reported((record) => store.saveActivity(record)),
    dropOrphan: reported((orphan, events) => store.dropOrphan(orphan, events)),
  };
}
