import type { OfferId, ProviderApi, ProviderName } from './ids.ts';
import type { MicroUsd } from './money.ts';
import type { EpochMs } from './time.ts';

/** The parts of an hourly price. A closed set: the ledger has one line a part. */
export const PRICE_PARTS = ['gpu', 'cpu', 'ram', 'disk'] as const;
export type PricePart = (typeof PRICE_PARTS)[number];

/** Micro-dollars an hour, part by part. Parts that a provider does not charge for are 0. */
export type Price = Readonly<Record<PricePart, MicroUsd>>;

/** JSON that only the adapter that made it reads: what it needs again to launch the offer. */
export type AdapterData = Readonly<Record<string, string | number | boolean | null>>;

/** What a marketplace says of an offer in its own words and units, for filters that are written in them. */
export type OfferFacts = Readonly<Record<string, string | number | boolean | null>>;

export const GPU_VENDORS = ['nvidia', 'amd'] as const;
export type GpuVendor = (typeof GPU_VENDORS)[number];

/** The steps from what an adapter knows to {@link Offer.availabilityConfidence}. Each is a probability, 0 to 1. */
export interface OfferOdds {
  /** What the adapter gave. */
  readonly prior: number;
  /** With the age of the row, and what became of launches at this offer and around it. */
  readonly own: number;
}

/** How an offer's machines come up, or do not, as its adapter knows it. Times in milliseconds from the launch. */
export interface StartUp {
  /** To a login where all goes well, without the download of an image. */
  readonly bootMs: number;
  /** By when one that does not come up is given up: a machine to log in to, and a server. */
  readonly readyTimeoutMs: number;
  readonly serverReadyTimeoutMs: number;
  /** Parts of the price that are charged from the creation on. */
  readonly billedParts: readonly PricePart[];
}

/** What a provider would rent now. */
export interface Offer {
  readonly id: OfferId;
  readonly provider: ProviderName;
  readonly api: ProviderApi;
  /** The provider's own id of the offer. */
  readonly providerId: string;
  readonly gpuType: string;
  readonly gpuCount: number;
  /** Where it is known. */
  readonly gpuVendor?: GpuVendor;
  /** Nominal GB per GPU: a card that reports 24,564 MB is 24. */
  readonly vramGb: number;
  /** All-in price for the default disk, vCPU and RAM. */
  readonly price: Price;
  /** Micro-dollars per GB of disk and hour; may be fractional, the product is rounded. */
  readonly diskMicroUsdPerGbHour: number;
  /** GB of disk that {@link price} includes. */
  readonly includedDiskGb: number;
  readonly minDiskGb: number;
  /** GB of disk that the offer can give at most; undefined when the provider does not say. */
  readonly maxDiskGb?: number;
  readonly location: string;
  /** Two upper-case letters, or '' when unknown. */
  readonly country: string;
  /** 0 to 1. */
  readonly reliability: number;
  readonly available: boolean;
  /**
   * Estimated probability, 0 to 1, that a launch now reaches `running` and is not lost through the market within its first
   * minutes. Adapters give what is known without experience; what the menu shows has the broker's own experience in it.
   */
  readonly availabilityConfidence: number;
  /** How the confidence came about; undefined where it is its adapter's. */
  readonly odds?: OfferOdds;
  /** 0 = no limit known. */
  readonly maxDurationHours: number;
  readonly fetchedAt: EpochMs;
  /** `major.minor` as text, because 12.10 is above 12.9. */
  readonly cudaVersion?: string;
  readonly cpuCores?: number;
  readonly ramGb?: number;
  readonly inetDownMbps?: number;
  readonly inetUpMbps?: number;
  /** Micro-dollars per GB that it downloads; undefined where traffic is not charged. */
  readonly downloadMicroUsdPerGb?: MicroUsd;
  /** Undefined where nothing is known of it. */
  readonly startUp?: StartUp;
  /**
   * The physical machine, where the provider tells. One launch at a time is made for it, and a request that failed on
   * it is not tried on it again.
   */
  readonly machineId?: string;
  /** Whoever owns the machine, where the provider tells. */
  readonly hostId?: string;
  /** The data centre that it is in, where the marketplace sells by those: machines there share what goes wrong. */
  readonly siteId?: string;
  /** Its machines get no address of their own: what the provider lists as open is theirs, and no other port of the address. */
  readonly sharesAddress?: true;
  /** How many ports can be opened to the world, SSH's included; undefined = no limit known. */
  readonly maxOpenPorts?: number;
  /** Whether {@link price} is that of a contract which a higher bid takes away; one can be asked for wherever {@link minBid} is known. */
  readonly interruptible: boolean;
  /** The least bid that the market takes now, micro-dollars an hour for the whole offer without its disk. */
  readonly minBid?: MicroUsd;
  /** Its machines can be stopped with their disks kept. */
  readonly preservable?: true;
  /** Offers with the same key are one machine or site seen through two APIs; the menu keeps the first API's. */
  readonly siteKey?: string;
  /** Where the marketplace has templates with filters. */
  readonly facts?: OfferFacts;
  readonly adapterData: AdapterData;
}

export function totalPerHour(price: Price): MicroUsd {
  return PRICE_PARTS.reduce((sum, part) => sum + price[part], 0);
}

/** The disk that is rented and billed when `requestedGb` is asked for: never below the offer's minimum. */
export function billedDiskGb(offer: Offer, requestedGb: number): number {
  return Math.max(requestedGb, offer.minDiskGb);
}

/** The offer's price with another disk size. */
export function priceWithDisk(offer: Offer, requestedGb: number): Price {
  const diskGb = billedDiskGb(offer, requestedGb);
  return { ...offer.price, disk: Math.round(offer.diskMicroUsdPerGbHour * diskGb) };
}
