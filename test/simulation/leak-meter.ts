import { ownTag } from '../../src/domain/ids.ts';
import { type Instance, isFinalInstance } from '../../src/domain/instance.ts';
import { isKept } from '../../src/domain/lifecycle/keeping.ts';
import type { Orphan } from '../../src/domain/orphan.ts';
import { currentInstance, isTerminalStatus, type Session } from '../../src/domain/session.ts';
import type { SimInstance } from '../../src/simulator/model.ts';

/** From when to when an instance was, and whose. */
export type Lifetime = Pick<SimInstance, 'id' | 'label' | 'createdAt' | 'goneAt'>;

/** How long each instance of a deployment lived on unwanted. */
export interface Leaks {
  readonly leakedMs: readonly number[];
  /** Of those that waited for a person's word at some time: theirs is the person's time. */
  readonly heldMs: readonly number[];
}

/**
 * For how long instances lived on after nobody wanted them any more, by the marketplace's truth: from the commit that
 * says so, or from their first moment where no row ever wanted them, whether the broker noticed or not.
 */
export class LeakMeter {
  readonly #deploymentId: string;
  readonly #now: () => number;
  readonly #unwantedSince = new Map<string, number>();
  readonly #rowOf = new Map<string, string>();
  readonly #held = new Set<string>();

  constructor(deploymentId: string, now: () => number) {
    this.#deploymentId = deploymentId;
    this.#now = now;
  }

  noteCommit(session: Session): void {
    for (const [place, row] of session.instances.entries()) {
      const key = `${session.id} ${place}`;
      if (row.providerInstanceId !== undefined && row.role === 'attempt') {
        this.#rowOf.set(row.providerInstanceId, key);
      }
      if (isWanted(session, row)) this.#unwantedSince.delete(key);
      else if (!this.#unwantedSince.has(key)) this.#unwantedSince.set(key, this.#now());
    }
  }

  /** The rows are those of an older copy: what was wanted and is not known any more is unwanted from now on. */
  goBackTo(sessions: readonly Session[]): void {
    const known = new Map(this.#rowOf);
    this.#rowOf.clear();
    for (const session of sessions) this.noteCommit(session);
    for (const [id, row] of known) {
      if (this.#rowOf.has(id)) continue;
      this.#rowOf.set(id, `forgotten ${id}`);
      this.#unwantedSince.set(`forgotten ${id}`, this.#unwantedSince.get(row) ?? this.#now());
    }
  }

  noteOrphan({ state, providerInstanceId }: Orphan): void {
    if (state !== 'ending') this.#held.add(providerInstanceId);
  }

  /** One duration for each instance of this deployment that there ever was. */
  leaks(instances: readonly Lifetime[]): Leaks {
    const own = instances.filter(
      ({ label }) => ownTag(label ?? undefined, this.#deploymentId) !== undefined,
    );
    const isHeld = ({ id }: Lifetime): boolean => this.#held.has(id);
    return {
      leakedMs: own.filter((one) => !isHeld(one)).map((one) => this.#unwantedMs(one)),
      heldMs: own.filter(isHeld).map((one) => this.#unwantedMs(one)),
    };
  }

  #unwantedMs(instance: Lifetime): number {
    const until = instance.goneAt ?? this.#now();
    return Math.max(0, until - Math.max(instance.createdAt, this.#unwantedFrom(instance)));
  }

  #unwantedFrom({ id, createdAt }: Lifetime): number {
    const row = this.#rowOf.get(id);
    if (row === undefined) return createdAt;
    return this.#unwantedSince.get(row) ?? Number.POSITIVE_INFINITY;
  }
}

function isWanted(session: Session, row: Instance): boolean {
  // Stopped, with its disk, it is wanted until somebody says that the disk is not.
  if (isKept(session, row) && !isFinalInstance(row.state)) return true;
  if (session.stopAskedAt !== undefined || isTerminalStatus(session.status)) return false;
  if (row.failure !== undefined || isFinalInstance(row.state)) return false;
  return row === currentInstance(session);
}
