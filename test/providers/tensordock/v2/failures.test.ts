import { expect, test } from 'vitest';
import type { FailureKind, FailureOutcome } from '../../../../src/domain/errors.ts';
import type { Reply } from '../../../../src/providers/http-transport.ts';
import { v2Refusal } from '../../../../src/providers/tensordock/v2/failures.ts';
import { replyOf } from '../harness.ts';

type Row = readonly [said: string, kind: FailureKind, outcome: FailureOutcome];

/** What the provider says of a launch, whatever envelope it says it in. */
const TEXTS: readonly Row[] = [
  ['No available nodes found', 'no_capacity', 'not_done'],
  ['no nodes available in this location', 'no_capacity', 'not_done'],
  ['Nodes unavailable', 'no_capacity', 'not_done'],
  ['Insufficient capacity for 2x RTX 4090', 'no_capacity', 'not_done'],
  ['Not enough capacity', 'no_capacity', 'not_done'],
  ['Resource unavailable', 'no_capacity', 'not_done'],
  ['GPU out of stock', 'no_capacity', 'not_done'],
  ['GPU unavailable', 'no_capacity', 'not_done'],
  ['GPU not available', 'no_capacity', 'not_done'],
  ['The requested GPU is not available', 'no_capacity', 'not_done'],
  ['No GPUs available', 'no_capacity', 'not_done'],
  ['no matching GPU', 'no_capacity', 'not_done'],
  ['Requested GPU cannot be placed', 'no_capacity', 'not_done'],
  ['GPU capacity exhausted', 'no_capacity', 'not_done'],
  ['Datacenter unavailable', 'no_capacity', 'not_done'],
  ['Location unavailable', 'no_capacity', 'not_done'],
  ['Region unavailable', 'no_capacity', 'not_done'],
  ['Site unavailable', 'no_capacity', 'not_done'],
  ['Sold out', 'no_capacity', 'not_done'],
  ['Fully allocated', 'no_capacity', 'not_done'],
  ['Site is at capacity', 'no_capacity', 'not_done'],
  ['No capacity', 'no_capacity', 'not_done'],
  ['Capacity limit', 'no_capacity', 'not_done'],
  ['Cannot allocate GPUs', 'no_capacity', 'not_done'],
  ['Allocation failed', 'no_capacity', 'not_done'],
  ['Resource limit of the node', 'no_capacity', 'not_done'],
  ['No available public IPs on hostnode', 'no_capacity', 'not_done'],
  ['No public IP', 'no_capacity', 'not_done'],
  ['unexpected error during deployment', 'no_capacity', 'unknown'],
  ['Quota exceeded', 'invalid', 'not_done'],
  ['Instance limit reached for this organization', 'invalid', 'not_done'],
  ['Requested GPU count exceeds the maximum', 'invalid', 'not_done'],
  ['Insufficient balance: at least $1 is required', 'insufficient_funds', 'not_done'],
  ['Please add funds', 'insufficient_funds', 'not_done'],
];

const ENVELOPES: readonly (readonly [name: string, reply: (said: string) => Reply])[] = [
  ['in a 200', (said) => replyOf(200, { status: 500, error: said })],
  ['in a 200 without a status', (said) => replyOf(200, { error: said })],
  ['in a 400', (said) => replyOf(400, { error: said })],
  ['in a list with 400', (said) => replyOf(400, [{ code: 'custom', message: said, path: ['x'] }])],
  [
    'in JSON:API errors',
    (said) => replyOf(400, { errors: [{ status: '400', title: 'Bad Request', detail: said }] }),
  ],
  [
    'in JSON:API errors inside a 200',
    (said) => replyOf(200, { errors: [{ status: '500', detail: said }] }),
  ],
  ['in a 500', (said) => replyOf(500, { error: said })],
  ['in an error object', (said) => replyOf(400, { error: { code: 400, message: said } })],
  ['in an error object inside a 200', (said) => replyOf(200, { error: { message: said } })],
  ['in a list of sentences', (said) => replyOf(400, { errors: [said] })],
  ['in a detail', (said) => replyOf(400, { detail: said })],
];

