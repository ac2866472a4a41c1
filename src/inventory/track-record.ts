import type { OfferId, ProviderApi, ProviderName, Tag } from '../domain/ids.ts';
import { type Estimate, estimateOf } from '../domain/odds/estimate.ts';
import { hiddenUntil } from '../domain/odds/holding.ts';
import { decayed } from '../domain/odds/level-rules.ts';
import { type Correction, correctionFrom } from '../domain/odds/market-correction.ts';
import { type Outcome, outcomeOf } from '../domain/odds/outcome.ts';
import type { Experience } from '../domain/odds/own-chance.ts';
import { LEVELS, type Level, type Place, placeOf } from '../domain/odds/place.ts';
import type { Offer } from '../domain/offer.ts';
import type { Session } from '../domain/session.ts';
import { DAY_MS, type EpochMs, MINUTE_MS } from '../domain/time.ts';
import type { PastAttempt } from '../ports/store.ts';
import { JudgedList } from './judged-list.ts';
import { LaunchPlaces } from './launch-places.ts';

/** Older launches weigh next to nothing, and more of them change nothing. After a restart as many are read again. */
export const REMEMBERED_FOR_MS = 7 * DAY_MS;
export const MAX_LAUNCHES = 5_000;
/** What beliefs come to at a market changes slowly: in this time half of what is known of it is old news. */
const MARKET_MEMORY = { launches: 1, halfLifeMs: 3 * DAY_MS };
/** Of so many launches at least it is known where a long list has to be looked at first. */
const MAX_NEWS = 100;
/** With time alone nothing changes that matters sooner than this. */
const CORRECTION_KEPT_MS = MINUTE_MS;

/** A launch whose outcome is known, with what was believed of it before. */
export interface Launch extends Experience {
  readonly tag: Tag;
  readonly provider: ProviderName;
  readonly api: ProviderApi;
  readonly gpuType: string;
  /** As its adapter had it, with its own record, and as it was shown. 0 to 1. */
  readonly prior: number;
  readonly own: number;
  readonly shown: number;
  /** Set where it was judged to have run before. */
  readonly hasRun: boolean;
}

interface KnownCorrection {
  readonly correction: Correction | undefined;
  readonly until: EpochMs;
}

/**
 * What became of the latest launches, by offer, machine, host, GPU model at a site, and site; and from it how likely an
 * offer's next launch is to serve. It is a memory of the attempts' rows and holds nothing that they do not say, so that it can
 * be lost at any time and read again.
 */
export class TrackRecord {
  /** In the order in which they became known. */
  readonly #launches = new Map<Tag, Launch>();
  readonly #places = new LaunchPlaces<Launch>();
  readonly #byApi = new Map<ProviderApi, Set<Launch>>();
  readonly #corrections = new Map<ProviderApi, KnownCorrection>();
  /** Undefined when it has to be found out anew. */
  #hidden: ReadonlyMap<string, EpochMs> | undefined;
  /** By the list as its adapter gave it. */
  readonly #lists = new WeakMap<readonly Offer[], JudgedList>();
  /** Where the latest launches were judged, oldest first, and how many there were in all. */
  readonly #news: Place[] = [];
  #newsCount = 0;

  /** Takes in what became of the session's attempts. The launches that are judged for the first time, or otherwise than before. */
  learn({ instances, request }: Session, now: EpochMs): readonly Launch[] {
    const news: Launch[] = [];
    for (const attempt of instances) {
      const launch = this.#judge({ attempt, order: request }, now);
      if (launch) news.push(launch);
    }
    return news;
  }

