import { expect, test } from 'vitest';
import { BrokerError, ERROR_STATUS, ProviderFailure } from '../../src/domain/errors.ts';

test('a failure of the world keeps its cause and says its kind first', () => {
  const cause = new Error('socket hang up');
  const failure = new ProviderFailure({
    kind: 'unavailable',
    outcome: 'unknown',
    detail: 'no answer',
    retryAfterMs: 5,
    leftover: 'i-1',
    cause,
  });
  expect(failure).toMatchObject({
    name: 'ProviderFailure',
    message: 'unavailable: no answer',
    kind: 'unavailable',
    outcome: 'unknown',
    retryAfterMs: 5,
    leftover: 'i-1',
    cause,
  });
});

test('a refusal carries its code, and no details unless given', () => {
  expect(new BrokerError('conflict', 'ended')).toMatchObject({ code: 'conflict', details: {} });
  expect(new BrokerError('hard_limit', 'no', { max: 1 }).details).toStrictEqual({ max: 1 });
});

test('every code is answered with an error status', () => {
  for (const status of Object.values(ERROR_STATUS)) expect(status).toBeGreaterThanOrEqual(400);
});
