import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { TRACES } from './traces/traces.ts';
import {
  firstMistake,
  isBorneOut,
  isFalseKill,
  isInTime,
  isWarned,
  playAll,
  tableOf,
} from './verdicts.ts';

const played = await playAll();
const nameOf = ({ trace }: (typeof played)[number]): string => trace.name;

describe('traces of machines', () => {
  test('are at least sixty, each with a name of its own and a reason', () => {
    expect(TRACES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(TRACES.map(({ name }) => name)).size).toBe(TRACES.length);
    expect(TRACES.every(({ reason }) => reason.length > 10)).toBe(true);
  });

  test('have labels that their own phases bear out', () => {
    expect(TRACES.filter((trace) => !isBorneOut(trace)).map(({ name }) => name)).toEqual([]);
  });

  test('end no session on which there was work within its threshold', () => {
    expect(played.filter(isFalseKill).map(nameOf)).toEqual([]);
  });

  test('end at least 95 of 100 that are truly idle, within an interval of the threshold', () => {
    const idle = played.filter(({ trace }) => trace.label.kind !== 'never');
    const late = idle.filter((one) => !isInTime(one)).map(nameOf);
    process.stdout.write(tableOf(played, late));
    expect(1 - late.length / idle.length, late.join(', ')).toBeGreaterThanOrEqual(0.95);
  });

  test('end nobody who was not warned a grace before', () => {
    expect(played.filter((one) => !isWarned(one)).map(nameOf)).toEqual([]);
  });

  test('are judged as a mutated program is, which has to make a mistake', () => {
    expect(firstMistake(played)).toBeUndefined();
  });
});
