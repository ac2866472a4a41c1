import type { SessionId } from './ids.ts';
import type { FailureCode, Instance } from './instance.ts';
import type { MicroUsd } from './money.ts';
import type { GpuVendor } from './offer.ts';
import type { OfferFilter } from './offer-filter.ts';
import type { EpochMs } from './time.ts';
import type { Workload } from './workload.ts';

export const SESSION_STATUSES = [
  'pending',
  'provisioning',
  'running',
  'stopping',
  'stopped',
  'failed',
] as const;
export type SessionStatus = (typeof SESSION_STATUSES)[number];

export const WORKLOAD_TYPES = [
  'llm',
  'training',
  'batch',
  'llm_vllm',
  'llm_tgi',
  'interactive',
  'inference',
  'ssh',
  'benchmark',
] as const;
export type WorkloadType = (typeof WORKLOAD_TYPES)[number];

/** Why a session came, or is coming, to its end. */
export const STOP_REASONS = [
  'done',
  'deleted',
  'expired',
  'hard_limit',
  'idle',
  'launch_failed',
  'never_ready',
  'instance_lost',
  'instance_stopped',
  'outbid',
  'out_of_credit',
  'contract_expired',
  'host_offline',
  'wrong_machine',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** Work that is nothing without a GPU: with any other, who has to log in first can see for themselves. */
export const GPU_WORKLOADS: readonly WorkloadType[] = [
  'llm',
  'training',
  'inference',
  'llm_vllm',
  'llm_tgi',
];

/** What `running` means beside a login that works: nothing, or that the GPUs are those that were offered, and usable. */
export const READINESS = ['login', 'gpu'] as const;
export type Readiness = (typeof READINESS)[number];

/** What the best offer is best in: the cost of a session that works, all in all, or one property of the offer. */
export const PREFERENCES = ['expected_cost', 'price', 'reliability', 'vram'] as const;
export type Preference = (typeof PREFERENCES)[number];

export const RETRY_SCOPES = ['same_gpu', 'same_vram', 'any'] as const;
export type RetryScope = (typeof RETRY_SCOPES)[number];

/** How the broker may choose: one given offer, one given offer and its like, or whatever fits. */
export type Choice =
  | { readonly kind: 'offer'; readonly offerId: string }
  | {
      readonly kind: 'offer-or-like';
      readonly offerId: string;
      readonly scope: RetryScope;
      readonly maxRetries: number;
      /** Set where another was rented in the place of the given offer: the measure of all that follow. */
      readonly named?: OfferMeasure;
    }
  | { readonly kind: 'requirements'; readonly filter: OfferFilter; readonly prefer: Preference };

/** What makes another offer like this one. */
export interface OfferMeasure {
  /** Undefined where it is not known. */
  readonly gpuVendor?: GpuVendor;
  readonly gpuType: string;
  readonly gpuCount: number;
  readonly vramGb: number;
  /** As advertised, in micro-dollars. */
  readonly perHour: MicroUsd;
}

/** What the consumer asked for, defaults filled in; an extension adds to the hours and nothing else changes. */
export interface SessionRequest {
  readonly consumerId: string;
  readonly choice: Choice;
  readonly workloadType: WorkloadType;
  readonly workload: Workload;
  readonly reservationHours: number;
  /** 0 = off. */
  readonly idleThresholdMinutes: number;
  readonly diskGb: number;
  /** The caller's own key; then the broker holds no private key of the session. */
  readonly sshPublicKey?: string;
  /** What becomes of the machine when a session that has run ends; undefined = it is destroyed. */
  readonly keepsDisk?: true;
  /** Micro-dollars an hour bid for an interruptible machine without its disk; undefined = on demand. */
  readonly bidPerHour?: MicroUsd;
  /** Ceiling in micro-dollars an hour for whatever is finally rented. */
  readonly maxPricePerHour?: MicroUsd;
  /** How long an attempt may take to become usable; undefined = by provider. */
  readonly readyTimeoutMs?: number;
  /** Undefined in requests from before there was a choice: `login`. */
  readonly readiness?: Readiness;
  /** Where the market takes its machine away while it runs, another one is rented in its place, for the time that is left. */
  readonly replaces?: true;
  /** For how long, from the creation, other offers are tried; undefined = as long as the policy says. */
  readonly searchTimeoutMs?: number;
}

/** Our promise to a consumer, over its whole life, with every attempt made for it. The unit of reading and writing. */
export interface Session {
  readonly id: SessionId;
  /** Grows by one with each write; a write that names an older one changes nothing. */
  readonly version: number;
  readonly request: SessionRequest;
  readonly status: SessionStatus;
  readonly publicKey: string;
  /** The private key, encrypted; undefined when the caller brought its own key. */
  readonly sealedPrivateKey?: string;
  readonly createdAt: EpochMs;
  readonly runningAt?: EpochMs;
  /** Provisional until `running`: then it is set anew from {@link runningAt}. */
  readonly expiresAt: EpochMs;
  /** The consumer's wish to end, or the broker's decision. Once set it stays, until the session is resumed. */
  readonly stopAskedAt?: EpochMs;
  readonly stopReason?: StopReason;
  readonly stoppedAt?: EpochMs;
  /** Since when a disk that was kept, or was to be kept, is not wanted any more. Once set it stays. */
  readonly discardAskedAt?: EpochMs;
  /** Running time of earlier runs, up to each end: the hard limit is on all of it. Undefined = none. */
  readonly ranBeforeMs?: number;
  /** SHA-256, hex, of the token that the agent on the machine shows; undefined for sessions from before there was one. */
  readonly agentTokenHash?: string;
  /** When there was last known to be work, by the agent or a look; the start, where there has only ever been none. */
  readonly lastActiveAt?: EpochMs;
  /** Since when, and until when, agent and looks have told again and again of no work; both, or neither. */
  readonly idleSince?: EpochMs;
  readonly lastIdleAt?: EpochMs;
  /** When it was said that the session will end for idleness if nothing happens; cleared by whatever happens. */
  readonly idleWarnedAt?: EpochMs;
  /** The end that was announced then; both, or neither. */
  readonly idleEndsAt?: EpochMs;
  /** Since when it waits for another machine in the place of one that the market took; undefined while it has one. */
  readonly interruptedAt?: EpochMs;
  /** Running time that was left of the reservation at {@link interruptedAt}. */
  readonly leftMs?: number;
  /** How the last run ended, while the kept machine is to run again; put back where its provider refuses that. */
  readonly formerEnd?: FormerEnd;
  readonly error?: SessionError;
  /** In order of attempt, strays in between; the last attempt is current. */
  readonly instances: readonly Instance[];
}

/** What a resume clears. */
export interface FormerEnd
  extends Pick<
    Session,
    | 'runningAt'
    | 'expiresAt'
    | 'stopAskedAt'
    | 'stopReason'
    | 'stoppedAt'
    | 'ranBeforeMs'
    | 'lastActiveAt'
    | 'error'
  > {
  readonly reservationHours: number;
}

export interface SessionError {
  readonly code: FailureCode;
  readonly message: string;
}

export function currentInstance(session: Session): Instance | undefined {
  return session.instances.findLast((instance) => instance.role === 'attempt');
}

export function isTerminalStatus(status: SessionStatus): boolean {
  return status === 'stopped' || status === 'failed';
}

/**
 * Whether a machine to log in to is to come with a GPU driver that works: where `running` waits for it, and where with a key of
 * the caller's own nobody could.
 */
export function needsDriver({ readiness, sshPublicKey, workloadType }: SessionRequest): boolean {
  const isUnseen = sshPublicKey !== undefined && GPU_WORKLOADS.includes(workloadType);
  return readiness === 'gpu' || isUnseen;
}
