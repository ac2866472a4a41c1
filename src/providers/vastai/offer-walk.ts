import { ProviderFailure } from '../../domain/errors.ts';
import type { EpochMs } from '../../domain/time.ts';
import type { VastaiClient } from './client.ts';
import { INCLUDED_DISK_GB } from './mapping.ts';
import { createOfferDemand } from './offer-demand.ts';
import { createOfferMemory, type OfferMemory, type SeenRow } from './offer-memory.ts';
import {
  absenceFrom,
  filtersOf,
  type Place,
  placeAfter,
  ROWS_PER_SEARCH,
  START,
} from './offer-place.ts';
import type { OfferPage } from './replies.ts';

/** Searches a refresh makes at most, those that fail included: what one minute allows. */
const MAX_SEARCHES = 9;
/** Of those, where the market does not fit into one refresh, so many begin at the cheapest each time. */
const HEAD_SEARCHES = 3;
/** A refresh asks again this often, altogether, when a search is refused or lost. */
const MAX_FAILURES = 3;

export interface OfferWalk {
  /** Verified on-demand offers that can be rented now, as far as is known. Fails when not one search was answered. */
  refresh(): Promise<readonly SeenRow[]>;
  /** What a launch taught: models that are asked for are looked at each time. */
  asked(gpuName: string): void;
  rented(askId: number): void;
  gone(askId: number): void;
}

type Searcher = Pick<VastaiClient, 'search'>;

/**
 * Goes through the market in the order of price. Where it does not fit into one refresh, each one looks at the cheapest and at
 * the models in demand, and goes on in the rest where the last one stopped; what was not looked at stays as it was found, with
 * its age.
 */
export function offerWalk(
  client: Searcher,
  { now, keptMs }: { readonly now: () => EpochMs; readonly keptMs: number },
): OfferWalk {
  const memory = createOfferMemory(now, keptMs);
  const demand = createOfferDemand(now);
  let resumeAt: Place | undefined;
  /** The first time through, the rest is worth more than another look at the cheapest. */
  let hasSeenAll = false;
  return {
    async refresh() {
      const trip = new Trip(client, memory);
      const headSearches = hasSeenAll ? HEAD_SEARCHES : 1;
      const names = hasSeenAll ? demand.names() : [];
      const rest = resumeAt
        ? await walkOn(trip, { resumeAt, headSearches, names })
        : restAfter(await trip.walk(START));
      hasSeenAll ||= rest.hasReachedEnd;
      resumeAt = rest.resumeAt;
      return memory.all();
    },
    asked: (gpuName) => demand.note(gpuName),
    rented: (askId) => memory.forgetMachineOf(askId),
    gone: (askId) => memory.forget(askId),
  };
}

interface Rest {
  /** Where the next refresh goes on; undefined when it is to begin at the cheapest and may reach the end. */
  readonly resumeAt: Place | undefined;
  readonly hasReachedEnd: boolean;
}

function restAfter(resumeAt: Place | undefined): Rest {
  return { resumeAt, hasReachedEnd: resumeAt === undefined };
}

interface Leg {
  readonly resumeAt: Place;
  readonly headSearches: number;
  readonly names: readonly string[];
}

/** First the cheapest, whose answer decides whether the refresh is one; what the searches that are left lead to comes after. */
async function walkOn(trip: Trip, { resumeAt, headSearches, names }: Leg): Promise<Rest> {
  const headEnd = await trip.walk(START, { searches: headSearches });
  // The market has shrunk to what was looked at just now.
  if (headEnd === undefined) return restAfter(headEnd);
  if (names.length > 0) await trip.look(START, names);
  const from = resumeAt.priceUsd > headEnd.priceUsd ? resumeAt : headEnd;
  const tailEnd = await trip.walk(from);
  if (tailEnd !== undefined || from === headEnd) return restAfter(tailEnd);
  const middleEnd = await trip.walk(headEnd, { untilUsd: from.priceUsd });
  return { resumeAt: middleEnd ?? headEnd, hasReachedEnd: true };
}

/** One refresh: so many searches and so many failures, and no more. */
class Trip {
  readonly #client: Searcher;
  readonly #memory: OfferMemory;
  #searchesLeft = MAX_SEARCHES;
  #failuresLeft = MAX_FAILURES;
  #hasRead = false;

  constructor(client: Searcher, memory: OfferMemory) {
    this.#client = client;
    this.#memory = memory;
  }

  /** Where it stopped; undefined when there is nothing more, or nothing more below `untilUsd`. */
  async walk(
    from: Place,
    { searches = MAX_SEARCHES, untilUsd = Number.POSITIVE_INFINITY } = {},
  ): Promise<Place | undefined> {
    let place: Place | undefined = from;
    for (let made = 0; made < searches && place && place.priceUsd <= untilUsd; made += 1) {
      const next = await this.look(place);
      if (next === 'stopped') return place;
      place = next;
    }
    return place && place.priceUsd <= untilUsd ? place : undefined;
  }

  /** One answer, asked for again where that helps. `stopped` when it cannot be had in this refresh. */
  async look(place: Place, names?: readonly string[]): Promise<Place | undefined | 'stopped'> {
    while (this.#searchesLeft > 0) {
      this.#searchesLeft -= 1;
      try {
        return this.#learn(place, await this.#client.search(searchQuery(place, names)), names);
      } catch (error) {
        this.#failuresLeft -= 1;
        if (!this.#bears(error)) throw error;
        // A server that does not take this filter is gone round: the rest of its price is left out.
        if (isRefused(error) && place.kind === 'at') return { ...place, kind: 'above' };
        if (this.#failuresLeft < 0) return 'stopped';
      }
    }
    return 'stopped';
  }

  #learn(place: Place, page: OfferPage, names: readonly string[] | undefined): Place | undefined {
    this.#hasRead = true;
    const absence = absenceFrom(place, page);
    this.#memory.learn(page.rows, (row) =>
      names === undefined || names.includes(row.gpu_name) ? absence(row) : 'unsaid',
    );
    return placeAfter(place, page);
  }

  /**
   * The gate holds the next search back for as long as a refusal asks, so asking again waits by itself. Before anything was
   * read any other failure is the refresh's; after that it costs no more than its own page.
   */
  #bears(error: unknown): boolean {
    if (!(error instanceof ProviderFailure)) return false;
    return this.#hasRead || (error.kind === 'rate_limited' && this.#failuresLeft >= 0);
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof ProviderFailure && error.kind === 'invalid';
}

/** Defaults are sent as well, because sources disagree on what the server adds by itself. */
function searchQuery(
  place: Place,
  names: readonly string[] | undefined,
): Readonly<Record<string, unknown>> {
  return {
    verified: { eq: true },
    rentable: { eq: true },
    rented: { eq: false },
    ...(names === undefined ? {} : { gpu_name: { in: names } }),
    ...filtersOf(place),
    type: 'on-demand',
    order: [
      ['dph_total', 'asc'],
      ['machine_id', 'asc'],
    ],
    limit: ROWS_PER_SEARCH,
    allocated_storage: INCLUDED_DISK_GB,
  };
}
