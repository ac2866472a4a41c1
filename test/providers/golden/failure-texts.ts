import type { FailureKind, FailureOutcome } from '../../../src/domain/errors.ts';

/** Words of a refused launch, and what they mean. */
export interface FailureText {
  readonly says: string;
  readonly kind: FailureKind;
  readonly outcome: FailureOutcome;
}

/** A refusal of Vast.ai's, with the code and the status that were seen or documented. */
export interface VastaiRefusal extends FailureText {
  readonly status: number;
  readonly code?: string;
}

/** Vast.ai facts §7.5, §2 and §4. The status lies now and then: code and words go first. */
// biome-ignore format: one refusal a line reads as the table that it is.
export const VASTAI_REFUSALS: readonly VastaiRefusal[] = [
  { status: 400, code: 'invalid_args', says: 'error 404/3603: no_such_ask  Instance type by id 30112233 is not available.', kind: 'no_capacity', outcome: 'not_done' },
  { status: 404, code: 'no_such_ask', says: 'error 404/3603: no_such_ask', kind: 'no_capacity', outcome: 'not_done' },
  { status: 410, code: 'no_such_ask', says: 'error 410/3907: no_such_ask Instance type 30112233 is no longer available.', kind: 'no_capacity', outcome: 'not_done' },
  { status: 200, code: 'no_such_ask', says: 'Instance type is no longer available', kind: 'no_capacity', outcome: 'not_done' },
  { status: 403, says: 'error 403/3586: Offer 30112233 is not your own. Hosts can only rent their own machines.', kind: 'no_capacity', outcome: 'not_done' },
  { status: 400, code: 'insufficient_credit', says: 'Your account lacks credit; see the billing page.', kind: 'insufficient_funds', outcome: 'not_done' },
  { status: 400, says: 'Your account lacks credit', kind: 'insufficient_funds', outcome: 'not_done' },
  { status: 400, code: 'spend_rate_limit', says: 'Limit reached', kind: 'insufficient_funds', outcome: 'not_done' },
  { status: 400, says: 'spend_rate_limit exceeded', kind: 'insufficient_funds', outcome: 'not_done' },
  { status: 400, code: 'invalid_args', says: "error 400/3467: Invalid args: 'id' is required", kind: 'invalid', outcome: 'not_done' },
  { status: 400, code: 'invalid_args', says: 'error 400/3471: Invalid args: len(image) > 1024', kind: 'invalid', outcome: 'not_done' },
  { status: 400, code: 'invalid_price', says: 'Bid outside range', kind: 'invalid', outcome: 'not_done' },
  { status: 400, code: 'no_ssh_key_for_vm', says: 'Add a key', kind: 'invalid', outcome: 'not_done' },
  { status: 404, code: 'auth_error', says: 'Invalid user key', kind: 'unauthorized', outcome: 'not_done' },
  { status: 401, code: 'auth_error', says: 'Invalid user key', kind: 'unauthorized', outcome: 'not_done' },
  { status: 403, code: 'auth_error', says: 'This action requires login.', kind: 'unauthorized', outcome: 'not_done' },
  { status: 401, says: 'requires you to have logged in using Two Factor Authentication', kind: 'unauthorized', outcome: 'not_done' },
  { status: 404, says: 'Session expired. Please log in again.', kind: 'unauthorized', outcome: 'not_done' },
  { status: 401, says: 'Your key lacks the instance_write permission group', kind: 'unauthorized', outcome: 'not_done' },
  { status: 200, code: 'auth_error', says: 'Invalid user key', kind: 'unauthorized', outcome: 'not_done' },
  { status: 429, says: 'API requests too frequent', kind: 'rate_limited', outcome: 'not_done' },
  { status: 429, says: 'API requests too frequent: endpoint threshold=4.5*1.0', kind: 'rate_limited', outcome: 'not_done' },
  { status: 400, code: 'rate_limit_exceeded', says: 'API requests too frequent endpoint threshold=3.0', kind: 'rate_limited', outcome: 'not_done' },
  { status: 500, code: 'server_error', says: 'Something went wrong on the server', kind: 'unavailable', outcome: 'unknown' },
  { status: 500, code: 'no_such_ask', says: 'is not available', kind: 'unavailable', outcome: 'unknown' },
  { status: 503, says: 'Your account lacks credit', kind: 'unavailable', outcome: 'unknown' },
  { status: 408, says: 'timeout', kind: 'unavailable', outcome: 'unknown' },
  { status: 200, says: 'words that nobody knows', kind: 'unavailable', outcome: 'unknown' },
];

/** TensorDock facts §4, every fragment of the list and the cautions below it, whatever envelope it comes in. */
// biome-ignore format: one text a line reads as the table that it is.
export const TENSORDOCK_TEXTS: readonly FailureText[] = [
  ...[
    'No available nodes found', 'Insufficient capacity for 2x RTX 4090', 'Not enough capacity', 'Resource unavailable',
    'GPU out of stock', 'no nodes available', 'nodes unavailable', 'GPU unavailable', 'GPU not available', 'No GPUs available',
    'The requested GPU cannot be placed', 'GPU capacity reached', 'No matching GPU', 'GPU is not available',
    'Datacenter unavailable', 'Location unavailable', 'Region unavailable', 'Site unavailable', 'Sold out', 'Fully allocated',
    'At capacity', 'No capacity', 'Capacity limit', 'Cannot allocate', 'Allocation failed', 'Resource limit',
    'No available public IPs on hostnode', 'No public IP', 'Not enough resources available on hostnode',
    'Hostnode is offline', 'Port 20011 is already in use',
  ].map((says): FailureText => ({ says, kind: 'no_capacity', outcome: 'not_done' })),
  { says: 'unexpected error during deployment', kind: 'no_capacity', outcome: 'unknown' },
  { says: 'Deployment timed out', kind: 'no_capacity', outcome: 'unknown' },
  { says: 'Quota exceeded', kind: 'invalid', outcome: 'not_done' },
  { says: 'Instance limit reached for this organization', kind: 'invalid', outcome: 'not_done' },
  { says: 'Requested GPU count exceeds the maximum', kind: 'invalid', outcome: 'not_done' },
  { says: 'Insufficient balance: at least $1 is required', kind: 'insufficient_funds', outcome: 'not_done' },
  { says: 'Please add funds', kind: 'insufficient_funds', outcome: 'not_done' },
  { says: 'Payment required', kind: 'insufficient_funds', outcome: 'not_done' },
  { says: 'Too many requests', kind: 'rate_limited', outcome: 'not_done' },
  { says: 'Rate limit exceeded', kind: 'rate_limited', outcome: 'not_done' },
  { says: 'Unauthorized', kind: 'unauthorized', outcome: 'not_done' },
  { says: 'Invalid API key or token', kind: 'unauthorized', outcome: 'not_done' },
];
