import { expect, test } from 'vitest';
import {
  type FailureKind,
  type FailureOutcome,
  ProviderFailure,
} from '../../../../src/domain/errors.ts';
import { createHostTrust } from '../../../../src/providers/tensordock/v2/host-trust.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const HOUR_MS = 3_600_000;

function failure(kind: FailureKind, outcome: FailureOutcome = 'not_done'): ProviderFailure {
  return new ProviderFailure({ kind, outcome, detail: 'no' });
}

test.each(['invalid', 'malformed'] as const)(
  'a create that is %s turns hosts off for six hours',
  async (kind) => {
    const clock = manualClock();
    const trust = createHostTrust(clock);
    trust.failed(failure(kind));
    expect(trust.isTrusted()).toBe(false);
    await clock.advance(6 * HOUR_MS - 1);
    expect(trust.isTrusted()).toBe(false);
    await clock.advance(1);
    expect(trust.isTrusted()).toBe(true);
  },
);

test.each([
  'no_capacity',
  'not_found',
  'unauthorized',
  'insufficient_funds',
  'rate_limited',
] as const)('a refusal as %s is no reason to', (kind) => {
  const trust = createHostTrust(manualClock());
  trust.failed(failure(kind));
  trust.failed(failure(kind, 'unknown'));
  trust.failed(failure(kind, 'unknown'));
  expect(trust.isTrusted()).toBe(true);
});

test('one fault is no reason, two in a row are, and a success between them counts', () => {
  const trust = createHostTrust(manualClock());
  trust.failed(failure('unavailable', 'unknown'));
  trust.worked();
  trust.failed(failure('unavailable', 'unknown'));
  trust.failed(failure('unavailable', 'not_done'));
  expect(trust.isTrusted()).toBe(true);
  trust.failed(failure('unavailable', 'unknown'));
  expect(trust.isTrusted()).toBe(false);
});
