import type { ProviderInstanceId, SessionId, Tag } from '../domain/ids.ts';
import { type Instance, isFinalInstance, type Observation } from '../domain/instance.ts';
import type { Sighting } from '../domain/lifecycle/decide.ts';
import { recordLook } from '../domain/lifecycle/serving.ts';
import type { Policy } from '../domain/policy.ts';
import { isExpectedIn, isMassAbsence } from '../domain/reconciliation.ts';
import type { Session } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Store } from '../ports/store.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import { completeList } from './complete-list.ts';
import type { SessionBook } from './session-book.ts';

export interface WatchParts {
  readonly provider: Provider;
  readonly store: Store;
  readonly book: SessionBook;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly policy: Policy;
  /** Called with every session that a new list may concern. */
  readonly wake: (id: SessionId) => void;
}

interface Listing {
  readonly at: EpochMs;
  readonly byId: ReadonlyMap<ProviderInstanceId, Observation>;
  readonly byTag: ReadonlyMap<Tag, Observation>;
}

interface Absence {
  readonly firstListedAt: EpochMs;
  readonly lastListedAt: EpochMs;
}

interface Look {
  readonly observation: Observation;
  readonly at: EpochMs;
}

const MAX_LOOKS = 10_000;
/** An incident that lasts is told again this often: enough for an alert, few enough to keep. */
const INCIDENT_REPEAT_MS = 60_000;

/**
 * One list call for all sessions at a provider. Keeps what the latest complete list showed, and which instances were
 * missing from it since when; a list that failed, or that misses too much at once, proves no absence.
 */
