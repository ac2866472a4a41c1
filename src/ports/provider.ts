import type { BillingRule } from '../domain/billing.ts';
import type { ProviderApi, ProviderInstanceId, ProviderName, Tag } from '../domain/ids.ts';
import type { Observation } from '../domain/instance.ts';
import type { MicroUsd, Span } from '../domain/money.ts';
import type { Offer } from '../domain/offer.ts';
import type { Template } from '../domain/template.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Workload } from '../domain/workload.ts';
import type { Origin } from './origin.ts';

/**
 * One API of a marketplace. Every method makes its calls within the provider's rate limits, each under a deadline
 * that begins when the rate limit lets it go, and fails with nothing but `ProviderFailure`. What differs between providers is a field or a method
 * here; nothing above this port knows a provider by name.
 */
export interface Provider {
  readonly api: ProviderApi;
  /** The marketplace's public name; two APIs of one marketplace share it. */
  readonly name: ProviderName;
  readonly billing: BillingRule;
  /** How long an instance may take from the launch to a login, in milliseconds, boot delay included. */
  readonly readyTimeoutMs: number;
  /** How long one with an address may take to a login, in milliseconds, unless it is given less for every provider. */
  readonly loginTimeoutMs: number;
  /**
   * How long after the first login GPUs may still take to be usable, in milliseconds, where that is waited for: images that come
   * without a driver get theirs at the first boot.
   */
  readonly driverTimeoutMs: number;
  /**
   * How long one may take from the launch until the container of an `entrypoint` workload answers over HTTP, in
   * milliseconds: the machine's boot, whatever it lacks, the image's pull, and a model's download and load.
   */
  readonly serverReadyTimeoutMs: number;
  /** How long after a launch of unknown outcome its instance may still appear, in milliseconds. */
  readonly settleMs: number;

  /** Everything on offer now, mapped and re-checked; one bad row is dropped, not the list. */
  offers(): Promise<readonly Offer[]>;

  /**
   * Rents one instance that carries `order.tag`, the tag sent in the launch call itself. A failure with
   * `outcome: 'unknown'` (time-out, reset, 5xx, cut or unreadable body) may have rented it. A failure that names
   * a `leftover` has rented something that must be ended. Never repeats a call that may have taken effect; an adapter
   * may ask again, a few times at most and in another way, after a refusal that is certain.
   */
  launch(order: LaunchOrder): Promise<LaunchReceipt>;

  /**
   * Puts the session's public key in, where that is a call of its own; returns at once where the launch did it.
   * Safe to repeat.
   */
  grantAccess(id: ProviderInstanceId, publicKey: string, about?: CallSubject): Promise<void>;

  /** Set where {@link grantAccess} does nothing: a key that is lost later cannot be put back by a call. */
  readonly keysAtLaunchOnly?: true;

  /**
   * Every instance of the account, all pages. Fails when any page fails, is short or unreadable: what it returns
   * is complete. Others' instances are included; callers look at the tag.
   */
  list(): Promise<readonly Observation[]>;

  /** One instance with its address and port mapping; undefined only when the provider says that it does not exist. */
  get(id: ProviderInstanceId, about?: CallSubject): Promise<Observation | undefined>;

  /**
   * Asks for the end. Returns when the provider accepted or says that the instance does not exist. Acceptance is
   * no proof: `get` until undefined. Goes ahead of every other call in the rate limiter.
   */
  terminate(id: ProviderInstanceId, about?: CallSubject): Promise<void>;

  /** Undefined where the API cannot stop a machine and keep its disk. */
  readonly power?: PowerSwitch;

  /** What is left on the account, where the API tells; undefined where it does not. */
  balance(): Promise<AccountStatement | undefined>;

  /**
   * What the provider itself says it has charged for each instance that was billed within the window, ended ones too;
   * complete or a failure. Undefined where the API does not tell.
   */
  readonly charges?: (window: Span) => Promise<readonly Charge[]>;
  /**
   * Set where {@link charges} are told by another API of the same account, of which nobody knows whether it tells of all of
   * this one's machines: one that they leave out is not thereby free of charge.
   */
  readonly chargesMayMiss?: true;

  /** Undefined where the marketplace has no templates. */
  readonly templates?: TemplateCatalogue;
}

/** What a call is made for. It is recorded with the call, and nothing of it is sent. */
export interface CallSubject {
  /** Of the instance that it is about. */
  readonly tag?: Tag;
  /** The request that waits for its answer. */
  readonly origin?: Origin;
}

/** Stops machines with their disks kept, and starts them again. */
export interface PowerSwitch {
  /**
   * Asks that the machine stop, its disk be kept and its GPUs be given back. Returns when the provider accepted, or when it
   * is stopped already; a start that is queued is withdrawn. Safe to repeat. Acceptance is no proof: look until `stopped`.
   */
  stop(id: ProviderInstanceId, about?: CallSubject): Promise<void>;
  /**
   * Asks that a stopped machine run again where it is, at the bid that it was rented with, if it was. Safe to repeat. `no_capacity` with
   * `not_done` when its GPUs are somebody else's by now, or more is paid for them than was bid: then nothing is left queued
   * that could start, and be billed, later.
   */
  start(id: ProviderInstanceId, bid?: Bid, about?: CallSubject): Promise<void>;
}

/** An account, as its provider shows it at one moment. */
export interface AccountStatement {
  /** Micro-dollars left on it. */
  readonly amount: MicroUsd;
  /** Micro-dollars an hour that everything on the account runs up, other people's machines included, where the provider tells. */
  readonly burnPerHour?: MicroUsd;
}

/** What is bid for a machine. */
export interface Bid {
  readonly offer: Offer;
  /** Micro-dollars an hour for the machine without its disk. */
  readonly perHour: MicroUsd;
}

/** What a provider has charged for one instance. */
export interface Charge {
  readonly id: ProviderInstanceId;
  /**
   * Everything charged for it within the window that was asked for, parts and traffic together. A provider that books by the
   * day or the month counts the whole of each that the window touches.
   */
  readonly total: MicroUsd;
  /** The part of {@link total} that is traffic; 0 where the provider does not charge or does not tell. */
  readonly traffic: MicroUsd;
}

/** The templates that a marketplace offers. */
export interface TemplateCatalogue {
  /** Those that the marketplace itself recommends, whole. One bad row is dropped, not the list. */
  recommended(): Promise<readonly Template[]>;
  /** One by its content hash, recommended or not; undefined when the marketplace has none such. */
  find(hashId: string, about?: CallSubject): Promise<Template | undefined>;
}

export interface LaunchOrder {
  readonly tag: Tag;
  readonly offer: Offer;
  /** GB, already at least the offer's minimum. */
  readonly diskGb: number;
  /** OpenSSH one-line form, no newline. */
  readonly publicKey: string;
  readonly workload: Workload;
  /**
   * Set where nobody is told that the machine runs before its GPUs can be used: what its image lacks for that is put in at the
   * first boot, with a reboot where it has to be.
   */
  readonly needsGpus?: true;
  /**
   * Micro-dollars an hour bid for the machine without its disk; the contract is then interruptible. Undefined = on demand,
   * and nothing of a bid may be sent.
   */
  readonly bidPerHour?: MicroUsd;
}

export interface LaunchReceipt {
  readonly id: ProviderInstanceId;
  /** When the provider made it, where the answer tells. */
  readonly createdAt?: EpochMs;
}
