import { describe, expect, test } from 'vitest';
import { placeOf } from '../../src/domain/odds/place.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { JudgedList, MAX_AT_ONCE, MAX_SHORT, type News } from '../../src/inventory/judged-list.ts';
import { offer, START } from '../support/builders.ts';

const SIZE = 2 * MAX_AT_ONCE + 10;
const NO_NEWS: News = { places: [], count: 0 };

const menu = (size: number): readonly Offer[] =>
  Array.from({ length: size }, (_, number) =>
    offer({
      id: `alpha-${number}`,
      machineId: `machine-${Math.floor(number / 2)}`,
      hostId: `host-${Math.floor(number / 4)}`,
    }),
  );

function setUp(size: number) {
  const given = menu(size);
  const list = new JudgedList(given);
  /** The ids that are judged, each with this figure. */
  const judge = (confidence: number, news = NO_NEWS, now = START): readonly string[] => {
    const asked: string[] = [];
    const estimate = ({ id }: Offer): number => {
      asked.push(id);
      return confidence;
    };
    list.judge(estimate, { news, now });
    return asked;
  };
  const judgeAll = (): void => {
    while (list.isUnfinished) judge(0.5);
  };
  const left = (confidence: number): number =>
    list.shown.filter((one) => one.availabilityConfidence !== confidence).length;
  return { given, list, judge, judgeAll, left };
}

describe('a short list', () => {
  test('is judged whole whenever anybody asks', () => {
    const { judge, list } = setUp(MAX_SHORT);
    expect(judge(0.5)).toHaveLength(MAX_SHORT);
    expect(list.isUnfinished).toBe(false);
    expect(judge(0.5)).toHaveLength(MAX_SHORT);
  });
});

describe('a long list', () => {
  test('is judged a part at a time, each offer once', () => {
    const { judge, list, given } = setUp(SIZE);
    const parts = [judge(0.5), judge(0.5), judge(0.5)];
    expect(parts.map((part) => part.length)).toStrictEqual([MAX_AT_ONCE, MAX_AT_ONCE, 10]);
    expect(parts.flat()).toStrictEqual(given.map(({ id }) => id));
    expect(list.isUnfinished).toBe(false);
    expect(judge(0.5)).toStrictEqual([]);
  });

  test('is the one that was given while no estimate differs', () => {
    const { judge, list, given } = setUp(SIZE);
    while (list.isUnfinished) judge(0.9);
    expect(list.shown).toBe(given);
  });

  test('does not change in the hand of a reader', () => {
    const { judge, judgeAll, list } = setUp(SIZE);
    judge(0.5);
    const seen = list.shown;
    judgeAll();
    expect(seen.filter((one) => one.availabilityConfidence === 0.5)).toHaveLength(MAX_AT_ONCE);
  });

  test('is judged anew within a minute after each minute', () => {
    const { judge, judgeAll, list } = setUp(SIZE);
    judgeAll();
    expect(list.dueAt).toBe(START + MINUTE_MS);
    expect(judge(0.4, NO_NEWS, START + MINUTE_MS - 1)).toStrictEqual([]);
    const later = START + MINUTE_MS;
    const parts = [1, 2, 3, 4].map(() => judge(0.4, NO_NEWS, later).length);
    expect(parts).toStrictEqual([MAX_AT_ONCE, MAX_AT_ONCE, 10, 0]);
    expect(list.dueAt).toBe(later + MINUTE_MS);
  });

  test('after news is judged where it happened first, and whole with the next questions', () => {
    const { given, judge, judgeAll, list, left } = setUp(SIZE);
    judgeAll();
    const failed = given.at(-1) ?? offer();
    const news = { places: [placeOf(failed)], count: 1 };
    const first = judge(0.4, news);
    const sameHost = given.filter(({ hostId }) => hostId === failed.hostId).map(({ id }) => id);
    expect(first.slice(0, sameHost.length)).toStrictEqual(sameHost);
    expect(first).toHaveLength(MAX_AT_ONCE);
    expect(list.dueAt).toBeLessThan(START);
    expect([judge(0.4, news), judge(0.4, news)].flat()).toHaveLength(SIZE - MAX_AT_ONCE);
    expect(left(0.4)).toBe(0);
    expect(list.dueAt).toBe(START + MINUTE_MS);
  });

  test('with news while it is first judged is finished all the same, and judged again', () => {
    const { given, judge, list, left } = setUp(SIZE);
    judge(0.5);
    const failed = given.at(-1) ?? offer();
    const news = { places: [placeOf(failed)], count: 1 };
    judge(0.4, news);
    judge(0.4, news);
    expect(list.isUnfinished).toBe(false);
    expect(left(0.4)).toBe(MAX_AT_ONCE);
    const again = judge(0.4, news);
    const sameHost = given.filter(({ hostId }) => hostId === failed.hostId).map(({ id }) => id);
    expect(again.slice(0, sameHost.length)).toStrictEqual(sameHost);
    while (left(0.4) > 0) expect(judge(0.4, news).length).toBeGreaterThan(0);
  });
});
