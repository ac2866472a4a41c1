import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyMarks, mixedDigest, putMark } from '../../src/http/views/mixed-digest.ts';
import { digestOf } from '../../src/http/views/ready-answer.ts';

const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 });
const page = fc.record({ rows: texts, closing: fc.constantFrom('],1}', '],2}', ']}', '') });

function digestFor({ rows, closing }: { rows: readonly string[]; closing: string }): string {
  const marks = emptyMarks(rows.length);
  for (const [position, text] of rows.entries()) putMark(marks, position, digestOf(text));
  return mixedDigest(marks, [...rows.keys()], closing);
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

test('rows are found by their positions, and both halves of a mark count', () => {
  const marks = Int32Array.of(1, 2, 2, 2, 1, 1, -1, 2);
  const digests = [0, 1, 2, 3].map((position) => mixedDigest(marks, [position], ''));
  expect(new Set(digests).size).toBe(4);
  expect(mixedDigest(marks, [0, 1], '')).not.toBe(mixedDigest(marks, [1, 0], ''));
});

test('a digest fits a tag', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (left, right) => {
      const digest = mixedDigest(Int32Array.of(left, right), [0], '');
      expect(digest).toMatch(/^-?\d{1,10}\.-?\d{1,10}$/);
    }),
  );
});
