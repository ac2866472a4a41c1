import { expect, test } from 'vitest';
import { v0Refusal } from '../../../../src/providers/tensordock/v0/failures.ts';
import { replyOf } from '../harness.ts';

test.each([
  ['No available nodes found', 'no_capacity', 'not_done'],
  ['Not enough resources on hostnode', 'no_capacity', 'not_done'],
  ['Hostnode is offline', 'no_capacity', 'not_done'],
  ['Requested GPU is not available', 'no_capacity', 'not_done'],
  ['Port 20001 is already in use', 'no_capacity', 'not_done'],
  ['External ports are not available', 'no_capacity', 'not_done'],
  ['unexpected error during deployment', 'no_capacity', 'unknown'],
  ['Internal server error', 'no_capacity', 'unknown'],
  ['Insufficient funds', 'insufficient_funds', 'not_done'],
  ['Your balance is too low', 'insufficient_funds', 'not_done'],
  ['VM quota reached', 'invalid', 'not_done'],
  ['Invalid API key', 'unauthorized', 'not_done'],
  ['Too many requests', 'rate_limited', 'not_done'],
  ['the moon is in the wrong phase', 'unavailable', 'not_done'],
])('a deploy answered success:false with "%s" is %s, %s', (said, kind, outcome) => {
  expect(v0Refusal(replyOf(200, { success: false, error: said }), 'launch')).toMatchObject({
    kind,
    outcome,
  });
  expect(v0Refusal(replyOf(200, { success: false, message: said }), 'launch')).toMatchObject({
    kind,
    outcome,
  });
});

test.each([
  [200, { success: false }, 'unavailable', 'not_done'],
  [200, { error: 'No capacity' }, 'no_capacity', 'not_done'],
  [400, { success: false, error: 'vcpus must be even' }, 'invalid', 'not_done'],
  [401, { success: false }, 'unauthorized', 'not_done'],
  [429, '', 'rate_limited', 'not_done'],
  [500, { success: false, error: 'boom' }, 'unavailable', 'unknown'],
  [502, '<html>sold out</html>', 'unavailable', 'unknown'],
  [404, '<html>', 'malformed', 'unknown'],
])('a deploy answered %i %j is %s, %s', (status, body, kind, outcome) => {
  expect(v0Refusal(replyOf(status, body), 'launch')).toMatchObject({ kind, outcome });
});

test.each([
  'Server not found',
  'Virtual machine not found',
  'Server does not exist',
  "This VM doesn't exist",
  'No such server',
])('a machine asked about is gone when the provider says "%s"', (said) => {
  expect(v0Refusal(replyOf(200, { success: false, error: said }), 'none')?.kind).toBe('not_found');
});

test.each([
  'Internal server error: module not found',
  'Server error. Record not found',
  'Invalid API token',
  'Not found',
])('a machine asked about is not gone when the provider says "%s"', (said) => {
  expect(v0Refusal(replyOf(200, { success: false, error: said }), 'none')?.kind).not.toBe(
    'not_found',
  );
});

test('a success with an empty error beside it is a success', () => {
  expect(v0Refusal(replyOf(200, { success: true, error: null }), 'none')).toBeUndefined();
});
