import { expect, test } from 'vitest';
import { INSTANCE_STATES, isFinalInstance } from '../../src/domain/instance.ts';
import { currentInstance, isTerminalStatus, SESSION_STATUSES } from '../../src/domain/session.ts';
import { instance, session } from '../support/builders.ts';

test('the last attempt is current, whatever strays came after it', () => {
  const first = instance({ attempt: 1, state: 'gone' });
  const second = instance({ attempt: 2 });
  const stray = instance({ attempt: 1, role: 'stray' });
  expect(currentInstance(session({ instances: [first, second, stray] }))).toBe(second);
  expect(currentInstance(session({ instances: [stray] }))).toBeUndefined();
  expect(currentInstance(session())).toBeUndefined();
});

test('stopped and failed are the end, and nothing else is', () => {
  expect(SESSION_STATUSES.filter(isTerminalStatus)).toStrictEqual(['stopped', 'failed']);
});

test('refused, absent and gone are the end of an instance, and nothing else is', () => {
  expect(INSTANCE_STATES.filter(isFinalInstance)).toStrictEqual(['refused', 'absent', 'gone']);
});
