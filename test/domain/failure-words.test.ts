import { describe, expect, test } from 'vitest';
import { ERROR_STATUS, FAILURE_KINDS } from '../../src/domain/errors.ts';
import {
  FAILURE_TYPES,
  failureTypeOf,
  refusalSentence,
  refusalTypeOf,
} from '../../src/domain/failure-words.ts';

describe('a refusal', () => {
  test.each(FAILURE_KINDS)('%s is told in one code, in errors and in sessions', (kind) => {
    expect(failureTypeOf(kind)).toBe(refusalTypeOf(kind));
    expect(Object.keys(ERROR_STATUS)).toContain(refusalTypeOf(kind));
  });

  test.each(FAILURE_KINDS)('%s is told without what the provider said over the wire', (kind) => {
    const sentence = refusalSentence(kind, 'alpha');
    expect(sentence).not.toMatch(/HTTP|\/|\d|E[A-Z]{4}/);
    expect(sentence.includes('alpha')).toBe(!['no_capacity', 'not_found'].includes(kind));
  });
});

test.each([
  ['unauthorized', 'provider_error'],
  ['not_found', 'stale_inventory'],
  ['malformed', 'provider_unavailable'],
  ['launch_unconfirmed', 'launch_unconfirmed'],
  ['price_changed', 'price_changed'],
] as const)('what is stored as %s is told as %s', (code, type) => {
  expect(failureTypeOf(code)).toBe(type);
  expect(FAILURE_TYPES).toContain(type);
});
