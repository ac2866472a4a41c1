import type { Orphan } from '../../src/domain/orphan.ts';
import type { Session } from '../../src/domain/session.ts';
import type { Store } from '../../src/ports/store.ts';
import type { SimInstance } from '../../src/simulator/model.ts';

/** What is on disk, as the checkers see it: the last committed state of each session, kept beside the store. */
export class Books {
  readonly #sessions = new Map<string, Session>();
  readonly #orphans = new Map<string, Orphan>();
  onCommit: (session: Session, before: Session | undefined) => void = () => {};

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  session(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** What is written down of an unwanted instance, by the provider's id. */
  orphan(id: string): Orphan | undefined {
    return this.#orphans.get(id);
  }

  get orphans(): readonly Orphan[] {
    return [...this.#orphans.values()];
  }

  /** A store that also writes here. The real one decides what was written. */
  over(store: Store): Store {
    return {
      ...store,
      create: async (creation) => {
        const result = await store.create(creation);
        if (result.kind === 'created') this.#commit(creation.session);
        return result;
      },
      save: async (session, events) => {
        const result = await store.save(session, events);
        if (result === 'saved') this.#commit({ ...session, version: session.version + 1 });
        return result;
      },
      saveOrphan: async (orphan, events) => {
        const result = await store.saveOrphan(orphan, events);
        if (result === 'saved') {
          this.#orphans.set(orphan.providerInstanceId, { ...orphan, version: orphan.version + 1 });
        }
        return result;
      },
      dropOrphan: async (orphan, events) => {
        const result = await store.dropOrphan(orphan, events);
        if (result === 'dropped') this.#orphans.delete(orphan.providerInstanceId);
        return result;
      },
    };
  }

  #commit(session: Session): void {
    const before = this.#sessions.get(session.id);
    this.#sessions.set(session.id, session);
    this.onCommit(session, before);
  }
}

/** One instance in a violation's message. */
export function describe(instance: SimInstance): string {
  return `${instance.id} (${instance.label ?? 'no label'}, ${instance.state}, made by ${instance.madeBy} at ${instance.createdAt})`;
}