  /** Takes in what rows of earlier processes tell, oldest first; what this one has seen itself stands. */
  recall(attempts: readonly PastAttempt[], now: EpochMs): void {
    const seen = [...this.#launches.values()];
    const seenTags = new Set(seen.map(({ tag }) => tag));
    for (const launch of seen) this.#forget(launch);
    for (const past of attempts) if (!seenTags.has(past.attempt.tag)) this.#judge(past, now);
    for (const launch of seen) this.#remember(launch);
    this.#forgetOld(now);
  }

  /** Offers as their adapter gave them, each with the estimate in the place of the prior; the very same list where none differs. */
  estimated(offers: readonly Offer[], now: EpochMs): readonly Offer[] {
    const list = this.#listOf(offers);
    do this.#judgeSome(list, now);
    while (list.isUnfinished);
    return list.shown;
  }

  /** A part of what {@link estimated} will have to do for a list that it has not seen yet. True while there is more of it. */
  judgeAhead(offers: readonly Offer[], now: EpochMs): boolean {
    const list = this.#listOf(offers);
    if (list.isLong && list.isUnfinished) this.#judgeSome(list, now);
    return list.isLong && list.isUnfinished;
  }

  /** From when on {@link estimated} would tell something else of the same list. It may be past. */
  changesAt(offers: readonly Offer[]): EpochMs {
    return this.#listOf(offers).dueAt;
  }

  /**
   * An offer that was chosen, with what was believed of it, for its launch to be judged by. Of thousands that are only shown
   * nobody asks for that, and another field would cost more than all the rest of an estimate.
   */
  withOdds(shown: Offer, given: Offer, now: EpochMs): Offer {
    const estimate = this.#estimateOf(given, now);
    if (!estimate) return shown;
    return { ...shown, odds: { prior: given.availabilityConfidence, own: estimate.own } };
  }

  /** Machines that nobody should be sent to for now, and until when. */
  hiddenMachines(now: EpochMs): ReadonlyMap<string, EpochMs> {
    // With time alone none is added: what speaks for a machine and what speaks against it fade alike.
    this.#hidden ??= this.#findHidden(now);
    return new Map([...this.#hidden].filter(([, until]) => until > now));
  }

  /** Every place with at least one launch, with its launches, oldest first. */
  *places(): Iterable<readonly [Level, string, readonly Launch[]]> {
    for (const level of LEVELS) {
      for (const [key, { launches }] of this.#places.spotsOf(level)) yield [level, key, launches];
    }
  }

  /** The levels of an offer that is not on the menu, as of its latest launch; undefined where there was none. */
  lastPlaceOf(offerId: OfferId): Place | undefined {
    return this.#places.at('offer', offerId).at(-1)?.place;
  }

  /** Launches that share a level with the place, each once. */
  near(place: Place): readonly Launch[] {
    return this.#places.near(place);
  }

  /** What beliefs come to at a market; undefined where nothing is known of it. */
  correctionAt(api: ProviderApi, now: EpochMs): Correction | undefined {
    const known = this.#corrections.get(api);
    if (known && now < known.until) return known.correction;
    const launches = [...(this.#byApi.get(api) ?? [])];
    const forecasts = launches.map(({ own, outcome }) => ({
      own,
      ran: outcome.kind === 'ran',
      weight: decayed(MARKET_MEMORY, now - outcome.at),
    }));
    const correction = forecasts.length === 0 ? undefined : correctionFrom(forecasts);
    this.#corrections.set(api, { correction, until: now + CORRECTION_KEPT_MS });
    return correction;
  }

  #findHidden(now: EpochMs): ReadonlyMap<string, EpochMs> {
    const hidden = new Map<string, EpochMs>();
    for (const [machine, spot] of this.#places.spotsOf('machine')) {
      // One failure alone never hides a machine, and most have no more.
      if (spot.entries.filter(({ hasRun }) => !hasRun).length < 2) continue;
      const until = hiddenUntil(spot.launches.map(outcomeIn), now);
      if (until !== undefined) hidden.set(machine, until);
    }
    return hidden;
  }

  #listOf(offers: readonly Offer[]): JudgedList {
    const known = this.#lists.get(offers);
    if (known) return known;
    const made = new JudgedList(offers);
    this.#lists.set(offers, made);
    return made;
  }

  #judgeSome(list: JudgedList, now: EpochMs): void {
    const estimate = (offer: Offer): number =>
      this.#estimateOf(offer, now)?.shown ?? offer.availabilityConfidence;
    list.judge(estimate, { news: { places: this.#news, count: this.#newsCount }, now });
  }

  #estimateOf(offer: Offer, now: EpochMs): Estimate | undefined {
    const chance = this.#places.chanceOf(offer, now);
    return estimateOf(offer, { chance, correction: this.correctionAt(offer.api, now), now });
  }

  #judge({ attempt, order }: PastAttempt, now: EpochMs): Launch | undefined {
    const outcome = outcomeOf(attempt, order);
    if (!outcome || outcome.at < now - REMEMBERED_FOR_MS) return undefined;
    const known = this.#launches.get(attempt.tag);
    if (known && isSame(known.outcome, outcome)) return undefined;
    if (known) this.#forget(known);
    const launch = launchOf(attempt, outcome, known);
    this.#remember(launch);
    this.#forgetOld(now);
    return known?.outcome.kind === outcome.kind ? undefined : launch;
  }

  #remember(launch: Launch): void {
    this.#launches.set(launch.tag, launch);
    this.#places.add(launch);
    const there = this.#byApi.get(launch.api) ?? new Set();
    this.#byApi.set(launch.api, there.add(launch));
    this.#corrections.delete(launch.api);
    this.#hidden = undefined;
    this.#news.push(launch.place);
    if (this.#news.length >= 2 * MAX_NEWS) this.#news.splice(0, MAX_NEWS);
    this.#newsCount += 1;
  }

  #forget(launch: Launch): void {
    this.#launches.delete(launch.tag);
    this.#places.remove(launch);
    this.#byApi.get(launch.api)?.delete(launch);
    this.#corrections.delete(launch.api);
    this.#hidden = undefined;
  }

  #forgetOld(now: EpochMs): void {
    for (const launch of this.#launches.values()) {
      const isOld = launch.outcome.at < now - REMEMBERED_FOR_MS;
      if (!isOld && this.#launches.size <= MAX_LAUNCHES) return;
      this.#forget(launch);
    }
  }
}

function launchOf(
  { tag, provider, api, offer }: PastAttempt['attempt'],
  outcome: Outcome,
  known: Launch | undefined,
): Launch {
  const shown = offer.availabilityConfidence;
  const { prior, own } = offer.odds ?? { prior: shown, own: shown };
  const hasRun = known?.outcome.kind === 'ran';
  const facts = { tag, provider, api, gpuType: offer.gpuType, place: placeOf(offer) };
  return { ...facts, outcome, prior, own, shown, hasRun };
}

function outcomeIn({ outcome }: Experience): Outcome {
  return outcome;
}

function isSame(left: Outcome, right: Outcome): boolean {
  return left.kind === right.kind && left.code === right.code && left.at === right.at;
}
