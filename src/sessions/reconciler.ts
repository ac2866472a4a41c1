import { ProviderFailure } from '../domain/errors.ts';
import type { ApiPlace, DeploymentId, ProviderApi } from '../domain/ids.ts';
import type { Observation } from '../domain/instance.ts';
import { isSameMachine, judge, type Orphan, type OrphanId } from '../domain/orphan.ts';
import type { Policy } from '../domain/policy.ts';
import {
  claimOf,
  isNewcomer,
  isOrphan,
  type Moment,
  type OwnInstance,
  ownInstances,
  type Suspicions,
  suspect,
} from '../domain/reconciliation.ts';
import type { Origin } from '../ports/origin.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Store } from '../ports/store.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import type { Turns } from '../runtime/turns.ts';
import type { Incidents } from './incidents.ts';
import type { InstanceLists } from './instance-lists.ts';
import { fateOf, type OrphanActParts, settle, type Unwanted } from './orphan-acts.ts';

export interface ReconcilerParts extends OrphanActParts {
  readonly store: Store;
  readonly lists: InstanceLists;
  readonly incidents: Incidents;
  readonly recorder: Recorder;
  readonly policy: Policy;
  readonly deploymentId: DeploymentId;
  /** All that are configured. */
  readonly apis: ReadonlySet<ProviderApi>;
  /** One sweep of a marketplace at a time: two of its APIs may show one machine. */
  readonly turns: Turns;
}

/** While something is undecided the next sweep comes this soon, so that an orphan is not left for a full period. */
const SUSPICIOUS_SWEEP_MS = 15_000;

/**
 * Finds what runs at a provider under our tag and is wanted by nobody, and writes down what is to become of it. It never
 * looks at anything that does not carry exactly our tag. The evidence is kept in memory, so that a restart only makes it
 * wait longer.
 */
