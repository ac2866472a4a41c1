import type { Orphan, OrphanId } from '../domain/orphan.ts';
import type { Origin } from '../ports/origin.ts';
import type { OrphanPage, OrphanQuery } from '../ports/store.ts';

/** What a person can ask of the instances that no session wants. Refusals are `BrokerError`. */
export interface OrphanService {
  get(id: OrphanId): Promise<Orphan | undefined>;
  page(query: OrphanQuery): Promise<OrphanPage>;
  /** It is to end, whatever it was held for; the next sweep, which comes at once, asks. `not_found`. */
  terminate(id: OrphanId, origin?: Origin): Promise<void>;
  /** It is left alone until somebody says otherwise. `not_found`; `conflict` when its end has been asked for. */
  ignore(id: OrphanId, origin?: Origin): Promise<void>;
}
