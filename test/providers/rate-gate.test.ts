import { describe, expect, it } from 'vitest';
import {
  MAX_BACKOFF_MS,
  MAX_WAITING,
  type Priority,
  RateGate,
} from '../../src/providers/rate-gate.ts';
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

  it('holds everybody back for as long as the provider asks, also those who wait already', async () => {
    const { clock, gate, passed, ask } = queueing(1_000);
    ask('a', 'launch');
    ask('b', 'launch');
    ask('end', 'terminate');
    await clock.advance(500);
    gate.refuse({ sentMs: 0, waitMs: 12_000 });
    await clock.advance(11_999);
    expect(passed).toEqual(['a@0']);
    await clock.advance(1_001);
    expect(passed).toEqual(['a@0', 'end@12500', 'b@13500']);
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

describe('a rate gate that the provider refuses again and again', () => {
  /** Sends, is refused at once, and sends again as soon as the gate lets it. */
  async function refusedTimes(count: number, priority: Priority): Promise<readonly number[]> {
    const { clock, gate } = queueing(1_000);
    const sentAt: number[] = [];
    const again = async (left: number): Promise<void> => {
      await gate.pass(priority);
      const sentMs = clock.monotonicMs();
      sentAt.push(sentMs);
      gate.refuse({ sentMs, waitMs: 5_000 });
      if (left > 1) await again(left - 1);
    };
    void again(count);
    await clock.advance(3_600_000);
    return sentAt;
  }

  it('doubles the pause each time, up to a bound', async () => {
    const times = await refusedTimes(7, 'list');
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, MAX_BACKOFF_MS, MAX_BACKOFF_MS]);
  });

  it('lets a terminate try as soon as the provider said', async () => {
    const times = await refusedTimes(4, 'terminate');
    expect(times).toEqual([0, 5_000, 10_000, 15_000]);
  });

  it('lets a terminate that comes later pass before the back-off of the others is over', async () => {
    const { clock, gate, passed, ask } = queueing(1_000);
    for (const sentMs of [0, 1, 2]) gate.refuse({ sentMs, waitMs: 5_000 });
    clock.after(1, () => gate.refuse({ sentMs: 1, waitMs: 5_000 }));
    ask('list', 'list');
    await clock.advance(6_000);
    ask('end', 'terminate');
    await clock.advance(60_000);
    expect(passed[0]).toBe('end@6000');
    expect(passed[1]).toMatch(/^list@/);
  });

  it('takes refusals of calls that were under way together for one', async () => {
    const { clock, gate, passed, ask } = queueing({ calls: 3, perMs: 1_000 });
    for (const name of ['a', 'b', 'c']) ask(name, 'search');
    await clock.advance(100);
    for (let call = 0; call < 3; call += 1) gate.refuse({ sentMs: 0, waitMs: 4_000 });
    ask('d', 'search');
    await clock.advance(60_000);
    expect(passed[3]).toBe('d@4100');
  });

  it('begins anew once a call is taken', async () => {
    const { clock, gate, passed, ask } = queueing(1_000);
    gate.refuse({ sentMs: 0, waitMs: 5_000 });
    await clock.advance(5_000);
    gate.refuse({ sentMs: 5_000, waitMs: 5_000 });
    await clock.advance(10_000);
    gate.accept(15_000);
    gate.refuse({ sentMs: 15_000, waitMs: 5_000 });
    ask('a', 'list');
    await clock.advance(60_000);
    expect(passed).toEqual(['a@20000']);
  });
});