export class Reconciler {
  readonly place: ApiPlace;
  readonly #parts: ReconcilerParts;
  #suspicions: Suspicions = new Map();
  /** Since when what was written down has been missing from complete lists. Monotonic milliseconds. */
  #missingSinceMs: ReadonlyMap<OrphanId, number> = new Map();
  #firstListed: Moment | undefined;
  /** When the list that was last compared was begun. Monotonic milliseconds. */
  #comparedMs = Number.NEGATIVE_INFINITY;
  #isUndecided = false;
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
        this.#isUndecided
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
  sweep(): Promise<void> {
    return this.#parts.turns.take(async () => {
      const { lists, clock } = this.#parts;
      const now = { at: clock.now(), monotonicMs: clock.monotonicMs() };
      const list = lists.begunAfter(this.#sharedFromMs(now)) ?? (await lists.complete(now));
      if (!list) return;
      this.#comparedMs = list.begun.monotonicMs;
      await this.#compare(list.listed, list.begun);
    });
  }

  /** A list that was made for the sessions will do, unless it is old, or the last sweep had it: one list is evidence once. */
  #sharedFromMs({ monotonicMs }: Moment): number {
    const { reconcileIntervalMs } = this.#parts.policy;
    return Math.max(this.#comparedMs, monotonicMs - reconcileIntervalMs);
  }

  async #compare(listed: readonly Observation[], listing: Moment): Promise<void> {
    const { deploymentId, policy, store, recorder } = this.#parts;
    const firstListed = this.#firstListed ?? listing;
    this.#firstListed = firstListed;
    const claims = await this.#claims(ownInstances(listed, deploymentId));
    this.#suspicions = suspect(this.#suspicions, claims, listing);
    const known = await store.orphansOf(this.place.provider);
    const unwanted = claims.map((one) => this.#suspectOf(one, { known, firstListed }));
    const orphans = unwanted.filter((one) => one.isProven || one.known).length;
    recorder.note({ kind: 'sweep_done', ...this.place, seen: listed.length, orphans });
    this.#isUndecided = unwanted.some((one) => one.known === undefined);
    for (const { one, verdict } of judge(unwanted, policy)) {
      await this.#guarded(() => settle(this.#parts, one, verdict));
    }
    const here = known.filter(({ api }) => api === this.place.api);
    const missing = here.filter(
      (orphan) => !unwanted.some((one) => isSameMachine(orphan, one, this.place)),
    );
    await this.#forget(missing, listed, listing.monotonicMs);
    await this.tellOfHeld();
  }

  async #claims(own: readonly OwnInstance[]): Promise<readonly Claimed[]> {
    const unwanted: Claimed[] = [];
    for (const one of own) {
      const session = await this.#parts.book.load(one.parts.sessionId);
      const claim = claimOf(one, session, { ...this.place, apis: this.#parts.apis });
      if (claim.kind !== 'wanted') unwanted.push({ ...one, claim });
    }
    return unwanted;
  }

  #suspectOf(
    one: Claimed,
    { known, firstListed }: { readonly known: readonly Orphan[]; readonly firstListed: Moment },
  ): Unwanted {
    const { policy } = this.#parts;
    const suspicion = this.#suspicions.get(one.observation.id);
    const same = known.filter((orphan) => isSameMachine(orphan, one, this.place));
    return {
      ...one,
      // Of two rows for one machine that which a person has spoken about.
      known: same.find(({ decidedBy }) => decidedBy === 'person') ?? same[0],
      isProven: suspicion !== undefined && isOrphan(one, suspicion, policy),
      isNewcomer: suspicion !== undefined && isNewcomer(one, suspicion, { firstListed, policy }),
    };
  }

  /**
   * What was written down and is not unwanted any more. Where a row wants it that is so at once. What is merely missing
   * has to be so in two lists and by the provider's own word; what a person has spoken about may come back, and is kept
   * for longer.
   */
  async #forget(
    missing: readonly Orphan[],
    listed: readonly Observation[],
    nowMs: number,
  ): Promise<void> {
    const { orphans, policy } = this.#parts;
    this.#missingSinceMs = new Map(
      missing.map(({ id }) => [id, this.#missingSinceMs.get(id) ?? nowMs]),
    );
    for (const orphan of missing) {
      const isWanted = listed.some(
        ({ id, tag }) => id === orphan.providerInstanceId && tag === orphan.tag,
      );
      const enoughMs = orphan.decidedBy === 'person' ? policy.orphanForgetMs : policy.evidenceGapMs;
      const isLong = nowMs - (this.#missingSinceMs.get(orphan.id) ?? nowMs) >= enoughMs;
      if (isWanted) await this.#guarded(() => orphans.drop(orphan, 'orphan_cleared'));
      else if (isLong) await this.#guarded(() => this.#forgetIfGone(orphan));
    }
  }

  async #forgetIfGone(orphan: Orphan): Promise<void> {
    const { provider, orphans } = this.#parts;
    const { providerInstanceId: id, tag } = orphan;
    const fate = fateOf(tag, await provider.get(id, { tag }));
    if (fate !== 'ours') await orphans.drop(orphan, fate);
  }

  /** What cannot be looked at or written down for one keeps none of the others waiting. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof ProviderFailure) return;
      this.#parts.recorder.note({
        kind: 'loop_failed',
        loop: `reconcile ${this.place.api}`,
        error,
      });
    }
  }

  /** From the rows alone: a person may have decided meanwhile, and no list is needed to know what waits. */
  async tellOfHeld(origin?: Origin): Promise<void> {
    const { store, incidents } = this.#parts;
    const orphans = await store.orphansOf(this.place.provider);
    const here = orphans.filter(({ api }) => api === this.place.api);
    const count = here.filter(({ state }) => state === 'held').length;
    if (count > 0) await incidents.raise({ kind: 'orphans_held', count }, this.place, origin);
    else await incidents.clear('orphans_held', this.place, origin);
  }
}

type Claimed = OwnInstance & Pick<Unwanted, 'claim'>;
