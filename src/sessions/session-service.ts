import type { SessionId } from '../domain/ids.ts';
import type { Session } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Origin } from '../ports/origin.ts';
import type { SessionPage, SessionQuery } from '../ports/store.ts';
import type { SessionPlan } from './session-plan.ts';
import type { SessionWish } from './settle-request.ts';

/**
 * What a consumer can ask of sessions. Refusals are `BrokerError` with a stable code. Everything that would rent or
 * end throws `not_ready` before the startup sweep is through.
 */
export interface SessionService {
  /**
   * Rents. Resolves when the first launch is accepted (or its outcome is unknown and being settled); rejects when the
   * launch was refused: `not_found`, `stale_inventory`, `no_matching_offer`, `insufficient_disk`, `provider_error`,
   * `provider_unavailable`, `idempotency_conflict`.
   */
  create(creation: CreateSession): Promise<CreatedSession>;
  /**
   * What `create` would rent for this request now, what it would try after that, and why. Rents nothing and writes nothing;
   * rejects as `create` would before any launch.
   */
  plan(wish: SessionWish, limit: number, origin?: Origin): Promise<SessionPlan>;
  get(id: SessionId): Promise<Session | undefined>;
  page(query: SessionQuery): Promise<SessionPage>;
  /** Asks for the end and returns at once. `not_found`; `conflict` when already ended. */
  done(id: SessionId, origin?: Origin): Promise<void>;
  /** Asks for the end and waits up to 25 s for the provider's confirmation. `not_found`. Legal in every state. */
  destroy(id: SessionId, origin?: Origin): Promise<'destroyed' | 'initiated'>;
  /**
   * The new end. `not_found`; `hard_limit` with `max_expires_at`; `conflict` when ended or stopping; `provider_error` where the
   * account cannot pay for the hours.
   */
  extend(id: SessionId, additionalHours: number, origin?: Origin): Promise<EpochMs>;
  /**
   * Runs a session again whose machine is kept, stopped, with its disk. Resolves when the provider has taken the start.
   * `not_found`; `conflict` for every other session; `hard_limit` when less than an hour of running is left;
   * `provider_unavailable` when its GPUs are taken or the provider does not answer; `provider_error`.
   */
  resume(id: SessionId, origin?: Origin): Promise<Session>;
}

export interface CreateSession {
  readonly request: SessionWish;
  /** What is done for the session is done for this request, until another one asks something of it. */
  readonly origin?: Origin;
  readonly idempotency?: { readonly key: string; readonly bodyHash: string };
}

export interface CreatedSession {
  readonly session: Session;
  /** OpenSSH PEM; undefined when the caller brought its own key. */
  readonly privateKey?: string;
  /** What the agent on the machine shows; undefined for sessions from before there were agents. */
  readonly agentToken?: string;
}

/** Where the process stands. Before `running` nothing is rented and nothing is ended by request. */
export type LifecyclePhase = 'starting' | 'running' | 'stopping';