test.each(
  ENVELOPES.flatMap(([name, reply]) => TEXTS.map((row) => [row[0], name, row, reply] as const)),
)('a launch refused with "%s" %s', (said, _, [, kind, outcome], reply) => {
  expect(v2Refusal(reply(said), 'launch')).toMatchObject({ kind, outcome });
});

test.each([
  [
    200,
    { status: 400, error: 'SSH port (22) must be forwarded for Ubuntu VMs' },
    'invalid',
    'not_done',
  ],
  [400, [{ code: 'invalid_type', message: 'Required', path: ['data'] }], 'invalid', 'not_done'],
  [422, {}, 'invalid', 'not_done'],
  [401, { error: 'Unauthorized' }, 'unauthorized', 'not_done'],
  [200, { status: 401, error: 'Unauthorized' }, 'unauthorized', 'not_done'],
  [403, {}, 'unauthorized', 'not_done'],
  [402, {}, 'insufficient_funds', 'not_done'],
  [404, { errors: [{ status: '404', title: 'Location not found' }] }, 'not_found', 'not_done'],
  [408, '', 'unavailable', 'unknown'],
  [409, { error: 'name already exists' }, 'invalid', 'unknown'],
  [429, { error: 'Rate limit reached' }, 'rate_limited', 'not_done'],
  [429, '<html>', 'rate_limited', 'not_done'],
  [200, { status: 429, error: 'Too many requests' }, 'rate_limited', 'not_done'],
  [500, { error: 'boom' }, 'unavailable', 'unknown'],
  [200, { status: 500, error: 'boom' }, 'unavailable', 'unknown'],
  [503, { error: 'Service temporarily unavailable' }, 'unavailable', 'unknown'],
  [400, { error: 'Location temporarily unavailable' }, 'no_capacity', 'not_done'],
  [400, { error: 'under maintenance' }, 'no_capacity', 'not_done'],
  [502, '<html>no available nodes found</html>', 'unavailable', 'unknown'],
  [503, '<html>temporarily unavailable</html>', 'unavailable', 'unknown'],
  [404, '<html>Not Found</html>', 'malformed', 'unknown'],
  [302, '', 'malformed', 'unknown'],
  [418, {}, 'malformed', 'unknown'],
  [200, { success: false, message: 'no' }, 'unavailable', 'not_done'],
  [200, { error: { status: 401, message: 'no' } }, 'unauthorized', 'not_done'],
  [200, { error: { code: '404', message: 'no' } }, 'not_found', 'not_done'],
])('a launch answered %i %j is %s, %s', (status, body, kind, outcome) => {
  expect(v2Refusal(replyOf(status, body), 'launch')).toMatchObject({ kind, outcome });
});

test.each([
  { data: { type: 'virtualmachine', id: 'x', status: 'error' } },
  { id: 'x', status: 'error', error: 'boot failed' },
  { data: [] },
  [],
  {},
])('a success that only looks like an error is none: %j', (body) => {
  expect(v2Refusal(replyOf(200, body), 'launch')).toBeUndefined();
});

test.each([
  [503, { error: 'No available nodes found' }],
  [502, '<html>'],
  [302, ''],
])('a call that changes nothing never ends unknown: %i', (status, body) => {
  expect(v2Refusal(replyOf(status, body), 'none')?.outcome).toBe('not_done');
});

test('words about capacity mean nothing outside a launch', () => {
  const reply = replyOf(503, { error: 'No available nodes found' });
  expect(v2Refusal(reply, 'terminate')).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
});

test('a broken API that says "not found" does not say that a machine is gone', () => {
  const reply = replyOf(500, { error: 'Instance not found in cache' });
  expect(v2Refusal(reply, 'none')?.kind).toBe('unavailable');
});

test('a sentence in place of what was made may have rented, whatever it says', () => {
  const reply = replyOf(200, { message: 'Deployment of the requested GPU began' });
  expect(v2Refusal(reply, 'launch')).toBeUndefined();
});

test.each(['start', 'stop'] as const)(
  'a %s that is refused for what the machine is, is invalid',
  (effect) => {
    const reply = replyOf(400, { errors: [{ status: '400', detail: 'Instance is not running' }] });
    expect(v2Refusal(reply, effect)).toMatchObject({ kind: 'invalid', outcome: 'not_done' });
  },
);
