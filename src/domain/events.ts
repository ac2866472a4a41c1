import type { FailureKind } from './errors.ts';
import type {
  ApiPlace,
  ProviderApi,
  ProviderInstanceId,
  ProviderName,
  SessionId,
  Tag,
} from './ids.ts';
import type { IncidentFacts } from './incident.ts';
import type { FailureCode } from './instance.ts';
import type { MismatchKind } from './machine-check.ts';
import type { MicroUsd } from './money.ts';
import type { HoldReason } from './orphan.ts';
import type { SessionStatus, StopReason } from './session.ts';
import type { EpochMs } from './time.ts';

/** Everything that happened, once. Written with the change that it tells of; the recorder makes logs and metrics of it. */
export type BrokerEvent = SessionEvent | OrphanEvent | IncidentEvent;

/** A fact of one session. */
export type SessionEvent = { readonly at: EpochMs; readonly sessionId: SessionId } & (
  | {
      readonly kind: 'session_created';
      readonly provider: ProviderName;
      readonly consumerId: string;
    }
  | {
      readonly kind: 'session_status_changed';
      readonly provider: ProviderName;
      readonly from: SessionStatus;
      readonly to: SessionStatus;
      readonly reason?: StopReason;
      /** Cost of all attempts so far. */
      readonly cost: MicroUsd;
    }
  | { readonly kind: 'session_extended'; readonly expiresAt: EpochMs }
  | (AttemptFact & { readonly kind: 'attempt_intended'; readonly offerId: string })
  | (AttemptFact & { readonly kind: 'launch_started' })
  | (AttemptFact & {
      readonly kind: 'launch_accepted';
      readonly providerInstanceId: ProviderInstanceId;
      readonly durationMs: number;
    })
  | (AttemptFact & {
      readonly kind: 'launch_refused';
      readonly failure: FailureKind;
      readonly detail: string;
    })
  | (AttemptFact & { readonly kind: 'launch_unknown'; readonly detail: string })
  | (AttemptFact & {
      readonly kind: 'instance_adopted';
      readonly providerInstanceId: ProviderInstanceId;
    })
  | (AttemptFact & { readonly kind: 'launch_never_happened' })
  | (AttemptFact & { readonly kind: 'access_granted' })
  | (AttemptFact & { readonly kind: 'instance_located' })
  | (AttemptFact & {
      readonly kind: 'login_proven';
      readonly hostKey: string;
      /** From the first address to the proof. */
      readonly durationMs: number;
    })
  /** The machine said what it is. */
  | (AttemptFact & { readonly kind: 'machine_seen'; readonly mismatches: readonly MismatchKind[] })
  /** Logins that worked are refused: the provider has dropped the session's key. */
  | (AttemptFact & { readonly kind: 'login_lost' })
  | (AttemptFact & { readonly kind: 'login_restored' })
  /** Another machine may answer there, or somebody in between: nothing is sent to it any more. */
  | (AttemptFact & {
      readonly kind: 'host_key_changed';
      readonly pinned: string;
      readonly found: string;
    })
  /** The market took the machine of a running session; another one is looked for. */
  | (AttemptFact & { readonly kind: 'session_interrupted'; readonly code: FailureCode })
  /** It ends at `endsAt` if nothing happens until then. */
  | { readonly kind: 'idle_warned'; readonly idleSince: EpochMs; readonly endsAt: EpochMs }
  | { readonly kind: 'idle_warning_cleared' }
  | (AttemptFact & { readonly kind: 'service_located' })
  | (AttemptFact & {
      readonly kind: 'service_proven';
      readonly httpStatus: number;
      /** From the first endpoint to the proof. */
      readonly durationMs: number;
    })
  | (AttemptFact & { readonly kind: 'attempt_failed'; readonly code: FailureCode })
  | (AttemptFact & {
      readonly kind:
        | 'stop_asked'
        /** Seen stopped, with its disk. */
        | 'disk_preserved'
        | 'session_resumed'
        /** The provider has taken the wish to start it. */
        | 'machine_started';
    })
  | (AttemptFact & { readonly kind: 'stop_failed'; readonly failure: FailureKind })
  | { readonly kind: 'disk_discarded'; readonly reason: 'deleted' | 'max_age' }
  | (AttemptFact & { readonly kind: 'terminate_asked'; readonly asked: number })
  | (AttemptFact & { readonly kind: 'terminate_failed'; readonly failure: FailureKind })
  | (AttemptFact & { readonly kind: 'instance_gone'; readonly leakedMs: number })
);

/** Which attempt, at whom. */
export interface AttemptFact {
  readonly attempt: number;
  readonly tag: Tag;
  readonly provider: ProviderName;
  readonly api: ProviderApi;
}

/** A fact of an instance of ours that no row wants. */
export type OrphanEvent = {
  readonly at: EpochMs;
  readonly provider: ProviderName;
  readonly api: ProviderApi;
  readonly tag: Tag;
  readonly providerInstanceId: ProviderInstanceId;
} & (
  | {
      readonly kind:
        | 'orphan_detected'
        | 'orphan_terminate_asked'
        | 'orphan_gone'
        /** Not an orphan any more: a row wants it or has taken it in, or somebody has renamed it. */
        | 'orphan_cleared'
        | 'orphan_ignored'
        /** A person has said that it is to end. */
        | 'orphan_end_confirmed';
    }
  | { readonly kind: 'orphan_held'; readonly reason: HoldReason }
  | { readonly kind: 'orphan_terminate_failed'; readonly failure: FailureKind }
);

/** Something began, or ceased, to be too strange to act on. */
export type IncidentEvent = { readonly at: EpochMs } & Partial<ApiPlace> &
  (
    | { readonly kind: 'incident_raised'; readonly incident: IncidentFacts }
    | {
        readonly kind: 'incident_cleared';
        readonly incident: IncidentFacts;
        readonly lastedMs: number;
      }
  );
