import type { OfferId, ProviderApi, ProviderName } from '../domain/ids.ts';
import { type Offer, totalPerHour } from '../domain/offer.ts';
import { matchesFilter } from '../domain/offer-filter.ts';
import type { Policy } from '../domain/policy.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import type { Menu, MenuHealth, MenuPage, MenuQuery, ProviderHealth, SortKey } from './menu.ts';

/** Where an offer that turned out to be gone stays off the menu, even when a provider's stale list still has it. */
const WITHDRAWN_FOR_MS = 5 * 60_000;
const MAX_WITHDRAWN = 5_000;
/** For so long an offer that has left the menu is told apart from one that never was on it. */
const REMEMBERED_FOR_MS = 10 * 60_000;
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
}

interface GoneOffer {
  readonly provider: ProviderName;
  readonly at: EpochMs;
}

/** An immutable view of all stock, swapped in whole. */
interface Snapshot {
  readonly generation: number;
  readonly offers: readonly Offer[];
  readonly byId: ReadonlyMap<OfferId, Offer>;
  /** When the first part of it becomes too old to show. */
  readonly validUntil: EpochMs;
}

/** The menu's memory: pollers stock it, readers query it, and a launch that found an offer gone takes it off. */
export class Shelf implements Menu {
  readonly #clock: Clock;
  readonly #policy: Policy;
  readonly #stocks: readonly Stock[];
  readonly #withdrawn = new Map<OfferId, EpochMs>();
  /** What has left the menu. */
  readonly #gone = new BoundedMap<OfferId, GoneOffer>(MAX_REMEMBERED);
  #snapshot: Snapshot = { generation: 0, offers: [], byId: new Map(), validUntil: 0 };

