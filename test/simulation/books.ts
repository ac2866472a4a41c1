import type { Orphan } from '../../src/domain/orphan.ts';
import type { Session } from '../../src/domain/session.ts';
import type { ReconciledCharge, Store } from '../../src/ports/store.ts';
import type { SimInstance } from '../../src/simulator/model.ts';

/** All that stands in a copy of the disk. */
export interface Copied {
  readonly sessions: readonly Session[];
  readonly orphans: readonly Orphan[];
}

/** What is on disk, as the checkers see it: the last committed state of each session, kept beside the store. */
export class Books {
  #sessions = new Map<string, Session>();
  #orphans = new Map<string, Orphan>();
  readonly #forgotten = new Map<string, Session>();
  readonly #removed = new Set<string>();
  readonly #charges = new Map<string, ReconciledCharge>();
  #edition = 0;
  onCommit: (session: Session, before: Session | undefined) => void = () => {};
  onRemoval: (session: Session) => void = () => {};
  onOrphan: (orphan: Orphan) => void = () => {};
  onStale: () => void = () => {};
  onReplay: () => void = () => {};
  onGoneBack: () => void = () => {};

  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  session(id: string): Session | undefined {
    return this.#sessions.get(id);
  }

  /** What is written down of an unwanted instance, by the provider's id; of two rows for one, the one that decides more. */
  orphan(providerInstanceId: string): Orphan | undefined {
    const rows = this.orphans.filter((one) => one.providerInstanceId === providerInstanceId);
    return rows.find(({ state }) => state === 'ending') ?? rows[0];
  }

  get orphans(): readonly Orphan[] {
    return [...this.#orphans.values()];
  }

  /** What once stood on disk of a session, and went with it when an older copy took its place. */
  forgotten(id: string): Session | undefined {
    return this.#forgotten.get(id);
  }

  /** Whether it was removed because it had been kept for long enough. Its last state stays here. */
  isRemoved(id: string): boolean {
    return this.#removed.has(id);
  }

  /** What was last said to have been charged for a machine. */
  charge(providerInstanceId: string): ReconciledCharge | undefined {
    return this.#charges.get(providerInstanceId);
  }

  /** A store that also writes here. The real one decides what was written. */
  over(store: Store): Store {
    const edition = this.#edition;
    return {
      ...store,
      create: async (creation) => {
        const result = await store.create(creation);
        if (result.kind === 'created') this.#commit(creation.session, edition);
        else this.onReplay();
        return result;
      },
      save: async (session, events) => {
        const result = await store.save(session, events);
        if (result === 'stale') this.onStale();
        else this.#commit({ ...session, version: session.version + 1 }, edition);
        return result;
      },
      saveCharges: async (charges) => {
        await store.saveCharges(charges);
        for (const charge of charges) this.#charges.set(charge.providerInstanceId, charge);
      },
      forgetSessions: async (query) => {
        const removed = await store.forgetSessions(query);
        if (edition === this.#edition) for (const id of removed.ids) this.#remove(id);
        return removed;
      },
      saveOrphan: async (orphan, events) => {
        const result = await store.saveOrphan(orphan, events);
        if (result === 'saved' && edition === this.#edition) {
          this.#orphans.set(orphan.id, { ...orphan, version: orphan.version + 1 });
          this.onOrphan(orphan);
        }
        return result;
      },
      dropOrphan: async (orphan, events) => {
        const result = await store.dropOrphan(orphan, events);
        if (result === 'dropped' && edition === this.#edition) {
          this.#orphans.delete(orphan.id);
        }
        return result;
      },
    };
  }

  /** A copy of the disk has taken its place: what was written since counts no more, nor what the lost disk still takes in. */
  goBackTo({ sessions, orphans }: Copied): void {
    this.#edition += 1;
    const copied = new Map(sessions.map((session) => [session.id, session]));
    for (const [id, session] of this.#sessions) {
      if (copied.get(id)?.version !== session.version) this.#forgotten.set(id, session);
    }
    this.#sessions = copied;
    this.#removed.clear();
    this.#orphans = new Map(orphans.map((orphan) => [orphan.id, orphan]));
    this.onGoneBack();
  }

  #remove(id: string): void {
    const session = this.#sessions.get(id);
    this.#removed.add(id);
    if (session) this.onRemoval(session);
  }

  #commit(session: Session, edition: number): void {
    if (edition !== this.#edition) return;
    const before = this.#sessions.get(session.id);
    this.#sessions.set(session.id, session);
    this.onCommit(session, before);
  }
}

/** One instance in a violation's message. */
export function describe(instance: SimInstance): string {
  return `${instance.id} (${instance.label ?? 'no label'}, ${instance.state}, made by ${instance.madeBy} at ${instance.createdAt})`;
}
