import { describe, expect, it } from 'vitest';
import { MAX_WAITING, type Priority, RateGate } from '../../src/providers/rate-gate.ts';
import { manualClock } from '../support/manual-clock.ts';

function queueing(limit: ConstructorParameters<typeof RateGate>[1]) {
  const clock = manualClock();
  const gate = new RateGate(clock, limit);
  const passed: string[] = [];
  const ask = (name: string, priority: Priority) => {
    void gate.pass(priority).then(() => passed.push(`${name}@${clock.monotonicMs()}`));
  };
  return { clock, gate, passed, ask };
}

describe('rate gate', () => {
  it('lets the first call through at once and the others an interval apart', async () => {
    const { clock, passed, ask } = queueing(1_000);
    for (const name of ['a', 'b', 'c']) ask(name, 'list');
    await clock.advance(0);
    expect(passed).toEqual(['a@0']);
    await clock.advance(999);
    expect(passed).toEqual(['a@0']);
    await clock.advance(5_000);
    expect(passed).toEqual(['a@0', 'b@1000', 'c@2000']);
  });

  it('lets a terminate pass before everything that waits, even what came long before', async () => {
    const { clock, passed, ask } = queueing(1_000);
    ask('first', 'search');
    ask('search', 'search');
    ask('list', 'list');
    await clock.advance(900);
    ask('launch', 'launch');
    ask('terminate', 'terminate');
    await clock.advance(10_000);
    expect(passed).toEqual([
      'first@0',
      'terminate@1000',
      'launch@2000',
      'list@3000',
      'search@4000',
    ]);
  });

  it('lets a list pass before looks at single machines, however many keep coming', async () => {
    const { clock, passed, ask } = queueing(600);
    for (let look = 0; look < 9; look += 1) ask(`look ${look}`, 'status');
    ask('list', 'list');
    await clock.advance(600);
    expect(passed).toEqual(['look 0@0', 'list@600']);
  });

  it('keeps the order of arrival among equals', async () => {
    const { clock, passed, ask } = queueing(10);
    for (const name of ['a', 'b', 'c', 'd']) ask(name, 'status');
    await clock.advance(100);
    expect(passed.map((entry) => entry[0])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('allows so many calls in any window, in a burst', async () => {
    const { clock, passed, ask } = queueing({ calls: 3, perMs: 60_000 });
    for (const name of ['a', 'b', 'c', 'd']) ask(name, 'search');
    await clock.advance(20_000);
    expect(passed).toEqual(['a@0', 'b@0', 'c@0']);
    ask('e', 'search');
    await clock.advance(60_000);
    expect(passed.slice(3)).toEqual(['d@60000', 'e@60000']);
  });

  it('holds everybody back when the provider says that we are too fast, also those who wait already', async () => {
    const { clock, gate, passed, ask } = queueing(1_000);
    ask('a', 'launch');
    ask('b', 'launch');
    await clock.advance(500);
    gate.hold(12_000);
    await clock.advance(11_999);
    expect(passed).toEqual(['a@0']);
    await clock.advance(1);
    expect(passed).toEqual(['a@0', 'b@12500']);
  });

  it('is not moved by a jump of the wall clock', async () => {
    const { clock, passed, ask } = queueing(1_000);
    ask('a', 'list');
    ask('b', 'list');
    clock.jump(3_600_000);
    await clock.advance(999);
    expect(passed).toEqual(['a@0']);
    await clock.advance(1);
    expect(passed).toEqual(['a@0', 'b@1000']);
  });

  it('is full when its bound of waiting calls is reached', async () => {
    const { clock, gate, ask } = queueing(1_000);
    for (let call = 0; call < MAX_WAITING; call += 1) ask('x', 'list');
    expect(gate.isFull).toBe(false);
    ask('last', 'list');
    expect(gate.isFull).toBe(true);
    await clock.advance(1_000);
    expect(gate.isFull).toBe(false);
  });
});
