import type { OrphanEvent } from '../domain/events.ts';
import { type Orphan, orphanFacts } from '../domain/orphan.ts';
import type { Clock } from '../ports/clock.ts';
import type { Origin } from '../ports/origin.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Store } from '../ports/store.ts';

export interface OrphanBookParts {
  readonly store: Pick<Store, 'saveOrphan' | 'dropOrphan'>;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** The one way in which what is known of orphans changes: stored under its version with its events, then told. */
export class OrphanBook {
  readonly #parts: OrphanBookParts;

  constructor(parts: OrphanBookParts) {
    this.#parts = parts;
  }

  /** As stored; undefined when somebody else wrote meanwhile. */
  async save(
    orphan: Orphan,
    events: readonly OrphanEvent[],
    origin?: Origin,
  ): Promise<Orphan | undefined> {
    if ((await this.#parts.store.saveOrphan(orphan, events)) === 'stale') return undefined;
    this.#tell(events, origin);
    return { ...orphan, version: orphan.version + 1 };
  }

  /** Does nothing when somebody else wrote meanwhile. */
  async drop(orphan: Orphan, kind: 'orphan_gone' | 'orphan_cleared'): Promise<void> {
    const event = { ...orphanFacts(orphan, this.#parts.clock.now()), kind };
    if ((await this.#parts.store.dropOrphan(orphan, [event])) === 'dropped') this.#tell([event]);
  }

  #tell(events: readonly OrphanEvent[], origin?: Origin): void {
    for (const event of events) this.#parts.recorder.event(event, origin);
  }
}
