import type { FailureKind } from '../domain/errors.ts';
import type { BrokerEvent } from '../domain/events.ts';
import type { ProviderApi, ProviderName, SessionId } from '../domain/ids.ts';
import type { Decision } from '../domain/lifecycle/decide.ts';
import type { Origin } from './origin.ts';
import type { ProofPhase } from './remote-shell.ts';

/**
 * Where facts become log lines, metrics and spans. Nothing else logs or counts. An `origin` is the request in whose course
 * it happens; for what is told of a session without one, that is the request which last asked something of it.
 */
export interface Recorder {
  /** A business fact, after it was committed. */
  event(event: BrokerEvent, origin?: Origin): void;
  /** A fact of the machinery, not kept. */
  note(note: Note, origin?: Origin): void;
}

export type Note =
  /** A request asks something of a session: what is done for that from here on is done for the request. */
  | { readonly kind: 'session_asked'; readonly sessionId: SessionId; readonly origin: Origin }
  /** A step does what was decided; a session has one of these at a time. */
  | { readonly kind: 'act_begun'; readonly sessionId: SessionId; readonly action: SessionAct }
  | {
      readonly kind: 'act_ended';
      readonly sessionId: SessionId;
      readonly action: SessionAct;
      readonly durationMs: number;
      /** What it broke off with, where it did. */
      readonly error?: unknown;
    }
  | {
      readonly kind: 'provider_call';
      readonly provider: ProviderName;
      readonly api: ProviderApi;
      readonly operation: ProviderOperation;
      /** For its turn at the rate limit. */
      readonly waitedMs: number;
      /** Without that. */
      readonly durationMs: number;
      readonly failure?: FailureKind;
      /** Redacted. */
      readonly detail?: string;
      /** Whose instance the call is about, where it is about one of ours. */
      readonly sessionId?: SessionId;
      readonly attempt?: number;
    }
  /** Whether calls are made to an API that has not answered several in a row. */
  | {
      readonly kind: 'circuit_changed';
      readonly api: ProviderApi;
      readonly provider: ProviderName;
      readonly state: 'closed' | 'open' | 'half_open';
    }
  /** The provider wants more time between two calls of one kind than was known. */
  | {
      readonly kind: 'rate_learnt';
      readonly api: ProviderApi;
      readonly provider: ProviderName;
      readonly gate: string;
      readonly intervalMs: number;
    }
  | {
      readonly kind: 'offers_refreshed';
      readonly api: ProviderApi;
      readonly provider: ProviderName;
      readonly offers: number;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'login_tried';
      readonly sessionId: SessionId;
      readonly provider: ProviderName;
      readonly outcome:
        | 'proven'
        | 'unreachable'
        | 'auth_refused'
        | 'timed_out'
        | 'host_key_changed';
      readonly phase?: ProofPhase;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'service_tried';
      readonly sessionId: SessionId;
      readonly provider: ProviderName;
      readonly outcome: 'serving' | 'not_yet' | 'unreachable' | 'timed_out' | 'not_http';
      readonly durationMs: number;
    }
  /** What became of a launch, beside what its offer was shown with. One that is lost early has been told of as `ran` before. */
  | {
      readonly kind: 'launch_judged';
      readonly sessionId: SessionId;
      readonly provider: ProviderName;
      readonly api: ProviderApi;
      readonly outcome: 'ran' | 'gone' | 'broken' | 'lost_early';
      /** `availability_confidence` of the offer as it was chosen, 0 to 1. */
      readonly confidence: number;
    }
  | {
      readonly kind: 'sweep_done';
      readonly api: ProviderApi;
      readonly provider: ProviderName;
      readonly seen: number;
      readonly orphans: number;
    }
  /** What had been kept for as long as it was to be. */
  | { readonly kind: 'old_data_removed'; readonly sessions: number; readonly events: number }
  /** Found at the start, of open sessions: they were sealed with another secrets key. */
  | { readonly kind: 'keys_not_opened'; readonly sessions: number; readonly of: number }
  | { readonly kind: 'step_failed'; readonly sessionId: string; readonly error: unknown }
  /** A turn of a background loop is over, well or not, and the next is due in so long. */
  | { readonly kind: 'loop_turned'; readonly loop: string; readonly nextInMs: number }
  | { readonly kind: 'loop_failed'; readonly loop: string; readonly error: unknown };

/** What a step can find to do. */
export type SessionAct = Exclude<Decision, { readonly kind: 'rest' }>['kind'];

export const PROVIDER_OPERATIONS = [
  'offers',
  'launch',
  'grant_access',
  'list',
  'get',
  'terminate',
  'stop',
  'start',
  'bid',
  'balance',
  'charges',
  'auth',
  'templates',
] as const;
export type ProviderOperation = (typeof PROVIDER_OPERATIONS)[number];
