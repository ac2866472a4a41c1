import type { ErrorCode } from '../../../domain/errors.ts';
import { refusalSentence } from '../../../domain/failure-words.ts';
import type { ProviderName } from '../../../domain/ids.ts';
import type { Json } from '../records.ts';

const REQUEST_ID = 'req-sj3lmnrycglxbfuc';

/** One answer of each code, as brokers have given them. */
export function errorExamples(provider: ProviderName): Readonly<Record<ErrorCode, Json>> {
  return { ...plainErrors, ...requestErrors, ...providerErrors(provider) };
}

function told(code: ErrorCode, sentence: string, details: Json = {}): Json {
  return { error: sentence, error_type: code, request_id: REQUEST_ID, ...details };
}

const plainErrors = {
  unauthorized: told('unauthorized', 'a valid Authorization: Bearer token is needed'),
  forbidden: told('forbidden', 'requests from other web sites are refused'),
  not_found: told('not_found', 'no session sess-8wjd9v7kqjpnxo5s; list them with GET /sessions'),
  method_not_allowed: told('method_not_allowed', 'this path does not take that method'),
  conflict: told('conflict', 'session sess-8wjd9v7kqjpnxo5s has already ended'),
  payload_too_large: told('payload_too_large', 'the body is larger than 1 MiB'),
  unsupported_media_type: told('unsupported_media_type', 'send the body as application/json'),
  idempotency_conflict: told(
    'idempotency_conflict',
    'this Idempotency-Key was used with another request body; use a new key for a new request',
  ),
  rate_limited: told('rate_limited', 'too many requests from this client; ask again in 12 s'),
  internal: told('internal', 'something went wrong on our side'),
  not_ready: told('not_ready', 'the broker is starting or stopping; try again shortly'),
};

const requestErrors = {
  validation_error: told(
    'validation_error',
    'limit must be at most 1000 (and 1 more, see details)',
    {
      details: [
        { path: 'limit', message: 'must be at most 1000' },
        { path: 'max_prce', message: 'is not known; did you mean max_price?' },
      ],
    },
  ),
  insufficient_disk: told(
    'insufficient_disk',
    'the offer can give 3083 GB of disk, 9000 GB were asked for',
    { available_gb: 3083, requested_gb: 9000 },
  ),
  hard_limit: told(
    'hard_limit',
    'a session runs for at most 12 hours in all; this one can be extended to 2026-01-30T00:00:05Z',
    { max_expires_at: '2026-01-30T00:00:05Z' },
  ),
};

function providerErrors(provider: ProviderName) {
  const about = { offer_id: `${provider}-1282301`, provider, session_id: 'sess-k3j5h2g8d9f0a1s2' };
  return {
    no_matching_offer: told('no_matching_offer', 'no offer fits the requirements', {
      total_offers: 444,
      most_restrictive: { filter: 'gpu_type', removed: 432 },
      nearest_miss: {
        offer_id: `${provider}-1313501`,
        missing: ['max_price'],
        price_per_hour: 1.923417,
        values: { max_price: 1.923417 },
      },
    }),
    provider_error: told('provider_error', refusalSentence('insufficient_funds', provider), {
      ...about,
      retry_suggested: false,
    }),
    stale_inventory: told('stale_inventory', 'offer unavailable due to stale inventory', {
      ...about,
      retry_suggested: true,
      message:
        'The selected offer is no longer available. Please refresh inventory and select a different offer.',
    }),
    provider_unavailable: told('provider_unavailable', refusalSentence('unavailable', provider), {
      ...about,
      retry_suggested: true,
    }),
  };
}