  constructor(options: ShelfOptions) {
    this.#clock = options.clock;
    this.#policy = options.policy;
    this.#stocks = options.sources.map(({ api, name }) => ({
      api,
      name,
      offers: [],
      fetchedAt: undefined,
      error: undefined,
    }));
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
  }

  /** Takes an offer that turned out to be gone off the menu, at once. */
  withdraw(id: OfferId): void {
    this.#putAway(id, WITHDRAWN_FOR_MS);
  }

  /** Takes an offer that was just rented off the menu, until its provider has been read anew. */
  take(id: OfferId): void {
    this.#putAway(id, 2 * this.#policy.offersRefreshMs);
  }

  /** True for an offer that is known to be gone or taken, whatever the provider's list says. */
  isOff(id: OfferId): boolean {
    return (this.#withdrawn.get(id) ?? 0) > this.#clock.now();
  }

  #putAway(id: OfferId, forMs: number): void {
    this.#withdrawn.delete(id);
    this.#withdrawn.set(id, this.#clock.now() + forMs);
    const [oldest] = this.#withdrawn.keys();
    if (this.#withdrawn.size > MAX_WITHDRAWN && oldest !== undefined)
      this.#withdrawn.delete(oldest);
    this.#rebuild();
  }

  /** Everything on offer, for choosing. */
  all(): readonly Offer[] {
    return this.#current().offers;
  }

  /** True until every provider has answered, or failed to, for the first time: what is missing may still come. */
  isFilling(): boolean {
    return this.#stocks.some(
      ({ fetchedAt, error }) => fetchedAt === undefined && error === undefined,
    );
  }

  query(query: MenuQuery): MenuPage {
    const snapshot = this.#current();
    const matching = snapshot.offers
      .filter((offer) => matchesFilter(offer, query.filter))
      .sort(comparator(query.sort, query.descending));
    return {
      offers: matching.slice(query.offset, query.offset + query.limit),
      total: matching.length,
      ageMs: this.#ageMs(),
      staleProviders: this.#staleProviders(),
      generation: snapshot.generation,
    };
  }

  get(id: OfferId): Offer | undefined {
    return this.#current().byId.get(id);
  }

  /** Whose the offer was that was on the menu within the last minutes and is gone; undefined for every other id. */
  goneFrom(id: OfferId): ProviderName | undefined {
    if (this.get(id)) return undefined;
    const gone = this.#gone.get(id);
    return gone && gone.at + REMEMBERED_FOR_MS > this.#clock.now() ? gone.provider : undefined;
  }

  health(): MenuHealth {
    const providers = this.#stocks.map((stock) => this.#healthOf(stock));
    const isDown = providers.every(({ status }) => status === 'down');
    const isOk = providers.every(({ status }) => status === 'ok');
    return { status: isOk ? 'ok' : isDown ? 'down' : 'degraded', providers };
  }

  #stockOf(api: ProviderApi): Stock {
    const stock = this.#stocks.find((candidate) => candidate.api === api);
    if (!stock) throw new Error(`no stock for ${api}`);
    return stock;
  }

  /** The snapshot, after whatever has become too old was taken out of it. */
  #current(): Snapshot {
    if (this.#clock.now() >= this.#snapshot.validUntil) this.#rebuild();
    return this.#snapshot;
  }

  #rebuild(): void {
    const now = this.#clock.now();
    for (const [id, until] of this.#withdrawn) if (until <= now) this.#withdrawn.delete(id);
    const shown = this.#stocks.filter((stock) => this.#expiryOf(stock) > now);
    const byId = this.#merge(shown);
    const validUntil = Math.min(
      Number.MAX_SAFE_INTEGER,
      ...shown.map((stock) => this.#expiryOf(stock)),
      ...this.#withdrawn.values(),
    );
    const generation = this.#snapshot.generation + 1;
    const before = this.#snapshot.offers;
    this.#snapshot = { generation, offers: [...byId.values()], byId, validUntil };
    this.#rememberGone(before, now);
  }

  #rememberGone(before: readonly Offer[], at: EpochMs): void {
    const { byId } = this.#snapshot;
    for (const { id, provider } of before) if (!byId.has(id)) this.#gone.set(id, { provider, at });
  }

  /** Of one site seen through two APIs, and of one id, the first is kept. */
  #merge(stocks: readonly Stock[]): ReadonlyMap<OfferId, Offer> {
    const byId = new Map<OfferId, Offer>();
    const sites = new Set<string>();
    for (const { offers } of stocks) {
      for (const offer of offers) {
        const isTwin = offer.siteKey !== undefined && sites.has(offer.siteKey);
        if (!isTwin && !byId.has(offer.id) && !this.#withdrawn.has(offer.id))
          byId.set(offer.id, offer);
      }
      for (const { siteKey } of offers) if (siteKey !== undefined) sites.add(siteKey);
    }
    return byId;
  }

  #expiryOf(stock: Stock): EpochMs {
    return stock.fetchedAt === undefined ? 0 : stock.fetchedAt + this.#policy.offersMaxAgeMs;
  }

  #ageMs(): number {
    const now = this.#clock.now();
    const fetched = this.#stocks.flatMap(({ fetchedAt }) =>
      fetchedAt === undefined ? [] : [fetchedAt],
    );
    const shown = fetched.filter((at) => at + this.#policy.offersMaxAgeMs > now);
    return shown.length === 0 ? 0 : Math.max(0, now - Math.min(...shown));
  }

  #staleProviders(): readonly ProviderName[] {
    const stale = this.#stocks.filter((stock) => this.#healthOf(stock).status !== 'ok');
    return [...new Set(stale.map(({ name }) => name))];
  }

  /** Stale after three missed refreshes: one slow answer is no news. */
  #healthOf(stock: Stock): ProviderHealth {
    const now = this.#clock.now();
    const staleAfterMs = 3 * this.#policy.offersRefreshMs;
    const isShown = this.#expiryOf(stock) > now;
    const isFresh = stock.fetchedAt !== undefined && now - stock.fetchedAt <= staleAfterMs;
    return {
      name: stock.name,
      api: stock.api,
      status: !isShown ? 'down' : isFresh && stock.error === undefined ? 'ok' : 'stale',
      offers: this.#current().offers.filter(({ api }) => api === stock.api).length,
      ...(stock.fetchedAt === undefined ? {} : { lastSuccessAt: stock.fetchedAt }),
      ...(stock.error === undefined ? {} : { error: stock.error }),
    };
  }
}

const SORT_VALUES: Readonly<Record<SortKey, (offer: Offer) => number>> = {
  price_per_hour: (offer) => totalPerHour(offer.price),
  price_per_gpu_hour: (offer) => totalPerHour(offer.price) / offer.gpuCount,
  vram_gb: (offer) => offer.vramGb,
  gpu_count: (offer) => offer.gpuCount,
  reliability: (offer) => offer.reliability,
  availability_confidence: (offer) => offer.availabilityConfidence,
};

/** Ties are broken by id, whichever way the order runs, so that pages never overlap. */
function comparator(sort: SortKey, descending: boolean): (left: Offer, right: Offer) => number {
  const value = SORT_VALUES[sort];
  const sign = descending ? -1 : 1;
  return (left, right) => {
    const difference = value(left) - value(right);
    if (difference !== 0) return sign * difference;
    return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
  };
}
