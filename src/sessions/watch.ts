import type { ApiPlace, ProviderInstanceId, SessionId, Tag } from '../domain/ids.ts';
import {
  type Instance,
  type InstancePhase,
  type InstanceState,
  isFinalInstance,
  isHostAway,
  type Observation,
} from '../domain/instance.ts';
import type { Sighting } from '../domain/lifecycle/decide.ts';
import { addressNews, endpointNews, recordLook } from '../domain/lifecycle/serving.ts';
import type { Policy } from '../domain/policy.ts';
import { isExpectedIn, isMassAbsence, type Moment } from '../domain/reconciliation.ts';
import type { Session } from '../domain/session.ts';
import { type EpochMs, MINUTE_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { Store } from '../ports/store.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import type { Incidents } from './incidents.ts';
import type { InstanceLists } from './instance-lists.ts';

export interface WatchParts {
  readonly provider: Provider;
  readonly store: Store;
  readonly lists: InstanceLists;
  readonly incidents: Incidents;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly policy: Policy;
  /** Launches that were of unknown outcome when this process began. */
  readonly soughtBefore: ReadonlySet<Tag>;
  /** Called with every session that a new list may concern. */
  readonly wake: (id: SessionId) => void;
}

interface Listing {
  readonly begun: Moment;
  readonly taken: Moment;
  readonly byId: ReadonlyMap<ProviderInstanceId, Observation>;
  readonly byTag: ReadonlyMap<Tag, Observation>;
}

/** Missing from complete lists, the first of which began then and the last then. */
interface Absence {
  readonly first: Moment;
  readonly last: Moment;
}

interface Look {
  readonly observation: Observation;
  readonly taken: Moment;
}

const MAX_LOOKS = 10_000;
/** Phases in which a machine that was running serves nobody. */
const TROUBLED: readonly InstancePhase[] = ['stopping', 'stopped', 'failed'];

/** Looks that are further apart say nothing of when in between something happened. */
const MAX_GAP_INTERVALS = 4;

/**
 * A large account's list takes many calls. While its sessions just run, no more than one part in five of the time goes into
 * lists, so that calls a minute do not grow with what there is; news of a machine that goes by itself is late by this much at most.
 */
const REST_PER_LIST = 4;
const MAX_REST_MS = 3 * MINUTE_MS;

/**
 * One list call for all sessions at a provider. Keeps what the latest complete list showed, and which instances were
 * missing from it since when; a list that failed, or that misses too much at once, proves no absence.
 */
export class Watch {
  readonly #parts: WatchParts;
  readonly #place: ApiPlace;
  readonly #absences = new Map<ProviderInstanceId, Absence>();
  /**
   * Of launches of unknown outcome that are past the time in which they had to show, and of launches still to be made.
   * By state and tag: that nothing was there before a launch says nothing of after it.
   */
  readonly #tagAbsences = new Map<string, Absence>();
  /** Since when each listed instance that does not serve has been seen so by this process. Monotonic milliseconds. */
  #stoppedSinceMs: ReadonlyMap<ProviderInstanceId, number> = new Map();
  /** The same of those whose host is away. */
  #awaySinceMs: ReadonlyMap<ProviderInstanceId, number> = new Map();
  /** Since when, in this process, each launch of unknown outcome has been looked for. */
  readonly #soughtSinceMs = new Map<Tag, number>();
  /** Single looks that are newer than the list. */
  readonly #looks = new BoundedMap<ProviderInstanceId, Look>(MAX_LOOKS);
  /** When each machine was last started: lists begun before that show it as it was. Monotonic milliseconds. */
  readonly #startedMs = new BoundedMap<ProviderInstanceId, number>(MAX_LOOKS);
  #listing: Listing | undefined;
  /** The one before it. */
  #formerListing: Listing | undefined;
  /** Until then quiet sessions can do without a new list. Monotonic milliseconds. */
  #restUntilMs = 0;
  #loop: Loop | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#place = { provider: parts.provider.name, api: parts.provider.api };
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
    if (id === undefined) return this.#sightingByTag(instance);
    const look = this.#looks.get(id);
    const isNewer = look && look.taken.monotonicMs > (listing?.taken.monotonicMs ?? -1);
    if (isNewer) return this.#seen(look.observation, look.taken, [listing]);
    const observation = listing?.byId.get(id);
    const isOutdated = (listing?.begun.monotonicMs ?? 0) <= (this.#startedMs.get(id) ?? -1);
    if (listing && observation && !isOutdated) {
      return this.#seen(observation, listing.taken, [look, this.#formerListing]);
    }
    return this.#missing(this.#absences.get(id));
  }

  /** When a missing instance was first not listed; undefined when it is not missing. */
  missingSince(id: ProviderInstanceId): EpochMs | undefined {
    return this.#absences.get(id)?.first.at;
  }

  /** A look at one instance that is newer than the list. */
  note(observation: Observation): void {
    this.#absences.delete(observation.id);
    this.#looks.set(observation.id, { observation, taken: this.#now() });
  }

  /** The provider has just said that it starts this machine: what was seen of it before is over. */
  noteStart(id: ProviderInstanceId): void {
    this.#looks.delete(id);
    this.#startedMs.set(id, this.#now().monotonicMs);
  }

  #now(): Moment {
    const { clock } = this.#parts;
    return { at: clock.now(), monotonicMs: clock.monotonicMs() };
  }

  #sightingByTag({ tag, state }: Instance): Sighting {
    const listing = this.#listing;
    const observation = listing?.byTag.get(tag);
    if (listing && observation) return this.#seen(observation, listing.taken, []);
    return this.#missing(this.#tagAbsences.get(soughtKey(state, tag)));
  }

  #seen(
    observation: Observation,
    { at, monotonicMs }: Moment,
    former: readonly (Look | Listing | undefined)[],
  ): Sighting {
    const { id } = observation;
    const since = isHostAway(observation)
      ? this.#awaySinceMs.get(id)
      : this.#stoppedSinceMs.get(id);
    const troubledForMs = since === undefined ? 0 : monotonicMs - since;
    const longestMs = MAX_GAP_INTERVALS * this.#parts.policy.watchIntervalMs;
    const [before] = former
      .filter((one) => one !== undefined)
      .filter((one) => 'observation' in one || one.byId.has(observation.id))
      .map(({ taken }) => monotonicMs - taken.monotonicMs)
      .filter((gapMs) => gapMs > 0 && gapMs <= longestMs)
      .toSorted((left, right) => left - right);
    const seen = { kind: 'seen' as const, observation, at, troubledForMs };
    return before === undefined ? seen : { ...seen, seenBefore: at - before };
  }

  #missing(absence: Absence | undefined): Sighting {
    if (!absence) return { kind: 'unknown' };
    // A clock that was set puts no time between two lists.
    const gapMs = absence.last.monotonicMs - absence.first.monotonicMs;
    const isProven = gapMs >= this.#parts.policy.evidenceGapMs;
    return { kind: 'absent', listedAt: absence.last.at, isProven };
  }

  async #look(): Promise<void> {
    const { provider, store, incidents, lists } = this.#parts;
    // One list is made in any case: what was launched from here and forgotten may be a session's that is now elsewhere.
    const open = await store.openAt(provider.api);
    if (lists.hasListed && open.length === 0) {
      await incidents.clear('mass_absence', this.#place);
      return;
    }
    const started = this.#now();
    if (started.monotonicMs < this.#restUntilMs && this.#isQuiet(open)) return;
    const list = await lists.complete(started);
    if (list) this.#rest(started.monotonicMs);
    // The rows are read after the list, so that an instance which was just launched is not missed in it.
    const sessions = await store.openAt(provider.api);
    this.#seek(sessions, started.monotonicMs);
    if (list) await this.#takeIn(list.listed, started, sessions);
    for (const session of sessions) if (this.#hasNews(session)) this.#parts.wake(session.id);
  }

  #rest(startedMs: number): void {
    const nowMs = this.#now().monotonicMs;
    this.#restUntilMs = nowMs + Math.min(REST_PER_LIST * (nowMs - startedMs), MAX_REST_MS);
  }

  /** Nothing comes up, ends, or is in doubt, so that nobody waits for a list. */
  #isQuiet(sessions: readonly Session[]): boolean {
    return (
      this.#absences.size === 0 &&
      sessions.every(({ status, instances }) =>
        instances.every(
          ({ state, troubledAt }) =>
            isFinalInstance(state) ||
            state === 'preserved' ||
            (state === 'launched' && status === 'running' && troubledAt === undefined),
        ),
      )
    );
  }

  /** Quiet machines cost nothing: a session is woken only where the list shows something that its rows do not say. */
  #hasNews(session: Session): boolean {
    return session.instances.some((instance, position) => {
      if (instance.api !== this.#parts.provider.api || isFinalInstance(instance.state))
        return false;
      if (instance.state === 'unsettled' || instance.troubledAt !== undefined) return true;
      const sighting = this.sightingOf(instance);
      if (instance.state === 'intended') return sighting.kind !== 'unknown';
      if (sighting.kind !== 'seen') return sighting.kind === 'absent';
      const { observation, at } = sighting;
      const isLocated =
        addressNews(session, instance, observation) !== undefined ||
        endpointNews(session, instance, observation) !== undefined;
      const look = { observation, at, rule: this.#parts.provider.billing };
      return isLocated || recordLook(position, look)(session) !== undefined;
    });
  }

  async #takeIn(
    listed: readonly Observation[],
    started: Moment,
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
    const sought = this.#soughtTags(sessions, started);
    if (await this.#noteAbsences(byId, started, sessions)) {
      noteMissing(
        this.#tagAbsences,
        sought.filter(({ tag }) => !byTag.has(tag)).map(({ tag, state }) => soughtKey(state, tag)),
        started,
      );
    } else {
      forgetSeen(this.#absences, byId.keys());
      forgetSeen(this.#tagAbsences, soughtKeys(byTag));
    }
    // What a doubtful list shows is there all the same: new sessions come up while an incident lasts.
    this.#formerListing = this.#listing;
    this.#listing = { begun: started, taken: this.#now(), byId, byTag };
    this.#noteTroubles(listed, this.#listing.taken.monotonicMs);
  }

  /** Where a marketplace hears nothing from most hosts at once, the fault is its own: then none of them counts as away. */
  #noteTroubles(listed: readonly Observation[], nowMs: number): void {
    const away = listed.filter(isHostAway);
    const isOutage = isMassAbsence(listed.length, away.length);
    const stopped = listed.filter(({ phase }) => TROUBLED.includes(phase));
    this.#stoppedSinceMs = stillSince(this.#stoppedSinceMs, stopped, nowMs);
    this.#awaySinceMs = stillSince(this.#awaySinceMs, isOutage ? [] : away, nowMs);
  }

  /**
   * Remembers since when each launch of unknown outcome is looked for; lists that fail take none of its time away. What
   * was unknown before this process began may be held against its stored date too, or restarts would put it off for ever.
   */
  #seek(sessions: readonly Session[], nowMs: number): void {
    const known = new Map(this.#soughtSinceMs);
    this.#soughtSinceMs.clear();
    for (const { api, state, tag } of sessions.flatMap(({ instances }) => instances)) {
      if (api !== this.#place.api || state !== 'unsettled') continue;
      this.#soughtSinceMs.set(tag, known.get(tag) ?? nowMs);
    }
  }

  /**
   * The tags whose absence means something by now: of launches of unknown outcome, once they have had their time to show
   * by both clocks; and of launches that are still to be made.
   */
  #soughtTags(sessions: readonly Session[], { at, monotonicMs }: Moment): readonly Instance[] {
    const { api, settleMs } = this.#parts.provider;
    const here = sessions.flatMap(({ instances }) => instances).filter((one) => one.api === api);
    const isDue = ({ tag, settleBy = 0 }: Instance): boolean => {
      const soughtForMs = monotonicMs - (this.#soughtSinceMs.get(tag) ?? monotonicMs);
      return soughtForMs >= settleMs || (this.#parts.soughtBefore.has(tag) && settleBy <= at);
    };
    return here.filter(
      (one) => one.state === 'intended' || (one.state === 'unsettled' && isDue(one)),
    );
  }

  /** False when so much is missing that the list itself is in doubt. */
  async #noteAbsences(
    byId: ReadonlyMap<ProviderInstanceId, Observation>,
    started: Moment,
    sessions: readonly Session[],
  ): Promise<boolean> {
    const { provider, incidents } = this.#parts;
    const expected = sessions
      .flatMap((session) => session.instances)
      .flatMap((instance) => {
        const id = instance.providerInstanceId;
        const isDue =
          instance.api === provider.api && isExpectedIn(instance, started.at, provider.settleMs);
        return isDue && id !== undefined ? [id] : [];
      });
    const missing = expected.filter((id) => !byId.has(id));
    if (isMassAbsence(expected.length, missing.length)) {
      const counts = { missing: missing.length, expected: expected.length };
      await incidents.raise({ kind: 'mass_absence', ...counts }, this.#place);
      return false;
    }
    await incidents.clear('mass_absence', this.#place);
    noteMissing(this.#absences, missing, started);
    return true;
  }
}

/** Since when each of these has been so; what is not any more is forgotten. */
function stillSince(
  before: ReadonlyMap<ProviderInstanceId, number>,
  now: readonly Observation[],
  nowMs: number,
): ReadonlyMap<ProviderInstanceId, number> {
  return new Map(now.map(({ id }) => [id, before.get(id) ?? nowMs]));
}

/** What is missing from one more complete list keeps the time from which it has been; what is not is forgotten. */
function noteMissing(
  absences: Map<string, Absence>,
  missing: readonly string[],
  listed: Moment,
): void {
  const known = new Map(absences);
  absences.clear();
  for (const key of missing) {
    absences.set(key, { first: known.get(key)?.first ?? listed, last: listed });
  }
}

/** A list that proves no absence still ends those that it refutes. */
function forgetSeen(absences: Map<string, Absence>, seen: Iterable<string>): void {
  for (const key of seen) absences.delete(key);
}

function soughtKey(state: InstanceState, tag: Tag): string {
  return `${state} ${tag}`;
}

function soughtKeys(byTag: ReadonlyMap<Tag, Observation>): readonly string[] {
  return [...byTag.keys()].flatMap((tag) =>
    (['intended', 'unsettled'] as const).map((state) => soughtKey(state, tag)),
  );
}

function byAge(left: Observation, right: Observation): number {
  return (left.createdAt ?? 0) - (right.createdAt ?? 0) || (left.id < right.id ? -1 : 1);
}