describe('a rate gate that is told of a longer interval', () => {
  it('keeps it from then on, with some to spare, and forgets it after an hour', async () => {
    const { clock, gate, passed, ask } = queueing(1_300);
    expect(gate.learn(4_000)).toBe(4_300);
    for (const name of ['a', 'b', 'c']) ask(name, 'list');
    await clock.advance(10_000);
    expect(passed).toEqual(['a@0', 'b@4300', 'c@8600']);
    await clock.advance(3_600_000);
    for (const name of ['d', 'e']) ask(name, 'list');
    await clock.advance(5_000);
    expect(passed.slice(3)).toEqual(['d@3610000', 'e@3611300']);
  });

  it('keeps it for terminates as well, for the provider named it', async () => {
    const { clock, gate, passed, ask } = queueing(3_300);
    gate.learn(6_000);
    for (const name of ['a', 'b']) ask(name, 'terminate');
    await clock.advance(10_000);
    expect(passed).toEqual(['a@0', 'b@6300']);
  });

  it('spreads the calls of a window', async () => {
    const { clock, gate, passed, ask } = queueing({ calls: 9, perMs: 60_000 });
    gate.learn(6_000);
    for (const name of ['a', 'b']) ask(name, 'search');
    await clock.advance(10_000);
    expect(passed).toEqual(['a@0', 'b@6300']);
  });

  it('is not stalled by a wild number', () => {
    const { gate } = queueing(1_000);
    expect(gate.learn(99_999_000)).toBe(4_000);
  });

  it('adds some to spare each time when it kept that interval already, up to as much again', () => {
    const { gate } = queueing(1_300);
    expect(gate.learn(1_000)).toBe(1_600);
    expect(gate.learn(1_000)).toBe(1_900);
    expect(gate.learn(1_000)).toBe(2_000);
    expect(gate.learn(1_000)).toBe(undefined);
  });

  it('learns nothing from a shorter one', async () => {
    const { clock, gate, passed, ask } = queueing(5_000);
    expect(gate.learn(1_000)).toBe(undefined);
    for (const name of ['a', 'b']) ask(name, 'list');
    await clock.advance(5_000);
    expect(passed).toEqual(['a@0', 'b@5000']);
  });
});

describe('under a flood of calls that go first', () => {
  const HOUR_MS = 3_600_000;

  /** Keeps so many calls of one priority waiting, for ever. */
  function flood(gate: RateGate, priority: Priority): void {
    const again = (): void => void gate.pass(priority).then(again);
    for (let call = 0; call < 50; call += 1) again();
  }

  it.each(['launch', 'list', 'status', 'search'] as const)(
    'a %s gets through within a minute, for 24 hours',
    async (priority) => {
      const { clock, gate } = queueing(6_000);
      flood(gate, 'terminate');
      let longestMs = 0;
      let count = 0;
      const ask = (): void => {
        const askedMs = clock.monotonicMs();
        void gate.pass(priority).then(() => {
          count += 1;
          longestMs = Math.max(longestMs, clock.monotonicMs() - askedMs);
          ask();
        });
      };
      ask();
      await clock.advance(24 * HOUR_MS);
      expect(count).toBeGreaterThan(1_000);
      expect(longestMs).toBeLessThanOrEqual(60_000);
    },
  );

  it('every sort of call that waits gets a share', async () => {
    const { clock, gate } = queueing(600);
    const passes: Record<string, number> = {};
    for (const priority of ['terminate', 'launch', 'list', 'status', 'search'] as const) {
      const again = (): void =>
        void gate.pass(priority).then(() => {
          passes[priority] = (passes[priority] ?? 0) + 1;
          again();
        });
      for (let call = 0; call < 20; call += 1) again();
    }
    await clock.advance(HOUR_MS);
    const { terminate = 0, ...others } = passes;
    expect(terminate / (HOUR_MS / 600)).toBeGreaterThan(0.85);
    for (const share of Object.values(others)) expect(share).toBeGreaterThan(150);
  });

  it('terminates are not behind anything that has waited for less than its patience', async () => {
    const { clock, passed, ask } = queueing(100);
    ask('first', 'search');
    for (let call = 0; call < 20; call += 1) ask('search', 'search');
    for (let call = 0; call < 20; call += 1) ask('end', 'terminate');
    await clock.advance(2_000);
    expect(passed.slice(1).every((entry) => entry.startsWith('end'))).toBe(true);
  });
});
