import { expect, test } from 'vitest';
import type { Note } from '../../src/ports/recorder.ts';
import { startLoop } from '../../src/runtime/loop.ts';
import { manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';
import { gate } from './gate.ts';

function setUp(body: () => Promise<void>) {
  const clock = manualClock();
  const recorder = recordingRecorder();
  const loop = startLoop({ name: 'test', clock, recorder, intervalMs: () => 1_000, body });
  return { clock, recorder, loop };
}

test('the body runs at once and then after each interval', async () => {
  let runs = 0;
  const { clock, loop } = setUp(async () => {
    runs += 1;
  });
  expect(runs).toBe(1);
  await clock.advance(999);
  expect(runs).toBe(1);
  await clock.advance(2_001);
  expect(runs).toBe(4);
  await loop.stop();
});

test('the interval begins when a run ends, and is asked for anew each time', async () => {
  const intervals = [1_000, 5_000];
  const clock = manualClock();
  const door = gate();
  let runs = 0;
  const loop = startLoop({
    name: 'test',
    clock,
    recorder: recordingRecorder(),
    intervalMs: () => intervals.shift() ?? 9_000,
    body: async () => {
      runs += 1;
      await door.pass();
    },
  });
  await clock.advance(60_000);
  expect(runs).toBe(1);
  door.open();
  await clock.advance(1_000);
  expect(runs).toBe(2);
  door.open();
  await clock.advance(4_999);
  expect(runs).toBe(2);
  await clock.advance(1);
  expect(runs).toBe(3);
  door.open();
  await loop.stop();
});

test('woken between two runs it runs now, and the next interval begins there', async () => {
  let runs = 0;
  const { clock, loop } = setUp(async () => {
    runs += 1;
  });
  await clock.advance(500);
  loop.wake();
  expect(runs).toBe(2);
  await clock.advance(999);
  expect(runs).toBe(2);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(runs).toBe(3);
  await loop.stop();
});

test('woken during a run, however often, it runs once more right after it, and never twice at once', async () => {
  const door = gate();
  let runs = 0;
  const { clock, loop } = setUp(async () => {
    runs += 1;
    await door.pass();
  });
  loop.wake();
  loop.wake();
  expect(door.waiting).toBe(1);
  door.open();
  await clock.advance(0);
  expect(runs).toBe(2);
  expect(door.waiting).toBe(1);
  door.open();
  await clock.advance(999);
  expect(runs).toBe(2);
  await loop.stop();
});

test('a body that throws is noted and run again', async () => {
  const error = new Error('broken');
  let runs = 0;
  const { clock, recorder, loop } = setUp(async () => {
    runs += 1;
    if (runs < 3) throw error;
  });
  await clock.advance(2_000);
  expect(runs).toBe(3);
  expect(recorder.notes).toStrictEqual([
    { kind: 'loop_failed', loop: 'test', error },
    { kind: 'loop_failed', loop: 'test', error },
  ]);
  await loop.stop();
});

test('stop waits for the run that is under way; none starts after it and no timer is left', async () => {
  const door = gate();
  let runs = 0;
  const { clock, loop } = setUp(async () => {
    runs += 1;
    await door.pass();
  });
  let isStopped = false;
  const stopping = loop.stop().then(() => {
    isStopped = true;
  });
  await clock.advance(5_000);
  expect(isStopped).toBe(false);
  loop.wake();
  door.open();
  await stopping;
  await clock.advance(60_000);
  expect(runs).toBe(1);
  expect(clock.pending).toBe(0);
});

test('stopped between two runs it leaves no timer and hears no wake-up', async () => {
  let runs = 0;
  const { clock, loop } = setUp(async () => {
    runs += 1;
  });
  await clock.advance(10);
  await loop.stop();
  loop.wake();
  await clock.advance(60_000);
  expect(runs).toBe(1);
  expect(clock.pending).toBe(0);
});

test('each turn tells when the next one is due, a turn that failed too', async () => {
  const turns: unknown[] = [];
  const clock = manualClock();
  const recorder = {
    event: () => {},
    note: (note: Note) =>
      void (note.kind === 'loop_turned' && turns.push([clock.now(), note.nextInMs])),
  };
  const startedAt = clock.now();
  const body = () => Promise.reject(new Error('boom'));
  const loop = startLoop({ name: 'test', clock, recorder, intervalMs: () => 1_000, body });
  await clock.advance(1_000);
  expect(turns).toEqual([
    [startedAt, 1_000],
    [startedAt + 1_000, 1_000],
  ]);
  await loop.stop();
});
