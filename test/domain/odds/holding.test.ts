import { describe, expect, test } from 'vitest';
import { forgottenAt, hiddenUntil } from '../../../src/domain/odds/holding.ts';
import type { Outcome } from '../../../src/domain/odds/outcome.ts';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time.ts';
import { START } from '../../support/builders.ts';

const broken = (agoMs = 0): Outcome => ({ kind: 'broken', code: 'never_ready', at: START - agoMs });
const gone = (agoMs = 0): Outcome => ({ kind: 'gone', code: 'no_capacity', at: START - agoMs });
const ran = (agoMs = 0): Outcome => ({ kind: 'ran', at: START - agoMs });

describe('a machine is off the menu', () => {
  test('after it failed twice', () => {
    expect(hiddenUntil([broken(HOUR_MS), broken()], START)).toBeGreaterThan(START + 12 * HOUR_MS);
  });

  test('not after it failed once', () => {
    expect(hiddenUntil([broken()], START)).toBeUndefined();
  });

  test('not after two failures with a success among them', () => {
    expect(hiddenUntil([broken(2 * HOUR_MS), ran(HOUR_MS), broken()], START)).toBeUndefined();
  });

  test('not because somebody else had it', () => {
    expect(hiddenUntil([gone(), gone(), gone()], START)).toBeUndefined();
  });

  test('until exactly when it is said', () => {
    const outcomes = [broken(HOUR_MS), broken()];
    const until = hiddenUntil(outcomes, START) ?? 0;
    expect(hiddenUntil(outcomes, until - 1_000)).toBeDefined();
    expect(hiddenUntil(outcomes, until)).toBeUndefined();
  });
});

describe('what is held against a place', () => {
  test('is forgotten when next to nothing of it is left', () => {
    const at = forgottenAt('machine', [broken()], START) ?? 0;
    expect(at).toBeGreaterThan(START + 8 * DAY_MS);
    expect(forgottenAt('machine', [broken()], at)).toBeUndefined();
  });

  test('is forgotten sooner where the offer was only gone', () => {
    expect(forgottenAt('offer', [gone()], START)).toBeLessThan(START + 14 * HOUR_MS);
  });

  test('is nothing where launches served, and nothing at a host whose machine was taken', () => {
    expect(forgottenAt('machine', [ran()], START)).toBeUndefined();
    expect(forgottenAt('host', [gone()], START)).toBeUndefined();
  });
});
