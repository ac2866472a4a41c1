import { BrokerError } from '../domain/errors.ts';
import type { ProviderApi } from '../domain/ids.ts';
import { type Orphan, type OrphanId, type OrphanState, orphanFacts } from '../domain/orphan.ts';
import type { Clock } from '../ports/clock.ts';
import type { Origin } from '../ports/origin.ts';
import type { OrphanPage, OrphanQuery, Store } from '../ports/store.ts';
import type { OrphanBook } from './orphan-book.ts';
import type { OrphanService } from './orphan-service.ts';
import type { LifecyclePhase } from './session-service.ts';

export interface OrphansParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly book: OrphanBook;
  /** The APIs that are configured. */
  readonly apis: ReadonlySet<ProviderApi>;
  readonly wakeOrphan: (id: OrphanId) => void;
  /** Called after a decision. */
  readonly sweepSoon: (api: ProviderApi, origin: Origin | undefined) => Promise<void>;
  readonly phase: () => LifecyclePhase;
}

/** What a person can say. */
type Word = Exclude<OrphanState, 'held'>;

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

  async terminate(id: OrphanId, origin?: Origin): Promise<void> {
    const { api } = await this.#decide(id, 'ending', origin);
    this.#parts.wakeOrphan(id);
    // One that a session's rows know is ended by that session, which the sweep hands it to.
    await this.#parts.sweepSoon(api, origin);
  }

  async ignore(id: OrphanId, origin?: Origin): Promise<void> {
    const { api } = await this.#decide(id, 'ignored', origin);
    await this.#parts.sweepSoon(api, origin);
  }

  async #decide(id: OrphanId, state: Word, origin: Origin | undefined): Promise<Orphan> {
    this.#assertReady();
    for (let attempt = 0; attempt < MAX_STALE_RETRIES; attempt += 1) {
      const orphan = await this.#parts.store.findOrphan(id);
      if (!orphan)
        throw new BrokerError('not_found', `no orphan ${id}: it has ended, or is wanted`);
      if (!this.#parts.apis.has(orphan.api)) throw unreachable(orphan);
      if (orphan.state === state && orphan.decidedBy === 'person') return orphan;
      if (orphan.state === 'ending' && state === 'ignored') {
        throw new BrokerError(
          'conflict',
          `the provider was asked to end ${id} and cannot be asked to keep it`,
        );
      }
      if (await this.#isWritten(orphan, state, origin)) return orphan;
    }
    throw new Error(`orphan ${id} changed under ${MAX_STALE_RETRIES} writes in a row`);
  }

  async #isWritten(orphan: Orphan, state: Word, origin: Origin | undefined): Promise<boolean> {
    const { book, clock } = this.#parts;
    const at = clock.now();
    const { heldFor: _over, ...rest } = orphan;
    const event = { ...orphanFacts(orphan, at), kind: EVENT_OF[state] };
    const decided = { ...rest, state, decidedBy: 'person', decidedAt: at } as const;
    return (await book.save(decided, [event], origin)) !== undefined;
  }

  #assertReady(): void {
    if (this.#parts.phase() === 'running') return;
    throw new BrokerError(
      'not_ready',
      'the broker is not ready: it is starting or shutting down; try again in a moment',
    );
  }
}

function unreachable({ id, api }: Orphan): BrokerError {
  return new BrokerError(
    'conflict',
    `${api} is not configured, so nothing can be done about ${id}: configure it again, or end the instance in the provider's console`,
  );
}
