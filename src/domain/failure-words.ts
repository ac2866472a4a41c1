import type { ErrorCode, FailureKind } from './errors.ts';
import type { ProviderName } from './ids.ts';
import type { FailureCode } from './instance.ts';

/** Why a session or an attempt of it failed, for a program: the codes of error answers where there is one that says it. */
export const FAILURE_TYPES = [
  'stale_inventory',
  'provider_error',
  'provider_unavailable',
  'launch_unconfirmed',
  'never_ready',
  'instance_failed',
  'instance_lost',
  'instance_stopped',
  'outbid',
  'out_of_credit',
  'contract_expired',
  'price_changed',
  'image_unavailable',
  'host_offline',
  'wrong_machine',
  'no_driver',
] as const;
export type FailureType = (typeof FAILURE_TYPES)[number];

type RefusalType = Extract<FailureType, ErrorCode>;

const REFUSAL_TYPES: Readonly<Record<FailureKind, RefusalType>> = {
  no_capacity: 'stale_inventory',
  not_found: 'stale_inventory',
  unauthorized: 'provider_error',
  invalid: 'provider_error',
  insufficient_funds: 'provider_error',
  rate_limited: 'provider_unavailable',
  unavailable: 'provider_unavailable',
  malformed: 'provider_unavailable',
};

export function refusalTypeOf(kind: FailureKind): RefusalType {
  return REFUSAL_TYPES[kind];
}

export function isRefusal(code: FailureCode): code is FailureKind {
  return code in REFUSAL_TYPES;
}

export function failureTypeOf(code: FailureCode): FailureType {
  return isRefusal(code) ? REFUSAL_TYPES[code] : code;
}

/** What a consumer is told of a refused launch. What the provider itself said is for the operator, and in the log. */
export function refusalSentence(kind: FailureKind, provider: ProviderName): string {
  switch (kind) {
    case 'no_capacity':
    case 'not_found':
      return 'the offer is gone: it was rented or withdrawn meanwhile';
    case 'unauthorized':
      return `${provider} refuses the credentials of this broker`;
    case 'insufficient_funds':
      return `${provider} refuses: the account of this broker lacks credit or is at its limit`;
    case 'invalid':
      return `${provider} refuses the request as it stands`;
    case 'rate_limited':
      return `${provider} takes no more requests for the moment`;
    case 'unavailable':
      return `${provider} does not answer`;
    case 'malformed':
      return `${provider} gave an answer that makes no sense`;
  }
}
