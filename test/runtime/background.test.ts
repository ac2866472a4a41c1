import { describe, expect, test } from 'vitest';
import { Background } from '../../src/runtime/background.ts';
import { gate } from './gate.ts';

/** A background whose calls wait at one gate, and whose outcomes are taken in at another. */
function stage(concurrency = 2) {
  const calls = gate();
  const takings = gate();
  const errors: string[] = [];
  const taken: string[] = [];
  const background = new Background({ concurrency, onError: (key) => errors.push(key) });
  const start = (key: string, call = calls.pass): void =>
    background.start(key, {
      call,
      take: async () => {
        await takings.pass();
        taken.push(key);
      },
    });
  return { background, calls, takings, errors, taken, start };
}

/** Lets everything that waits for nothing but its turn run. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('errands in the background', () => {
  test('are one at a time for each key, and so many in all', async () => {
    const { calls, start } = stage();
    for (const key of ['a', 'a', 'b', 'c']) start(key);
    await settled();
    expect(calls.waiting).toBe(2);
    calls.open();
    await settled();
    expect(calls.waiting).toBe(0);
  });

  test('can be sent again for a key when the last one is through', async () => {
    const { calls, takings, taken, start } = stage();
    start('a');
    await settled();
    calls.open();
    await settled();
    start('a');
    await settled();
    expect(calls.waiting).toBe(0);
    takings.open();
    await settled();
    start('a');
    await settled();
    expect([calls.waiting, taken]).toEqual([1, ['a']]);
  });

  test('that break off are told of, and hold up nothing', async () => {
    const { errors, calls, start } = stage(1);
    start('a', () => Promise.reject(new Error('no')));
    start('b');
    await settled();
    expect([errors, calls.waiting]).toEqual([['a'], 1]);
  });

  test('are waited for at a stop while they are taken in, and not while they are out in the world', async () => {
    const { background, calls, takings, taken, start } = stage();
    start('a');
    await settled();
    calls.open();
    await settled();
    start('b');
    await settled();
    let isStopped = false;
    const stopping = background.stop().then(() => {
      isStopped = true;
    });
    await settled();
    expect(isStopped).toBe(false);
    takings.open();
    await stopping;
    calls.open();
    await settled();
    takings.open();
    await settled();
    expect(taken).toEqual(['a']);
    start('c');
    await settled();
    expect(calls.waiting).toBe(0);
  });
});