export class Watch {
  readonly #parts: WatchParts;
  readonly #absences = new Map<ProviderInstanceId, Absence>();
  /** Tags of launches of unknown outcome that are past the time in which they had to show. */
  readonly #tagAbsences = new Map<Tag, Absence>();
  /** Single looks that are newer than the list. */
  readonly #looks = new BoundedMap<ProviderInstanceId, Look>(MAX_LOOKS);
  #listing: Listing | undefined;
  #tellNextAtMs = 0;
  #loop: Loop | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock, recorder, provider, policy } = this.#parts;
    this.#loop = startLoop({
      name: `watch ${provider.api}`,
      clock,
      recorder,
      intervalMs: () => policy.watchIntervalMs,
      body: () => this.#look(),
    });
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  sightingOf(instance: Instance): Sighting {
    const id = instance.providerInstanceId;
    const listing = this.#listing;
    if (id === undefined) return this.#sightingByTag(instance.tag);
    const look = this.#looks.get(id);
    if (look && (!listing || look.at > listing.at)) return { kind: 'seen', ...look };
    const observation = listing?.byId.get(id);
    if (listing && observation) return { kind: 'seen', observation, at: listing.at };
    return this.#missing(this.#absences.get(id));
  }

  /** When a missing instance was first not listed; undefined when it is not missing. */
  missingSince(id: ProviderInstanceId): EpochMs | undefined {
    return this.#absences.get(id)?.firstListedAt;
  }

  /** A look at one instance that is newer than the list. */
  note(observation: Observation): void {
    this.#absences.delete(observation.id);
    this.#looks.set(observation.id, { observation, at: this.#parts.clock.now() });
  }

  #sightingByTag(tag: Tag): Sighting {
    const listing = this.#listing;
    const observation = listing?.byTag.get(tag);
    if (listing && observation) return { kind: 'seen', observation, at: listing.at };
    return this.#missing(this.#tagAbsences.get(tag));
  }

  #missing(absence: Absence | undefined): Sighting {
    if (!absence) return { kind: 'unknown' };
    const gapMs = absence.lastListedAt - absence.firstListedAt;
    const isProven = gapMs >= this.#parts.policy.evidenceGapMs;
    return { kind: 'absent', listedAt: absence.lastListedAt, isProven };
  }

  async #look(): Promise<void> {
    const { provider, store, clock } = this.#parts;
    if ((await store.openAt(provider.api)).length === 0) return;
    const startedAt = clock.now();
    const listed = await completeList(provider);
    // The rows are read after the list, so that an instance which was just launched is not missed in it.
    const sessions = await store.openAt(provider.api);
    if (listed) await this.#takeIn(listed, startedAt, sessions);
    for (const session of sessions) if (this.#hasNews(session)) this.#parts.wake(session.id);
  }

  /** Quiet machines cost nothing: a session is woken only where the list shows something that its rows do not say. */
  #hasNews(session: Session): boolean {
    return session.instances.some((instance, position) => {
      if (instance.api !== this.#parts.provider.api || isFinalInstance(instance.state))
        return false;
      if (instance.state === 'unsettled' || instance.troubledAt !== undefined) return true;
      const sighting = this.sightingOf(instance);
      if (instance.state === 'intended') return sighting.kind === 'seen';
      if (sighting.kind !== 'seen') return sighting.kind === 'absent';
      const { observation, at } = sighting;
      const isLocated = instance.address === undefined && observation.address !== undefined;
      const look = { observation, at, rule: this.#parts.provider.billing };
      return isLocated || recordLook(position, look)(session) !== undefined;
    });
  }

  async #takeIn(
    listed: readonly Observation[],
    startedAt: EpochMs,
    sessions: readonly Session[],
  ): Promise<void> {
    const byId = new Map(listed.map((observation) => [observation.id, observation]));
    // The earliest of two under one tag is adopted; the other one is a stray for the sweep.
    const byTag = new Map<Tag, Observation>();
    for (const observation of listed.toSorted(byAge)) {
      if (observation.tag !== undefined && !byTag.has(observation.tag)) {
        byTag.set(observation.tag, observation);
      }
    }
    if (await this.#noteAbsences(byId, startedAt, sessions)) {
      const unsettled = this.#unsettledTags(sessions, startedAt);
      noteMissing(
        this.#tagAbsences,
        unsettled.filter((tag) => !byTag.has(tag)),
        startedAt,
      );
    } else {
      forgetSeen(this.#absences, byId);
      forgetSeen(this.#tagAbsences, byTag);
    }
    // What a doubtful list shows is there all the same: new sessions come up while an incident lasts.
    this.#listing = { at: this.#parts.clock.now(), byId, byTag };
  }

  #unsettledTags(sessions: readonly Session[], listedAt: EpochMs): readonly Tag[] {
    const { api } = this.#parts.provider;
    return sessions
      .flatMap((session) => session.instances)
      .filter((instance) => instance.api === api && instance.state === 'unsettled')
      .filter(({ settleBy, intendedAt }) => (settleBy ?? intendedAt) <= listedAt)
      .map((instance) => instance.tag);
  }

  /** False when so much is missing that the list itself is in doubt. */
  async #noteAbsences(
    byId: ReadonlyMap<ProviderInstanceId, Observation>,
    startedAt: EpochMs,
    sessions: readonly Session[],
  ): Promise<boolean> {
    const { provider, book, clock } = this.#parts;
    const expected = sessions
      .flatMap((session) => session.instances)
      .flatMap((instance) => {
        const id = instance.providerInstanceId;
        const isDue =
          instance.api === provider.api && isExpectedIn(instance, startedAt, provider.settleMs);
        return isDue && id !== undefined ? [id] : [];
      });
    const missing = expected.filter((id) => !byId.has(id));
    if (isMassAbsence(expected.length, missing.length)) {
      const { name, api } = provider;
      const counts = { missing: missing.length, expected: expected.length };
      if (clock.monotonicMs() >= this.#tellNextAtMs) {
        this.#tellNextAtMs = clock.monotonicMs() + INCIDENT_REPEAT_MS;
        await book.append([
          { kind: 'mass_absence', at: clock.now(), provider: name, api, ...counts },
        ]);
      }
      return false;
    }
    noteMissing(this.#absences, missing, startedAt);
    return true;
  }
}

/** What is missing from one more complete list keeps the time from which it has been; what is not is forgotten. */
function noteMissing(
  absences: Map<string, Absence>,
  missing: readonly string[],
  listedAt: EpochMs,
): void {
  const known = new Map(absences);
  absences.clear();
  for (const key of missing) {
    const firstListedAt = known.get(key)?.firstListedAt ?? listedAt;
    absences.set(key, { firstListedAt, lastListedAt: listedAt });
  }
}

/** A list that proves no absence still ends those that it refutes. */
function forgetSeen(absences: Map<string, Absence>, seen: ReadonlyMap<string, Observation>): void {
  for (const key of seen.keys()) absences.delete(key);
}

function byAge(left: Observation, right: Observation): number {
  return (left.createdAt ?? 0) - (right.createdAt ?? 0) || (left.id < right.id ? -1 : 1);
}
