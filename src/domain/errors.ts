import type { ProviderInstanceId } from './ids.ts';

/** What went wrong at a provider, by meaning. The closed set on which everything above an adapter branches. */
export const FAILURE_KINDS = [
  'no_capacity',
  'not_found',
  'rate_limited',
  'unauthorized',
  'invalid',
  'insufficient_funds',
  'unavailable',
  'malformed',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** May the call have taken effect? `unknown` on a launch means: look for the tag, never launch again before that. */
export type FailureOutcome = 'not_done' | 'unknown';

export interface ProviderFailureDetail {
  readonly kind: FailureKind;
  readonly outcome: FailureOutcome;
  /** Short, free of credentials and of anything that the provider echoed from our request. */
  readonly detail: string;
  /** How long the provider asked us to wait before the next call, in milliseconds. */
  readonly retryAfterMs?: number;
  /** An instance that exists although the call failed: it has to be ended. */
  readonly leftover?: ProviderInstanceId;
  /** `no_capacity` for what was to run there alone: others may still rent the offer. */
  readonly isForOrderOnly?: true;
  readonly cause?: unknown;
}

/** A failure of the world behind the provider port. Adapters translate everything into this; nothing else leaves them. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';
  readonly kind: FailureKind;
  readonly outcome: FailureOutcome;
  readonly detail: string;
  readonly retryAfterMs: number | undefined;
  readonly leftover: ProviderInstanceId | undefined;
  readonly isForOrderOnly: boolean;

  constructor(failure: ProviderFailureDetail) {
    super(`${failure.kind}: ${failure.detail}`, { cause: failure.cause });
    this.kind = failure.kind;
    this.outcome = failure.outcome;
    this.detail = failure.detail;
    this.retryAfterMs = failure.retryAfterMs;
    this.leftover = failure.leftover;
    this.isForOrderOnly = failure.isForOrderOnly ?? false;
  }
}

/** The stable `error_type` codes of the HTTP contract, with the status that each is answered with. */
export const ERROR_STATUS = {
  validation_error: 400,
  insufficient_disk: 400,
  hard_limit: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  idempotency_conflict: 422,
  no_matching_offer: 422,
  rate_limited: 429,
  internal: 500,
  provider_error: 502,
  stale_inventory: 503,
  provider_unavailable: 503,
  not_ready: 503,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

/** An expected refusal, told to the caller as it stands. `details` become extra fields of the answer. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
