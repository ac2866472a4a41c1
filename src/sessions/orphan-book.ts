import type { OrphanEvent } from '../domain/events.ts';
import type { Orphan } from '../domain/orphan.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Store } from '../ports/store.ts';

/** The one way in which what is known of orphans changes: stored under its version with its events, then told. */
export class OrphanBook {
  readonly #store: Pick<Store, 'saveOrphan' | 'dropOrphan'>;
  readonly #recorder: Recorder;

  constructor(parts: {
    readonly store: Pick<Store, 'saveOrphan' | 'dropOrphan'>;
    readonly recorder: Recorder;
  }) {
    this.#store = parts.store;
    this.#recorder = parts.recorder;
  }

  /** As stored; undefined when somebody else wrote meanwhile. */
  async save(orphan: Orphan, events: readonly OrphanEvent[]): Promise<Orphan | undefined> {
    if ((await this.#store.saveOrphan(orphan, events)) === 'stale') return undefined;
    this.#tell(events);
    return { ...orphan, version: orphan.version + 1 };
  }

  async drop(orphan: Orphan, event: OrphanEvent): Promise<void> {
    if ((await this.#store.dropOrphan(orphan, [event])) === 'dropped') this.#tell([event]);
  }

  #tell(events: readonly OrphanEvent[]): void {
    for (const event of events) this.#recorder.event(event);
  }
}
