import { describe, expect, test } from 'vitest';
import { KeyedRunner, type RunResult } from '../../src/runtime/keyed-runner.ts';
import { manualClock } from '../support/manual-clock.ts';
import { type Gate, gate } from './gate.ts';

interface SetUp {
  readonly laneConcurrency?: number;
  readonly door?: Gate;
  /** What a key answers; by default it waits to be woken. */
  readonly answer?: (key: string) => RunResult;
}

function setUp({ laneConcurrency = 4, door, answer }: SetUp = {}) {
  const clock = manualClock();
  const runs: string[] = [];
  const underWay = new Map<string, number>();
  const most = new Map<string, number>();
  const runner = new KeyedRunner({
    clock,
    laneConcurrency: () => laneConcurrency,
    run: async (key, lane) => {
      const result = answer?.(key) ?? { againInMs: undefined, lane: 'home' };
      if (result.lane !== lane) return { againInMs: 0, lane: result.lane };
      runs.push(key);
      underWay.set(key, (underWay.get(key) ?? 0) + 1);
      most.set(key, Math.max(most.get(key) ?? 0, underWay.get(key) ?? 0));
      await door?.pass();
      underWay.set(key, (underWay.get(key) ?? 0) - 1);
      return result;
    },
  });
  return { clock, runs, most, runner };
}

test('a woken key is run once', async () => {
  const { clock, runs, runner } = setUp();
  runner.wake('a');
  await clock.advance(60_000);
  expect(runs).toStrictEqual(['a']);
  expect(clock.pending).toBe(0);
});

test('a key is never run twice at once: woken during a run, however often, it runs once more after it', async () => {
  const door = gate();
  const { clock, runs, most, runner } = setUp({ door });
  runner.wake('a');
  await clock.advance(0);
  runner.wake('a');
  runner.wake('a');
  await clock.advance(0);
  expect(runs).toStrictEqual(['a']);
  door.open();
  await clock.advance(0);
  expect(runs).toStrictEqual(['a', 'a']);
  door.open();
  await clock.advance(60_000);
  expect(runs).toHaveLength(2);
  expect(most.get('a')).toBe(1);
});

test('a key comes back when it said, and not before', async () => {
  const { clock, runs, runner } = setUp({ answer: () => ({ againInMs: 1_000, lane: 'x' }) });
  runner.wake('a');
  await clock.advance(999);
  expect(runs).toHaveLength(1);
  expect(runner.isScheduled('a')).toBe(true);
  await clock.advance(1);
  expect(runs).toHaveLength(2);
  await clock.advance(3_000);
  expect(runs).toHaveLength(5);
});

test('a key that is woken before its time runs now, and once', async () => {
  let times = 0;
  const { clock, runs, runner } = setUp({
    answer: () => {
      times += 1;
      return { againInMs: times < 3 ? 1_000 : undefined, lane: 'x' };
    },
  });
  runner.wake('a');
  await clock.advance(500);
  runner.wake('a');
  await clock.advance(60_000);
  expect(runs).toHaveLength(2);
  expect(runner.isScheduled('a')).toBe(false);
});

describe('lanes', () => {
  const laneOf = (key: string): RunResult => ({ againInMs: undefined, lane: key.charAt(0) });

  test('run at most so many keys at once each, and the rest in turn', async () => {
    const door = gate();
    const { clock, runs, runner } = setUp({ laneConcurrency: 2, door, answer: laneOf });
    for (const key of ['x1', 'x2', 'x3', 'x4', 'x5']) runner.wake(key);
    await clock.advance(0);
    expect(door.waiting).toBe(2);
    for (let turn = 0; turn < 3; turn += 1) {
      door.open();
      await clock.advance(0);
    }
    expect(runs.toSorted()).toStrictEqual(['x1', 'x2', 'x3', 'x4', 'x5']);
  });

  test('do not wait for each other: one in which all hang holds up no other, not even keys never run before', async () => {
    const door = gate();
    const { clock, runs, runner } = setUp({ laneConcurrency: 2, door, answer: laneOf });
    for (const key of ['x1', 'x2', 'x3', 'x4']) runner.wake(key);
    await clock.advance(0);
    runner.wake('y1');
    await clock.advance(0);
    expect(runs).toContain('y1');
    expect(runs.filter((key) => key.startsWith('x'))).toHaveLength(2);
  });

  test('are followed by a key that moves to another one', async () => {
    let lane = 'x';
    const { clock, runs, runner } = setUp({ answer: () => ({ againInMs: undefined, lane }) });
    runner.wake('a');
    await clock.advance(0);
    lane = 'y';
    runner.wake('a');
    await clock.advance(0);
    expect(runs).toStrictEqual(['a', 'a']);
  });
});

describe('stopped', () => {
  test('it waits for the runs under way; no other one starts and no timer is left', async () => {
    const door = gate();
    const { clock, runs, runner } = setUp({
      laneConcurrency: 1,
      door,
      answer: () => ({ againInMs: 1_000, lane: 'x' }),
    });
    runner.wake('a');
    runner.wake('b');
    await clock.advance(0);
    let isStopped = false;
    const stopping = runner.stop().then(() => {
      isStopped = true;
    });
    runner.wake('a');
    runner.wake('c');
    await clock.advance(0);
    expect(isStopped).toBe(false);
    door.open();
    await stopping;
    await clock.advance(60_000);
    expect(runs).toStrictEqual(['a']);
    expect(clock.pending).toBe(0);
  });

  test('it forgets the times at which keys wanted to come back', async () => {
    const { clock, runs, runner } = setUp({ answer: () => ({ againInMs: 1_000, lane: 'x' }) });
    runner.wake('a');
    await clock.advance(10);
    await runner.stop();
    await clock.advance(60_000);
    expect(runs).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
