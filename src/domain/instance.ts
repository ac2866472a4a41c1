import type { CostEntry } from './cost-entry.ts';
import type { FailureKind } from './errors.ts';
import type { ProviderApi, ProviderInstanceId, ProviderName, SessionId, Tag } from './ids.ts';
import type { Mismatch } from './machine-check.ts';
import type { MachineReport } from './machine-report.ts';
import type { MicroUsd } from './money.ts';
import type { Offer, Price } from './offer.ts';
import type { EpochMs } from './time.ts';

/** Where to log in. */
export interface SshAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** Where a container's port is reached from outside. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A port of the machine's or its container's that is open to the world. */
export interface OpenPort extends Endpoint {
  /** As the program inside knows it. */
  readonly internal: number;
}

/** What a provider's machine is doing, in our words. `failed` will not come up; `unknown` says nothing. */
export type InstancePhase = 'starting' | 'running' | 'stopping' | 'stopped' | 'failed' | 'unknown';

/** Why a machine was stopped by somebody else than us, or is not heard of, where the provider's own state tells. */
export type StopCause = 'outbid' | 'out_of_credit' | 'contract_expired' | 'host_offline';

/** One instance as a provider showed it at one moment. */
export interface Observation {
  readonly id: ProviderInstanceId;
  /** The provider's name or label field, whole; undefined when it has none. */
  readonly tag: string | undefined;
  readonly phase: InstancePhase;
  /** The provider's own reason or status text, short and redacted. */
  readonly reason?: string;
  readonly address?: SshAddress;
  /** TCP ports besides SSH's, where the machine runs and the provider shows them. */
  readonly openPorts?: readonly OpenPort[];
  /** Set where an address is this machine's alone: whatever listens on it is reached there, under its own number, and nothing is listed. */
  readonly ownHost?: string;
  /** When the provider made it, by the provider's word. Storage is billed from here. */
  readonly createdAt?: EpochMs;
  /** Since when it has been running without a break, where the provider tells. */
  readonly runningSince?: EpochMs;
  /** Whether it can be taken away by a higher bid, where the provider tells. */
  readonly interruptible?: boolean;
  /** Set where it is stopped and the provider still means to start it: it would be billed again without anybody asking. */
  readonly isStartPending?: true;
  /** Set where it is stopped and its GPUs are still held for it: it is billed as if it ran. */
  readonly holdsGpus?: true;
  /** Of one that is stopped; `host_offline` of one whose phase is `unknown`, because nothing is heard from its host. */
  readonly stopCause?: StopCause;
  /** Of one that is stopped and rented by bid, where the provider tells: what would win its GPUs now, per hour. */
  readonly leastBid?: MicroUsd;
  /** Set where what was ordered can run nowhere, such as an image that does not exist: another machine would not help. */
  readonly isOrderBad?: true;
  /** The instance's own hourly price, part by part, where the provider tells. */
  readonly price?: Price;
  /** The instance's own hourly price as one sum, where that is all the provider tells. */
  readonly totalPerHour?: number;
}

/** The provider itself hears nothing from the machine's host. It may come back. */
export function isHostAway({ phase, stopCause }: Observation): boolean {
  return phase === 'unknown' && stopCause === 'host_offline';
}

/** Where a port of the machine's or its container's is reached, as far as the provider has shown. */
export function endpointOf(
  { openPorts, ownHost }: Pick<Observation, 'openPorts' | 'ownHost'>,
  internal: number,
): Endpoint | undefined {
  const mapped = openPorts?.find((port) => port.internal === internal);
  if (mapped) return { host: mapped.host, port: mapped.port };
  return ownHost === undefined ? undefined : { host: ownHost, port: internal };
}

/**
 * Where one attempt stands. `intended` was never called; `launching` may be in flight or may have died with
 * the process; `unsettled` may or may not exist; `launched` exists and is ours; `stopping` has been asked to stop with its
 * disk kept, `preserved` has, and `resuming` is to run again; `terminating` has been asked to end; the last three are final.
 */
export const INSTANCE_STATES = [
  'intended',
  'launching',
  'unsettled',
  'launched',
  'stopping',
  'preserved',
  'resuming',
  'terminating',
  'refused',
  'absent',
  'gone',
] as const;
export type InstanceState = (typeof INSTANCE_STATES)[number];

export function isFinalInstance(state: InstanceState): boolean {
  return state === 'refused' || state === 'absent' || state === 'gone';
}

