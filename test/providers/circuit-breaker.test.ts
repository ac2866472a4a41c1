import { describe, expect, it } from 'vitest';
import {
  type CallSort,
  CircuitBreaker,
  FAULTS_TO_OPEN,
  FIRST_PAUSE_MS,
  LONGEST_PAUSE_MS,
} from '../../src/providers/circuit-breaker.ts';
import { manualClock } from '../support/manual-clock.ts';

const SORTS: readonly CallSort[] = ['vital', 'read', 'change'];

function breakerAfter(faults: number) {
  const clock = manualClock();
  const states: string[] = [];
  const breaker = new CircuitBreaker(clock, (state) => states.push(state));
  for (let fault = 0; fault < faults; fault += 1) breaker.noteFault(clock.monotonicMs());
  return { clock, breaker, states };
}

describe('a circuit breaker', () => {
  it('admits every call at first, and after one fault too few', () => {
    const { breaker, states } = breakerAfter(FAULTS_TO_OPEN - 1);
    expect(SORTS.map((sort) => breaker.admits(sort))).toEqual([true, true, true]);
    expect(states).toEqual([]);
  });

  it('admits only vital calls after so many faults in a row', () => {
    const { breaker, states } = breakerAfter(FAULTS_TO_OPEN);
    expect(SORTS.map((sort) => breaker.admits(sort))).toEqual([true, false, false]);
    expect(SORTS.map((sort) => breaker.refuses(sort))).toEqual([false, true, true]);
    expect(states).toEqual(['open']);
  });

  it('counts anew after an answer', () => {
    const { breaker } = breakerAfter(FAULTS_TO_OPEN - 1);
    breaker.noteAnswer();
    for (let fault = 1; fault < FAULTS_TO_OPEN; fault += 1) breaker.noteFault(0);
    expect(breaker.admits('read')).toBe(true);
  });

  it('does not hold against an API what was sent before it last answered', async () => {
    const { clock, breaker } = breakerAfter(0);
    await clock.advance(30_000);
    breaker.noteAnswer();
    for (let fault = 0; fault < 32; fault += 1) breaker.noteFault(29_999);
    expect(breaker.admits('change')).toBe(true);
  });

  it('tries one read after a pause, and never a change', async () => {
    const { clock, breaker, states } = breakerAfter(FAULTS_TO_OPEN);
    await clock.advance(FIRST_PAUSE_MS - 1);
    expect(breaker.admits('read')).toBe(false);
    await clock.advance(1);
    expect(breaker.admits('change')).toBe(false);
    expect(breaker.admits('read')).toBe(true);
    expect(breaker.admits('read')).toBe(false);
    expect(states).toEqual(['open', 'half_open']);
  });

  it('closes when the one that was tried is answered', async () => {
    const { clock, breaker, states } = breakerAfter(FAULTS_TO_OPEN);
    await clock.advance(FIRST_PAUSE_MS);
    breaker.admits('read');
    breaker.noteAnswer();
    expect(SORTS.map((sort) => breaker.admits(sort))).toEqual([true, true, true]);
    expect(states).toEqual(['open', 'half_open', 'closed']);
  });

  it('closes when a vital call is answered meanwhile', () => {
    const { breaker, states } = breakerAfter(FAULTS_TO_OPEN);
    expect(breaker.admits('vital')).toBe(true);
    breaker.noteAnswer();
    expect(breaker.admits('change')).toBe(true);
    expect(states).toEqual(['open', 'closed']);
  });

  it('waits twice as long after each try that fails, up to a bound, however long it lasts', async () => {
    const { clock, breaker } = breakerAfter(FAULTS_TO_OPEN);
    const tries: number[] = [];
    for (let second = 0; second < 600; second += 1) {
      if (breaker.admits('read')) {
        tries.push(clock.monotonicMs());
        breaker.noteFault(clock.monotonicMs());
      }
      await clock.advance(1_000);
    }
    const pauses = tries.map((at, index) => at - (tries[index - 1] ?? 0));
    expect(pauses.slice(0, 4)).toEqual([15_000, 30_000, LONGEST_PAUSE_MS, LONGEST_PAUSE_MS]);
  });

  it('is not put off by vital calls that go on failing', async () => {
    const { clock, breaker } = breakerAfter(FAULTS_TO_OPEN);
    for (let second = 0; second < FIRST_PAUSE_MS / 1_000; second += 1) {
      breaker.noteFault(clock.monotonicMs());
      await clock.advance(1_000);
    }
    expect(breaker.admits('read')).toBe(true);
  });

  it('begins with the short pause again once it was closed', async () => {
    const { clock, breaker } = breakerAfter(FAULTS_TO_OPEN);
    await clock.advance(FIRST_PAUSE_MS);
    breaker.admits('read');
    breaker.noteFault(clock.monotonicMs());
    breaker.noteAnswer();
    for (let fault = 0; fault < FAULTS_TO_OPEN; fault += 1) breaker.noteFault(clock.monotonicMs());
    await clock.advance(FIRST_PAUSE_MS);
    expect(breaker.admits('read')).toBe(true);
  });
});
