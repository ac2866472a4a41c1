import type { ApiPlace, DeploymentId } from '../domain/ids.ts';
import { isSameMachine, judge, type Orphan, type Suspect } from '../domain/orphan.ts';
import type { Policy } from '../domain/policy.ts';
import {
  bornBy,
  claimOf,
  isOrphan,
  type OwnInstance,
  ownInstances,
  type Suspicions,
  suspect,
} from '../domain/reconciliation.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Store } from '../ports/store.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import type { Incidents } from './incidents.ts';
import type { InstanceLists } from './instance-lists.ts';
import { carryOut, forgetOrphan, type OrphanActParts, type Unwanted } from './orphan-acts.ts';
import type { SessionBook } from './session-book.ts';

export interface ReconcilerParts extends OrphanActParts {
  readonly store: Store;
  readonly book: SessionBook;
  readonly lists: InstanceLists;
  readonly incidents: Incidents;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly policy: Policy;
  readonly deploymentId: DeploymentId;
}

/** While something is under suspicion the next sweep comes this soon, so that an orphan is not left for a full period. */
const SUSPICIOUS_SWEEP_MS = 15_000;

/**
 * Finds what runs at a provider under our tag and is wanted by nobody, and has it ended or holds it for a person. It
 * never looks at anything that does not carry exactly our tag. What was found is written down; the evidence for it is
 * kept in memory, so that a restart only makes it wait longer.
 */
export class Reconciler {
  readonly place: ApiPlace;
  readonly #parts: ReconcilerParts;
  #suspicions: Suspicions = new Map();
  #firstListedAt: EpochMs | undefined;
  #loop: Loop | undefined;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.place = { provider: parts.provider.name, api: parts.provider.api };
  }

  start(): void {
    const { clock, recorder, policy } = this.#parts;
    this.#loop = startLoop({
      name: `reconcile ${this.place.api}`,
      clock,
      recorder,
      intervalMs: () =>
        this.#suspicions.size > 0
          ? Math.min(SUSPICIOUS_SWEEP_MS, policy.reconcileIntervalMs)
          : policy.reconcileIntervalMs,
      body: () => this.sweep(),
    });
  }

  /** A sweep as soon as may be. */
  wake(): void {
    this.#loop?.wake();
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** One complete list, then the rows that justify keeping, then what follows for each. Quiet when the list fails. */
  async sweep(): Promise<void> {
    const { lists, clock, deploymentId, policy, store, recorder } = this.#parts;
    const listing = { at: clock.now(), monotonicMs: clock.monotonicMs() };
    const listed = await lists.complete();
    if (!listed) return;
    this.#firstListedAt ??= listing.at;
    const unwanted = await this.#unwanted(ownInstances(listed, deploymentId));
    this.#suspicions = suspect(this.#suspicions, unwanted, listing);
    const known = await store.orphansOf(this.place.provider);
    const suspects = unwanted.map((one) => this.#suspectOf(one, known));
    const context = { policy, firstListedAt: this.#firstListedAt };
    const verdicts = judge(suspects, context);
    const orphans = suspects.filter((one) => one.isProven || one.known).length;
    const counts = { seen: listed.length, orphans, lost: 0 };
    recorder.note({ kind: 'sweep_done', ...this.place, ...counts });
    for (const [index, one] of unwanted.entries()) {
      const verdict = verdicts[index];
      if (verdict) await carryOut(this.#parts, { ...one, known: suspects[index]?.known }, verdict);
    }
    const ids = new Set(unwanted.map(({ observation }) => observation.id));
    for (const orphan of known) {
      const isElsewhere = orphan.api !== this.place.api || ids.has(orphan.providerInstanceId);
      if (!isElsewhere) await forgetOrphan(this.#parts, orphan, listed);
    }
    await this.#tellOfHeld();
  }

  async #unwanted(own: readonly OwnInstance[]): Promise<readonly Unwanted[]> {
    const unwanted: Unwanted[] = [];
    for (const one of own) {
      const session = await this.#parts.book.load(one.parts.sessionId);
      const claim = claimOf(one, session, this.place);
      if (claim.kind !== 'wanted') unwanted.push({ ...one, claim });
    }
    return unwanted;
  }

  #suspectOf(one: Unwanted, known: readonly Orphan[]): Suspect {
    const { id } = one.observation;
    const suspicion = this.#suspicions.get(id);
    return {
      claim: one.claim,
      known: known.find((orphan) => isSameMachine(orphan, one, this.place)),
      isProven: suspicion !== undefined && isOrphan(one, suspicion, this.#parts.policy),
      bornAt: suspicion ? bornBy(one, suspicion) : 0,
    };
  }

  /** Read anew: a person may have decided while this sweep went on. */
  async #tellOfHeld(): Promise<void> {
    const { store, incidents } = this.#parts;
    const orphans = await store.orphansOf(this.place.provider);
    const here = orphans.filter(({ api }) => api === this.place.api);
    const count = here.filter(({ state }) => state === 'held').length;
    if (count > 0) await incidents.raise({ kind: 'orphans_held', count }, this.place);
    else await incidents.clear('orphans_held', this.place);
  }
}