/** It exists at the provider, by our rows, and nobody has asked to end it. */
export function isStanding(state: InstanceState): boolean {
  return STANDING.includes(state);
}

/** It exists at the provider, by our rows, whether or not it was asked to end. */
export function isThere(state: InstanceState): boolean {
  return isStanding(state) || state === 'terminating';
}

const STANDING: readonly InstanceState[] = ['launched', 'stopping', 'preserved', 'resuming'];

/**
 * One attempt of a session: the intent, what came of it, and what it cost. A `stray` is a second instance that turned
 * up under an attempt's tag (a request delivered twice): it is ended and paid for, and never used. A session's
 * instances are told apart by their place in its list; a stray shares its attempt's number and tag.
 */
export interface Instance {
  readonly role: 'attempt' | 'stray';
  readonly sessionId: SessionId;
  /** 1 for the first. */
  readonly attempt: number;
  readonly tag: Tag;
  readonly provider: ProviderName;
  readonly api: ProviderApi;
  /** The offer as it was when the attempt was decided. */
  readonly offer: Offer;
  readonly diskGb: number;
  readonly state: InstanceState;
  readonly providerInstanceId?: ProviderInstanceId;
  readonly address?: SshAddress;
  /** Where the workload answers, in a session that runs a server. */
  readonly endpoint?: Endpoint;
  /** SHA-256 fingerprint, `SHA256:…`, pinned at the first login. */
  readonly hostKey?: string;
  /** Micro-dollars an hour bid for the machine without its disk; undefined = on demand. */
  readonly bidPerHour?: MicroUsd;
  /** The price agreed; replaced by the instance's own as soon as the provider shows it. */
  readonly price: Price;
  readonly phase: InstancePhase;
  readonly intendedAt: EpochMs;
  /** When an attempt that is not usable by now is given up. */
  readonly readyBy: EpochMs;
  /** An unsettled launch that has not shown up by now never happened. */
  readonly settleBy?: EpochMs;
  readonly launchedAt?: EpochMs;
  /** When the provider first showed it to us. */
  readonly firstSeenAt?: EpochMs;
  /** When the session's key was put in, where that is a call of its own. */
  readonly accessGrantedAt?: EpochMs;
  readonly runningAt?: EpochMs;
  /** When its disk was known to be kept; cleared when it runs again. */
  readonly preservedAt?: EpochMs;
  /** When it was last asked to run again: what it holds is then worth keeping whatever comes. */
  readonly resumedAt?: EpochMs;
  /** What the machine said of itself at the first look into it; undefined where none was made or it said nothing. */
  readonly machine?: MachineReport;
  /** In what {@link machine} is not what the offer promised. */
  readonly mismatches?: readonly Mismatch[];
  /** Since when another host key than the pinned one answers at its address: nothing is sent there any more. */
  readonly hostKeyChangedAt?: EpochMs;
  /** Since when logins that worked before are refused; cleared when they work again. */
  readonly loginLostAt?: EpochMs;
  /** Since when looks do not reach it, several in a row; cleared when one does. */
  readonly unreachableAt?: EpochMs;
  /** Since when a once-running instance has been seen not running. */
  readonly troubledAt?: EpochMs;
  /** Launch calls made and refused for a passing reason, such as a rate limit. */
  readonly launchAttempts: number;
  readonly terminateAskedAt?: EpochMs;
  readonly terminateAttempts: number;
  /** The next call that this attempt needs (launch again after a rate limit, terminate again) is not before this. */
  readonly notBefore?: EpochMs;
  readonly goneAt?: EpochMs;
  readonly failure?: AttemptFailure;
  readonly costs: readonly CostEntry[];
}

/** Why an attempt did not serve. */
export interface AttemptFailure {
  readonly code: FailureCode;
  /** A sentence for the consumer; carries no credential and no provider internals. */
  readonly message: string;
}

/** A provider's refusal, or what went wrong after it said yes. */
export type FailureCode =
  | FailureKind
  | 'launch_unconfirmed'
  | 'never_ready'
  | 'instance_failed'
  | 'instance_lost'
  | 'instance_stopped'
  | StopCause
  | 'price_changed'
  | 'image_unavailable'
  /** The hardware is not what was offered. */
  | 'wrong_machine'
  /** The GPUs cannot be used: no driver answers. */
  | 'no_driver';
