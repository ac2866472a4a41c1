import { describe, expect, test } from 'vitest';
import type { FailureCode, Instance } from '../../src/domain/instance.ts';
import { hasLeftNothing, isRefused, LAUNCH_ANSWER_MS } from '../../src/domain/refused-launch.ts';
import type { Session } from '../../src/domain/session.ts';
import { instance, START, session } from '../support/builders.ts';

function attempt(code: FailureCode, more: Partial<Instance> = {}): Instance {
  return instance({ state: 'refused', failure: { code, message: 'no' }, ...more });
}

function ended(instances: readonly Instance[], more: Partial<Session> = {}): Session {
  return session({
    status: 'failed',
    stopReason: 'launch_failed',
    stopAskedAt: START + 1,
    instances,
    ...more,
  });
}

test('a session is refused when every attempt of it was, whatever for', () => {
  const attempts = [attempt('no_capacity'), attempt('insufficient_funds', { attempt: 2 })];
  expect(isRefused(ended(attempts))).toBe(true);
  expect(hasLeftNothing(ended(attempts))).toBe(true);
});

describe('a session is not refused', () => {
  test.each([
    ['where a launch may have happened', ended([attempt('launch_unconfirmed')])],
    [
      'where a machine of it served nobody before another attempt was refused',
      ended([attempt('never_ready', { state: 'gone' }), attempt('no_capacity', { attempt: 2 })]),
    ],
    ['by a consumer who ended it', ended([attempt('no_capacity')], { stopReason: 'deleted' })],
    ['before it is over', session({ instances: [attempt('no_capacity')] })],
  ])('%s', (_why, one) => {
    expect(isRefused(one)).toBe(false);
  });

  test('where it took so long that it was given to its caller first', () => {
    const endedAfter = (ms: number) => ended([attempt('no_capacity')], { stopAskedAt: START + ms });
    expect(isRefused(endedAfter(LAUNCH_ANSWER_MS - 1))).toBe(true);
    expect(isRefused(endedAfter(LAUNCH_ANSWER_MS))).toBe(false);
  });
});

test('a refused session has left something while a machine of it is there', () => {
  const leftover = attempt('unavailable', { state: 'terminating' });
  expect(isRefused(ended([leftover]))).toBe(true);
  expect(hasLeftNothing(ended([leftover]))).toBe(false);
  expect(hasLeftNothing(ended([{ ...leftover, state: 'gone' }]))).toBe(true);
});

test('a second delivery of a refused call that comes to light takes the freedom of the key back', () => {
  const stray = instance({ role: 'stray', state: 'launched' });
  expect(hasLeftNothing(ended([attempt('no_capacity'), stray]))).toBe(false);
});
