import { expect, test } from 'vitest';
import { ActivityMemory } from '../../src/sessions/activity-memory.ts';
import { sessionId } from '../support/builders.ts';

const numbers = Array.from({ length: 1_000 }, (_one, index) => index + 1);

function remembered(memory: ActivityMemory): readonly number[] {
  return numbers.filter((number) => memory.of(sessionId(number)).workToldAt !== undefined);
}

test('of sessions that are over the latest 200 are remembered, and of those that are not all', () => {
  const memory = new ActivityMemory();
  for (const number of numbers) memory.note(sessionId(number), { workToldAt: number });
  const open = numbers.slice(0, 300);
  memory.forgetOver(open.map((number) => sessionId(number)));
  expect(remembered(memory)).toEqual([...open, ...numbers.slice(-200)]);
});

test('a few are remembered all, over or not', () => {
  const memory = new ActivityMemory();
  for (const number of numbers.slice(0, 200)) memory.note(sessionId(number), { workToldAt: 1 });
  memory.forgetOver([]);
  expect(remembered(memory)).toHaveLength(200);
});
