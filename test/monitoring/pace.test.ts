import { expect, test } from 'vitest';
import { atPace, withShorterSpans } from './pace.ts';

const PACE = { speed: 10, originMs: 1_000_000 };

test('spans become shorter, thresholds and names stay', () => {
  expect(
    withShorterSpans('for: 15m\nexpr: gpu:x:ratio_30m > 600 and increase(a[1h]) > 5', 60),
  ).toBe('for: 15000ms\nexpr: gpu:x:ratio_30m > 600 and increase(a[60000ms]) > 5');
});

test('how far is looked ahead becomes shorter too', () => {
  expect(withShorterSpans('predict_linear(free[6h], 24 * 3600) < 0', 10)).toBe(
    'predict_linear(free[2160000ms], (24 * 3600) / 10) < 0',
  );
});

test('rates are those of the faster clock, and so is the time', () => {
  expect(atPace('60 * sum(rate(calls[5m]))', PACE)).toBe('60 * sum(1 / 10 * rate(calls[30000ms]))');
  expect(atPace('time() - due', PACE)).toBe('(1000 + 10 * (time() - 1000)) - due');
});

test('a metric whose name ends like a function is left alone', () => {
  expect(atPace('gpu_spend_rate_usd', PACE)).toBe('gpu_spend_rate_usd');
});
