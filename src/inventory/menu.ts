import type { ProviderName } from '../domain/ids.ts';
import type { Offer } from '../domain/offer.ts';
import type { OfferFilter } from '../domain/offer-filter.ts';
import type { EpochMs } from '../domain/time.ts';
import type { FoundOffers } from './found-offers.ts';

/** What the menu can be ordered by. A leading `-` in the API turns the order round. */
export const SORT_KEYS = [
  'price_per_hour',
  'price_per_gpu_hour',
  'vram_gb',
  'gpu_count',
  'reliability',
  'availability_confidence',
  'expected_cost',
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface MenuQuery {
  /** Each has to hold. Whoever comes with the same objects again is answered sooner. */
  readonly filters: readonly OfferFilter[];
  readonly sort: SortKey;
  readonly descending: boolean;
  /** 1 to 1000. */
  readonly limit: number;
  readonly offset: number;
}

export interface MenuPage extends FoundOffers {
  /** Age of the oldest row on the menu, in milliseconds. */
  readonly ageMs: number;
  /** Providers whose offers are older than they should be, or missing. */
  readonly staleProviders: readonly ProviderName[];
}

/** The offers of all providers, always from memory: no reader waits for a provider. */
export interface Menu {
  query(query: MenuQuery): MenuPage;
  /** One that can be rented, also where the menu shows another API's offer of its site instead. */
  get(offerId: string): Offer | undefined;
  health(): MenuHealth;
  /** The same value for as long as every answer stays the same, apart from ages. */
  edition(): MenuEdition;
}

export interface MenuEdition {
  /** When the oldest row that is shown was read, or the oldest list where all are empty; undefined when nothing is shown. */
  readonly oldestAt: EpochMs | undefined;
}

export interface MenuHealth {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly providers: readonly ProviderHealth[];
}

export interface ProviderHealth {
  readonly name: ProviderName;
  readonly api: string;
  readonly status: 'ok' | 'stale' | 'down';
  readonly lastSuccessAt?: EpochMs;
  readonly offers: number;
  /** Short, in our words. */
  readonly error?: string;
}
