import { ProviderFailure } from '../domain/errors.ts';
import type { OrphanEvent } from '../domain/events.ts';
import type { DeploymentId, ProviderInstanceId, SessionId } from '../domain/ids.ts';
import { addStray, reviveToEnd } from '../domain/lifecycle/ending.ts';
import type { Policy } from '../domain/policy.ts';
import {
  type Claim,
  claimOf,
  isOrphan,
  type OwnInstance,
  ownInstances,
  type Suspicions,
  suspect,
} from '../domain/reconciliation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { Recorder } from '../ports/recorder.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import { completeList } from './complete-list.ts';
import type { SessionBook } from './session-book.ts';

export interface ReconcilerParts {
  readonly provider: Provider;
  readonly book: SessionBook;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly policy: Policy;
  readonly deploymentId: DeploymentId;
  readonly wake: (id: SessionId) => void;
}

/** An instance of ours that no row wants. */
interface Unwanted extends OwnInstance {
  readonly claim: Exclude<Claim, { kind: 'wanted' }>;
}

/** While something is under suspicion the next sweep comes this soon, so that an orphan is not left for a full period. */
const SUSPICIOUS_SWEEP_MS = 15_000;

/**
 * Finds what runs at a provider under our tag and is wanted by nobody, and has it ended. It never looks at anything
 * that does not carry exactly our tag. The evidence is kept in memory: a restart only makes it wait longer.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  #suspicions: Suspicions = new Map();
  /** Orphans that were told of: one whose end takes several sweeps is one orphan. */
  readonly #detected = new Set<ProviderInstanceId>();
  /** How many were last reported as too many; the same number again is no news. */
  #overLimit = 0;
  #loop: Loop | undefined;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, recorder, provider, policy } = this.#parts;
    this.#loop = startLoop({
      name: `reconcile ${provider.api}`,
      clock,
      recorder,
      intervalMs: () =>
        this.#suspicions.size > 0
          ? Math.min(SUSPICIOUS_SWEEP_MS, policy.reconcileIntervalMs)
          : policy.reconcileIntervalMs,
      body: () => this.sweep(),
    });
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** One complete list, then the rows that justify keeping, then at most the limit of ends. Quiet when the list fails. */
  async sweep(): Promise<void> {
    const { provider, clock, deploymentId, policy, recorder } = this.#parts;
    const listedAt = clock.now();
    const listed = await completeList(provider);
    if (!listed) return;
    const unwanted = await this.#unwanted(ownInstances(listed, deploymentId));
    const before = this.#suspicions;
    this.#suspicions = suspect(before, unwanted, listedAt);
    for (const id of this.#detected) if (!this.#suspicions.has(id)) this.#detected.delete(id);
    const context = { now: clock.now(), policy };
    const orphans = unwanted.filter((own) =>
      isOrphan(own, this.#suspicions.get(own.observation.id), context),
    );
    const { api, name } = provider;
    recorder.note({
      kind: 'sweep_done',
      api,
      provider: name,
      seen: listed.length,
      orphans: orphans.length,
      lost: 0,
    });
    if (orphans.length > policy.destroyLimitPerSweep) return this.#reportTooMany(orphans.length);
    this.#overLimit = 0;
    for (const orphan of orphans) await this.#end(orphan);
  }

  async #reportTooMany(count: number): Promise<void> {
    if (count === this.#overLimit) return;
    await this.#tell({ kind: 'orphans_over_limit', count });
    this.#overLimit = count;
  }

  async #unwanted(own: readonly OwnInstance[]): Promise<readonly Unwanted[]> {
    const unwanted: Unwanted[] = [];
    for (const one of own) {
      const claim = claimOf(
        one,
        await this.#parts.book.load(one.parts.sessionId),
        this.#parts.provider.api,
      );
      if (claim.kind !== 'wanted') unwanted.push({ ...one, claim });
    }
    return unwanted;
  }

  /**
   * The provider's own word about this one instance comes before anything is done: a list may lag behind an end, and
   * who has renamed an instance since has taken it out of our hands.
   */
  async #end(orphan: Unwanted): Promise<void> {
    const { provider } = this.#parts;
    const id = orphan.observation.id;
    try {
      const seen = await provider.get(id);
      if (!seen || (seen.tag !== undefined && seen.tag !== orphan.tag)) return;
      const names = { tag: orphan.tag, providerInstanceId: id };
      if (!this.#detected.has(id)) await this.#tell({ kind: 'orphan_detected', ...names });
      this.#detected.add(id);
      if (orphan.claim.kind !== 'nobody') {
        await this.#handToSession(orphan, orphan.claim);
        return;
      }
      await this.#tell({ kind: 'orphan_terminate_asked', ...names });
      await provider.terminate(id);
      if (!(await provider.get(id))) await this.#tell({ kind: 'orphan_gone', ...names });
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
    }
  }

  /** Back into the session's rows, where the ordinary step ends it, again and again, and its cost is known. */
  async #handToSession(
    orphan: Unwanted,
    claim: Extract<Unwanted['claim'], { position: number }>,
  ): Promise<void> {
    const { provider, book, clock, wake } = this.#parts;
    const { sessionId } = orphan.parts;
    const found = {
      observation: orphan.observation,
      at: clock.now(),
      rule: provider.billing,
    };
    const transition =
      claim.kind === 'belongs'
        ? reviveToEnd(claim.position, found)
        : addStray(claim.position, found);
    await book.update(sessionId, transition);
    wake(sessionId);
  }

  #tell(fact: OrphanFact): Promise<void> {
    const { provider, clock, book } = this.#parts;
    const { name, api } = provider;
    return book.append([{ at: clock.now(), provider: name, api, ...fact }]);
  }
}

type OrphanFact = OrphanEvent extends infer Event
  ? Event extends OrphanEvent
    ? Omit<Event, 'at' | 'provider' | 'api'>
    : never
  : never;
