import type { OfferId, ProviderApi, ProviderName } from '../domain/ids.ts';
import type { Offer } from '../domain/offer.ts';
import type { Policy } from '../domain/policy.ts';
import type { Ranking } from '../domain/ranking.ts';
import { type EpochMs, MINUTE_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { Claims } from './claims.ts';
import { Departed } from './departed.ts';
import type { Menu, MenuEdition, MenuHealth, MenuPage, MenuQuery, ProviderHealth } from './menu.ts';
import { type MergedStocks, mergeStocks } from './merge-stocks.ts';
import { OfferIndex } from './offer-index.ts';
import type { TrackRecord } from './track-record.ts';

/** Where an offer that turned out to be gone stays off the menu, even when a provider's stale list still has it. */
const WITHDRAWN_FOR_MS = 5 * MINUTE_MS;
const MAX_WITHDRAWN = 5_000;
/** For so long an offer that has left the menu is told apart from one that never was on it. */
const REMEMBERED_FOR_MS = 10 * MINUTE_MS;
const MAX_REMEMBERED = 5_000;

interface Stock {
  readonly api: ProviderApi;
  readonly name: ProviderName;
  offers: readonly Offer[];
  fetchedAt: EpochMs | undefined;
  error: string | undefined;
}

export interface ShelfOptions {
  /** In order of preference: of one site seen through two APIs the first one's offer is shown. */
  readonly sources: readonly { readonly api: ProviderApi; readonly name: ProviderName }[];
  readonly clock: Clock;
  readonly policy: Policy;
  /** What is known of launches: estimates on the menu are made of it, and machines that failed hard are left out. */
  readonly record: TrackRecord;
  /** Undefined: what fits is tried in the order of its expected cost. */
  readonly ranking?: Ranking;
}

/** Why, and until when, an offer is off the menu although its provider lists it. */
interface PutAway {
  readonly reason: 'gone' | 'taken';
  readonly until: EpochMs;
}

interface GoneOffer {
  readonly provider: ProviderName;
  readonly at: EpochMs;
}

/** An immutable view of all stock, swapped in whole. */
interface Snapshot extends MergedStocks {
  readonly offers: readonly Offer[];
  /** Offers are taken out of it, and out of the map by id, as they are taken off the menu. */
  readonly index: OfferIndex;
  readonly offersByApi: ReadonlyMap<ProviderApi, number>;
  /** When its oldest row was read; undefined when there is none. */
  readonly oldestRowAt: EpochMs | undefined;
  /** When the first part of it becomes too old to show. */
  readonly validUntil: EpochMs;
}

/** How good the stock is, which changes with time alone, and with failures. Swapped in whole. */
interface Standing extends MenuEdition {
  readonly snapshot: Snapshot;
  readonly health: MenuHealth;
  readonly staleProviders: readonly ProviderName[];
  /** It holds from the one moment until before the other. */
  readonly from: EpochMs;
  readonly until: EpochMs;
}

const NOTHING: Snapshot = {
  offers: [],
  byId: new Map(),
  hidden: [],
  index: new OfferIndex([]),
  offersByApi: new Map(),
  oldestRowAt: undefined,
  validUntil: 0,
};

/** The menu's memory: pollers stock it, readers query it, and a launch that found an offer gone takes it off. */
export class Shelf implements Menu {
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #record: TrackRecord;
  readonly #stocks: readonly Stock[];
  readonly #withdrawn = new Map<OfferId, PutAway>();
  /** What has left the menu. */
  readonly #gone = new BoundedMap<OfferId, GoneOffer>(MAX_REMEMBERED);
  readonly #departed = new Departed();
  readonly claims = new Claims();
  readonly ranking: Ranking | undefined;
  #snapshot: Snapshot = NOTHING;
  #isOutdated = false;
  #standing: Standing | undefined;

  constructor(options: ShelfOptions) {
    this.#clock = options.clock;
    this.#policy = options.policy;
    this.#record = options.record;
    this.ranking = options.ranking;
    this.#stocks = options.sources.map(({ api, name }) => ({
      api,
      name,
      offers: [],
      fetchedAt: undefined,
      error: undefined,
    }));
  }

  /** A part of the work that {@link stock} would have with a long list. True while there is more of it. */
  prepare(offers: readonly Offer[], now: EpochMs): boolean {
    return this.#record.judgeAhead(offers, now);
  }

  stock(api: ProviderApi, offers: readonly Offer[], fetchedAt: EpochMs): void {
    const stock = this.#stockOf(api);
    stock.offers = offers;
    stock.fetchedAt = fetchedAt;
    stock.error = undefined;
    this.#rebuild();
  }

  /** The last good offers stay, with their age shown, until they are too old. */
  fail(api: ProviderApi, error: string): void {
    this.#stockOf(api).error = error;
    this.#standing = undefined;
  }

  /** Takes an offer that turned out to be gone off the menu, at once. */
  withdraw(id: OfferId): void {
    this.#putAway(id, { reason: 'gone', until: this.#clock.now() + WITHDRAWN_FOR_MS });
  }

  /** Takes an offer that was just rented off the menu, until its provider has been read anew. */
  take(id: OfferId): void {
    const until = this.#clock.now() + 2 * this.#policy.offersRefreshMs;
    this.#putAway(id, { reason: 'taken', until });
  }

  /** The record has news: whoever asks next is shown what follows from it. */
  reconsider(): void {
    this.#isOutdated = true;
  }

  /** True for an offer that is known to be gone or taken, whatever the provider's list says. */
  isOff(id: OfferId): boolean {
    return (this.#withdrawn.get(id)?.until ?? 0) > this.#clock.now();
  }

  /** Until when each offer that turned out to be gone stays off the menu. */
  withdrawn(): ReadonlyMap<OfferId, EpochMs> {
    const now = this.#clock.now();
    const gone = [...this.#withdrawn].filter(
      ([, { reason, until }]) => reason === 'gone' && until > now,
    );
    return new Map(gone.map(([id, { until }]) => [id, until]));
  }

  #putAway(id: OfferId, putAway: PutAway): void {
    this.#withdrawn.delete(id);
    this.#withdrawn.set(id, putAway);
    const [oldest] = this.#withdrawn.keys();
    const isFull = this.#withdrawn.size > MAX_WITHDRAWN && oldest !== undefined;
    if (isFull) this.#withdrawn.delete(oldest);
    // What another API has of its site goes with it, and what was pushed out comes back.
    if (isFull || this.#snapshot.hidden.length > 0) this.#rebuild();
    else this.#takeOff(id, putAway.until);
  }

  /** As a rebuild would, without a look at the other thousands: whole markets are rented in one go. */
  #takeOff(id: OfferId, until: EpochMs): void {
    const { byId, offers, index, validUntil } = this.#snapshot;
    const offer = byId.get(id);
    const left = offer ? offers.filter((one) => one !== offer) : offers;
    if (offer) index.remove(offer);
    byId.delete(id);
    this.#snapshot = {
      ...this.#snapshot,
      offers: left,
      offersByApi: countByApi(left),
      oldestRowAt: oldestOf(left),
      validUntil: Math.min(validUntil, until),
    };
    this.#standing = undefined;
    if (offer) this.#rememberGone([offer], this.#clock.now());
  }

  /** Everything on the menu. */
  all(): readonly Offer[] {
    return this.#current().offers;
  }

  /**
   * Everything that can be rented, for choosing: behind the menu's offers those of the same sites through another API, which
   * may do where the menu's own do not.
   */
  choices(): readonly Offer[] {
    const { offers, hidden } = this.#current();
    return hidden.length === 0 ? offers : [...offers, ...hidden];
  }

  /** The same value for as long as {@link choices} are the same. */
  stand(): object {
    return this.#current();
  }

  /** True until every provider has answered, or failed to, for the first time: what is missing may still come. */
  isFilling(): boolean {
    return this.#stocks.some(
      ({ fetchedAt, error }) => fetchedAt === undefined && error === undefined,
    );
  }

  query(query: MenuQuery): MenuPage {
    const { snapshot, staleProviders, oldestAt } = this.#now();
    const { listed, positions, total } = snapshot.index.query(query);
    return {
      listed,
      positions,
      total,
      ageMs: oldestAt === undefined ? 0 : Math.max(0, this.#clock.now() - oldestAt),
      staleProviders,
    };
  }

  edition(): MenuEdition {
    return this.#now();
  }

  /** One of {@link choices}: a plan names them all, and what it names can be asked for. */
  get(id: OfferId): Offer | undefined {
    const { byId, hidden } = this.#current();
    return byId.get(id) ?? hidden.find((offer) => offer.id === id);
  }

  /** The offer as its provider lists it, on the menu or not. */
  listed(id: OfferId): Offer | undefined {
    for (const { offers } of this.#stocks) {
      const found = offers.find((offer) => offer.id === id);
      if (found) return found;
    }
    return undefined;
  }

  /** An offer that was chosen, as it is kept with its launch: with what was believed of it. */
  withOdds(offer: Offer): Offer {
    const given = this.listed(offer.id);
    return given ? this.#record.withOdds(offer, given, this.#clock.now()) : offer;
  }

  /** Whose the offer was that was on the menu within the last minutes and is gone; undefined for every other id. */
  goneFrom(id: OfferId): ProviderName | undefined {
    if (this.get(id)) return undefined;
    const gone = this.#gone.get(id);
    return gone && gone.at + REMEMBERED_FOR_MS > this.#clock.now() ? gone.provider : undefined;
  }

  /** The last offer of these that was on the market within the last day and is not now. */
  lastSeen(isMatch: (offer: Offer) => boolean): Offer | undefined {
    return this.#departed.last(isMatch, this.#clock.now());
  }

  health(): MenuHealth {
    return this.#now().health;
  }

  #stockOf(api: ProviderApi): Stock {
    const stock = this.#stocks.find((candidate) => candidate.api === api);
    if (!stock) throw new Error(`no stock for ${api}`);
    return stock;
  }

  /** The snapshot, after whatever has become too old was taken out of it. */
  #current(): Snapshot {
    const isOld = this.#isOutdated || this.#clock.now() >= this.#snapshot.validUntil;
    if (isOld) this.#rebuild();
    return this.#snapshot;
  }

  /** The snapshot, and how good it is at this moment. */
  #now(): Standing {
    const now = this.#clock.now();
    const snapshot = this.#current();
    const last = this.#standing;
    if (last && last.snapshot === snapshot && last.from <= now && now < last.until) return last;
    this.#standing = this.#standingAt(now, snapshot);
    return this.#standing;
  }

  #standingAt(now: EpochMs, snapshot: Snapshot): Standing {
    const providers = this.#stocks.map((stock) => this.#healthOf(stock, now));
    const isDown = providers.every(({ status }) => status === 'down');
    const isOk = providers.every(({ status }) => status === 'ok');
    const stale = providers.filter(({ status }) => status !== 'ok');
    const shown = this.#stocks.filter((stock) => this.#expiryOf(stock) > now);
    const turns = this.#stocks.flatMap((stock) => [this.#staleAt(stock), this.#expiryOf(stock)]);
    return {
      snapshot,
      health: { status: isOk ? 'ok' : isDown ? 'down' : 'degraded', providers },
      staleProviders: [...new Set(stale.map(({ name }) => name))],
      oldestAt: snapshot.oldestRowAt ?? oldestOf(shown),
      from: Math.max(...turns.filter((at) => at <= now)),
      until: Math.min(...turns.filter((at) => at > now)),
    };
  }

  #rebuild(): void {
    const now = this.#clock.now();
    this.#isOutdated = false;
    for (const [id, { until }] of this.#withdrawn) if (until <= now) this.#withdrawn.delete(id);
    const stocks = this.#stocks.filter((stock) => this.#expiryOf(stock) > now);
    const judged = stocks.map(({ offers }) => this.#record.estimated(offers, now));
    const shown = judged.map((offers) => ({
      offers: offers.filter((offer) => this.#expiryOf(offer) > now),
    }));
    const machines = this.#record.hiddenMachines(now);
    const { byId, hidden } = mergeStocks(
      shown,
      ({ id, machineId }) =>
        this.#withdrawn.has(id) || (machineId !== undefined && machines.has(machineId)),
    );
    const validUntil = Math.min(
      Number.MAX_SAFE_INTEGER,
      ...this.#stocks.map((stock) => this.#expiryOf(stock)).filter((at) => at > now),
      this.#nextExpiry(shown),
      ...[...this.#withdrawn.values()].map(({ until }) => until),
      ...machines.values(),
      // What was left for later is asked for with the next question, and not with this one again.
      ...stocks.map(({ offers }) => Math.max(now + 1, this.#record.changesAt(offers))),
    );
    const before = this.#snapshot.offers;
    const offers = [...byId.values()];
    const index = new OfferIndex(offers);
    this.#snapshot = {
      offers,
      byId,
      hidden,
      index,
      offersByApi: countByApi(offers),
      oldestRowAt: oldestOf(offers),
      validUntil,
    };
    this.#standing = undefined;
    this.#rememberGone(before, now);
  }

  #rememberGone(before: readonly Offer[], at: EpochMs): void {
    const { byId } = this.#snapshot;
    const gone = before.filter(({ id }) => !byId.has(id));
    // Of more than are remembered the first would only be pushed out by the last, one by one.
    for (const { id, provider } of gone.slice(-MAX_REMEMBERED))
      this.#gone.set(id, { provider, at });
    this.#departed.note(before, byId);
  }

  /** Of a stock as a whole, and of an offer: a list may hold rows that an earlier refresh has read. */
  #expiryOf({ fetchedAt }: { readonly fetchedAt: EpochMs | undefined }): EpochMs {
    return fetchedAt === undefined ? 0 : fetchedAt + this.#policy.offersMaxAgeMs;
  }

  #nextExpiry(stocks: readonly { readonly offers: readonly Offer[] }[]): EpochMs {
    let next = Number.MAX_SAFE_INTEGER;
    for (const { offers } of stocks) {
      for (const offer of offers) next = Math.min(next, this.#expiryOf(offer));
    }
    return next;
  }

  /** Stale after three missed refreshes: one slow answer is no news. */
  #staleAt({ fetchedAt }: Stock): EpochMs {
    return fetchedAt === undefined ? 0 : fetchedAt + 3 * this.#policy.offersRefreshMs + 1;
  }

  #healthOf(stock: Stock, now: EpochMs): ProviderHealth {
    const isShown = this.#expiryOf(stock) > now;
    const isFresh = now < this.#staleAt(stock);
    return {
      name: stock.name,
      api: stock.api,
      status: !isShown ? 'down' : isFresh && stock.error === undefined ? 'ok' : 'stale',
      offers: this.#snapshot.offersByApi.get(stock.api) ?? 0,
      ...(stock.fetchedAt === undefined ? {} : { lastSuccessAt: stock.fetchedAt }),
      ...(stock.error === undefined ? {} : { error: stock.error }),
    };
  }
}

function oldestOf(
  read: readonly { readonly fetchedAt: EpochMs | undefined }[],
): EpochMs | undefined {
  let oldest: EpochMs | undefined;
  for (const { fetchedAt } of read) {
    if (oldest === undefined || (fetchedAt !== undefined && fetchedAt < oldest)) oldest = fetchedAt;
  }
  return oldest;
}

function countByApi(offers: readonly Offer[]): ReadonlyMap<ProviderApi, number> {
  const counts = new Map<ProviderApi, number>();
  for (const { api } of offers) counts.set(api, (counts.get(api) ?? 0) + 1);
  return counts;
}
