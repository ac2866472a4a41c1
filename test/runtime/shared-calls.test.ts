import { expect, test } from 'vitest';
import { SharedCalls } from '../../src/runtime/shared-calls.ts';
import { manualClock } from '../support/manual-clock.ts';
import { gate } from './gate.ts';

const FRESH_MS = 2_000;

function setUp({ concurrency = 2, maxWaiting = 2 } = {}) {
  const clock = manualClock();
  const door = gate();
  const made: string[] = [];
  const waits: number[] = [];
  const calls = new SharedCalls<string>({ clock, concurrency, maxWaiting, freshMs: FRESH_MS });
  const ask = (key: string) =>
    calls.ask(key, async (waitedMs) => {
      made.push(key);
      waits.push(waitedMs);
      await door.pass();
      return `${key}${made.length}`;
    });
  return { clock, door, made, waits, calls, ask };
}

test('who asks while a call is out shares it, however long it takes', async () => {
  const { clock, door, made, ask } = setUp();
  const first = ask('a');
  await clock.advance(10 * FRESH_MS);
  const second = ask('a');
  door.open();
  expect(await Promise.all([first, second])).toEqual(['a1', 'a1']);
  expect(made).toEqual(['a']);
});

test('an answer serves for a while, counted from its question, and then the question is asked anew', async () => {
  const { clock, door, made, ask } = setUp();
  const first = ask('a');
  await clock.advance(500);
  door.open();
  await first;
  await clock.advance(FRESH_MS - 501);
  expect(await ask('a')).toBe('a1');
  await clock.advance(1);
  const second = ask('a');
  await clock.advance(0);
  door.open();
  expect(await second).toBe('a2');
  expect(made).toEqual(['a', 'a']);
});

test('a fault is shared like an answer', async () => {
  const { clock, calls } = setUp();
  let tries = 0;
  const fail = (): Promise<string> => {
    tries += 1;
    return Promise.reject(new Error(`try ${tries}`));
  };
  await expect(calls.ask('a', fail)).rejects.toThrow('try 1');
  await expect(calls.ask('a', fail)).rejects.toThrow('try 1');
  await clock.advance(FRESH_MS);
  await expect(calls.ask('a', fail)).rejects.toThrow('try 2');
});

test('no more are out at once than may be, and who waits is told for how long', async () => {
  const { clock, door, made, waits, ask } = setUp({ concurrency: 2 });
  const answers = ['a', 'b', 'c'].map(ask);
  await clock.advance(700);
  expect(made).toEqual(['a', 'b']);
  expect(door.waiting).toBe(2);
  door.open();
  await clock.advance(0);
  expect(made).toEqual(['a', 'b', 'c']);
  expect(waits).toEqual([0, 0, 700]);
  door.open();
  await Promise.all(answers);
});

test('who comes when too many wait is sent away, and nothing is called for him', async () => {
  const { clock, door, made, ask } = setUp({ concurrency: 1, maxWaiting: 2 });
  const answers = ['a', 'b', 'c'].map(ask);
  expect(ask('d')).toBeUndefined();
  // One who only shares adds nothing to the queue.
  expect(ask('c')).toBe(answers[2]);
  for (const _ of answers) {
    await clock.advance(0);
    door.open();
  }
  await Promise.all(answers);
  expect(made).toEqual(['a', 'b', 'c']);
  expect(ask('d')).toBeDefined();
});
