import { describe, expect, it } from 'vitest';
import { createChance } from '../../src/simulator/chance.ts';
import type { Chance } from '../../src/simulator/model.ts';

const draw = (chance: Chance, count: number) => Array.from({ length: count }, () => chance.next());

describe('chance', () => {
  it('gives the same stream for the same seed and another for the next one', () => {
    expect(draw(createChance(7), 50)).toEqual(draw(createChance(7), 50));
    expect(draw(createChance(7), 5)).not.toEqual(draw(createChance(8), 5));
  });

  it('stays in [0, 1) and spreads evenly', () => {
    const values = draw(createChance('spread'), 20_000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const tenths = Array.from({ length: 10 }, (_, index) =>
      values.filter((value) => Math.floor(value * 10) === index),
    );
    for (const tenth of tenths) expect(Math.abs(tenth.length - 2_000)).toBeLessThan(200);
  });

  it('forks streams that do not hang on what else was drawn', () => {
    const left = createChance(1);
    const right = createChance(1);
    draw(left, 100);
    expect(draw(left.fork('ssh'), 10)).toEqual(draw(right.fork('ssh'), 10));
    expect(draw(left.fork('ssh'), 10)).not.toEqual(draw(left.fork('wire'), 10));
  });

  it('draws integers with both ends, and every item of a list', () => {
    const chance = createChance('ends');
    const rolls = new Set(Array.from({ length: 500 }, () => chance.int(1, 6)));
    expect([...rolls].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    const picks = new Set(Array.from({ length: 200 }, () => chance.pick(['a', 'b', 'c'])));
    expect(picks.size).toBe(3);
    expect(() => chance.pick([])).toThrow('nothing to pick from');
  });

  it('hits as often as the probability says, never at 0 and always at 1', () => {
    const chance = createChance('hits');
    const hits = Array.from({ length: 10_000 }, () => chance.hit(0.2)).filter(Boolean).length;
    expect(Math.abs(hits - 2_000)).toBeLessThan(200);
    expect(Array.from({ length: 100 }, () => chance.hit(0)).some(Boolean)).toBe(false);
    expect(Array.from({ length: 100 }, () => chance.hit(1)).every(Boolean)).toBe(true);
  });

  it('makes version 4 uuids in lower case', () => {
    const chance = createChance('uuids');
    for (let count = 0; count < 50; count += 1) {
      expect(chance.uuid()).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });
});
