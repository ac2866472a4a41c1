import type { Accounts } from '../costs/accounts.ts';
import type { DeploymentId, ProviderApi, SessionId } from '../domain/ids.ts';
import type { Instance } from '../domain/instance.ts';
import type { Policy } from '../domain/policy.ts';
import type { Session } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Shelf } from '../inventory/shelf.ts';
import type { Clock } from '../ports/clock.ts';
import type { Keys } from '../ports/keys.ts';
import type { Provider } from '../ports/provider.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { RemoteShell } from '../ports/remote-shell.ts';
import type { Store } from '../ports/store.ts';
import type { WorkloadProbe } from '../ports/workload-probe.ts';
import type { Background } from '../runtime/background.ts';
import type { BoundedMap } from '../runtime/bounded-map.ts';
import type { ActivityMemory } from './activity-memory.ts';
import type { InstanceLists } from './instance-lists.ts';
import type { Misses } from './look.ts';
import type { SessionBook } from './session-book.ts';
import type { Watch } from './watch.ts';

/** What the acts of a step work with. */
export interface StepParts {
  readonly book: SessionBook;
  readonly store: Store;
  readonly shelf: Shelf;
  readonly sites: ReadonlyMap<ProviderApi, Site>;
  readonly shell: RemoteShell;
  readonly probe: WorkloadProbe;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly policy: Policy;
  readonly accounts: Pick<Accounts, 'choose'>;
  readonly deploymentId: DeploymentId;
  /**
   * Sessions that were open when this process began: their rows may come from a backup, and not know what was launched
   * since.
   */
  readonly inherited: ReadonlySet<SessionId>;
  /** Sessions of whose work something was found out that may not stand in their rows. */
  readonly unheard: Set<SessionId>;
  readonly activity: ActivityMemory;
  readonly paces: BoundedMap<SessionId, Pace>;
  /** Machines that a launch call is out for, by `machineId`: each is asked for by one session at a time. */
  readonly machinesInFlight: Set<string>;
  /** Sessions whose login, or whose workload, is being tried. */
  readonly proving: Set<SessionId>;
  /** Looks into machines that serve, and lost keys that are put back, by session: no step waits for any. */
  readonly looks: Pick<Background, 'start'>;
  readonly grants: Pick<Background, 'start'>;
  readonly wake: (id: SessionId) => void;
}

/** A provider API, its lists, and the watch over its instances. */
export interface Site {
  readonly provider: Provider;
  readonly lists: InstanceLists;
  readonly watch: Watch;
}

/** How soon a session may be looked at and logged into again. Kept in memory: after a restart, at once. */
export interface Pace {
  readonly locateNotBefore: EpochMs;
  readonly proveNotBefore: EpochMs;
  /** When the current instance's address, or its workload's endpoint, became known. */
  readonly addressAt: EpochMs | undefined;
  /** When the first login there worked. */
  readonly loginAt?: EpochMs | undefined;
  /** Since when, by the clock that nobody sets, each look has found other GPUs than were offered. */
  readonly wrongSinceMs?: number | undefined;
  readonly isSurelyWrong?: boolean;
  /** When the running machine is looked into next; undefined until that is planned. */
  readonly probeNotBefore?: EpochMs;
  /** Looks that failed one after the other; undefined where the last one did not. */
  readonly misses?: Misses | undefined;
  /** How often a lost key was put back, and when that is tried next: infinite when it was enough. */
  readonly grants?: number;
  readonly grantNotBefore?: EpochMs;
  /** When another machine in the place of a lost one is looked for again. */
  readonly searchNotBefore?: EpochMs;
}

export const NO_PACE: Pace = { locateNotBefore: 0, proveNotBefore: 0, addressAt: undefined };

/** One instance of one session, as an act finds it. */
export interface Target {
  readonly session: Session;
  readonly instance: Instance;
  readonly position: number;
  readonly site: Site;
}

export function paceOf(parts: Pick<StepParts, 'paces'>, id: SessionId): Pace {
  return parts.paces.get(id) ?? NO_PACE;
}

export function setPace(
  parts: Pick<StepParts, 'paces'>,
  id: SessionId,
  change: Partial<Pace>,
): void {
  parts.paces.set(id, { ...paceOf(parts, id), ...change });
}
