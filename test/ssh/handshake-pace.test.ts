import { expect, test } from 'vitest';
import { HandshakePace } from '../../src/ssh/handshake-pace.ts';

test('whoever comes alone waits for nothing', () => {
  const pace = new HandshakePace();
  expect([0, 10, 20].map((nowMs) => pace.reserve(nowMs))).toEqual([0, 0, 0]);
});

test('a thousand that come at once have all had their turn within some seconds', () => {
  const pace = new HandshakePace();
  const waits = Array.from({ length: 1_000 }, () => pace.reserve(0));
  expect(waits).toEqual([...waits].sort((left, right) => left - right));
  expect(new Set(waits).size).toBe(1_000);
  expect(waits.at(-1)).toBeLessThan(5_000);
});

test('turns that were taken are waited for by whoever comes later', () => {
  const pace = new HandshakePace();
  for (let turn = 0; turn < 10; turn += 1) pace.reserve(0);
  expect(pace.reserve(20)).toBe(20);
  expect(pace.reserve(100)).toBe(0);
});
