import { BrokerError } from '../domain/errors.ts';
import type { ProviderApi } from '../domain/ids.ts';
import { type Orphan, type OrphanId, type OrphanState, orphanFacts } from '../domain/orphan.ts';
import type { Clock } from '../ports/clock.ts';
import type { OrphanPage, OrphanQuery, Store } from '../ports/store.ts';
import type { OrphanBook } from './orphan-book.ts';
import type { OrphanService } from './orphan-service.ts';
import type { LifecyclePhase } from './session-service.ts';

export interface OrphansParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly book: OrphanBook;
  readonly sweepSoon: (api: ProviderApi) => void;
  readonly phase: () => LifecyclePhase;
}

type Decision = Exclude<OrphanState, 'held'>;

const EVENT_OF = { ending: 'orphan_end_confirmed', ignored: 'orphan_ignored' } as const;
/** A sweep writes a row a few times at most while a person decides. */
const MAX_STALE_RETRIES = 10;

/** A person's word on orphans, written down; the sweep carries it out. */
export class Orphans implements OrphanService {
  readonly #parts: OrphansParts;

  constructor(parts: OrphansParts) {
    this.#parts = parts;
  }

  page(query: OrphanQuery): Promise<OrphanPage> {
    return this.#parts.store.orphanPage(query);
  }

  get(id: OrphanId): Promise<Orphan | undefined> {
    return this.#parts.store.findOrphan(id);
  }

  async terminate(id: OrphanId): Promise<void> {
    const { api } = await this.#decide(id, 'ending');
    this.#parts.sweepSoon(api);
  }

  async ignore(id: OrphanId): Promise<void> {
    const { api } = await this.#decide(id, 'ignored');
    this.#parts.sweepSoon(api);
  }

  async #decide(id: OrphanId, state: Decision): Promise<Orphan> {
    this.#assertReady();
    for (let attempt = 0; attempt < MAX_STALE_RETRIES; attempt += 1) {
      const orphan = await this.#parts.store.findOrphan(id);
      if (!orphan)
        throw new BrokerError('not_found', `no orphan ${id}: it has ended, or is wanted`);
      if (orphan.state === state) return orphan;
      if (orphan.state === 'ending') {
        throw new BrokerError(
          'conflict',
          `the provider was asked to end ${id} and cannot be asked to keep it`,
        );
      }
      if (await this.#isWritten(orphan, state)) return orphan;
    }
    throw new Error(`orphan ${id} changed under ${MAX_STALE_RETRIES} writes in a row`);
  }

  async #isWritten(orphan: Orphan, state: Decision): Promise<boolean> {
    const { book, clock } = this.#parts;
    const at = clock.now();
    const { heldFor: _over, ...rest } = orphan;
    const event = { ...orphanFacts(orphan, at), kind: EVENT_OF[state] };
    return (await book.save({ ...rest, state, decidedAt: at }, [event])) !== undefined;
  }

  #assertReady(): void {
    if (this.#parts.phase() === 'running') return;
    throw new BrokerError(
      'not_ready',
      'the broker is not ready: it is starting or shutting down; try again in a moment',
    );
  }
}
