import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markOf, mixedDigest } from '../../src/http/views/mixed-digest.ts';
import { digestOf } from '../../src/http/views/ready-answer.ts';

const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 });
const page = fc.record({ rows: texts, closing: fc.constantFrom('],1}', '],2}', ']}', '') });

function digestFor({ rows, closing }: { rows: readonly string[]; closing: string }): string {
  return mixedDigest(
    rows.map((text) => markOf(digestOf(text))),
    closing,
  );
}

test('pages are told apart by their rows, the order of these, and what stands behind them', () => {
  fc.assert(
    fc.property(page, page, (left, right) => {
      const isSame =
        left.rows.join() === right.rows.join() &&
        left.rows.length === right.rows.length &&
        left.closing === right.closing;
      expect(digestFor(left) === digestFor(right)).toBe(isSame);
    }),
    { numRuns: 5_000 },
  );
});

test('both halves of a row count', () => {
  const of = (left: number, right: number) => mixedDigest([{ left, right }], '');
  expect(new Set([of(1, 2), of(2, 2), of(1, 1), of(-1, 2)]).size).toBe(4);
});

test('a digest fits a tag', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (left, right) => {
      expect(mixedDigest([{ left, right }], '')).toMatch(/^[0-9a-z]{8,14}$/);
    }),
  );
});
