import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { axisFor } from './axis.ts';
import { type Panel, readDashboard } from './dashboard.ts';
import { legendOf, stretchesIn } from './dashboard-picture.ts';
import { drawPanel } from './panel-drawing.ts';
import { inUnit } from './units.ts';

const SPAN = { fromMs: 0, toMs: 10_000, stepMs: 1_000 };
const CANVAS = { span: SPAN, timeOf: String, marks: [] };
const PANEL: Panel = {
  type: 'timeseries',
  title: 'Sessions',
  place: { x: 0, y: 0, w: 8, h: 7 },
  unit: 'short',
  thresholds: [],
  queries: [],
};

test('the picture in the documentation has every panel of the dashboard', () => {
  const picture = readFileSync('docs/dashboard.svg', 'utf8');
  const missing = readDashboard().panels.filter(
    ({ title }) => !picture.includes(`>${title}</text>`),
  );
  expect(missing).toEqual([]);
});

test('no two panels stand on each other', () => {
  const { panels } = readDashboard();
  const clashes = panels.flatMap((one, index) =>
    panels.slice(index + 1).flatMap((other) => {
      const isBeside =
        one.place.x + one.place.w <= other.place.x || other.place.x + other.place.w <= one.place.x;
      const isAbove =
        one.place.y + one.place.h <= other.place.y || other.place.y + other.place.h <= one.place.y;
      return isBeside || isAbove ? [] : [`${one.title} and ${other.title}`];
    }),
  );
  expect(clashes).toEqual([]);
});

test('a line is broken where nothing was measured', () => {
  const points = [0, 1_000, 5_000, 6_000].map((atMs) => ({ atMs, value: atMs / 1_000 }));
  const drawn = drawPanel(PANEL, [{ name: 'running', points }], CANVAS);
  const [, path = ''] = /<path d="([^"]*)" fill="none"/.exec(drawn) ?? [];
  expect(path.match(/[ML]/g)).toEqual(['M', 'L', 'M', 'L']);
});

test('what lasts from one look to the next is one stretch', () => {
  expect(stretchesIn([5_000, 1_000, 2_000, 2_000], 1_000)).toEqual([
    { fromMs: 1_000, toMs: 2_000 },
    { fromMs: 5_000, toMs: 5_000 },
  ]);
  const marks = [{ fromMs: 0, toMs: 5_000 }];
  const marked = drawPanel(PANEL, [], { ...CANVAS, marks });
  expect(marked.length).toBeGreaterThan(drawPanel(PANEL, [], CANVAS).length);
});

test('what a legend has no room for is counted', () => {
  const lines = Array.from({ length: 40 }, (_, index) => ({
    name: `GPU number ${index}`,
    points: [],
  }));
  expect(drawPanel(PANEL, lines, CANVAS)).toMatch(/\+ \d+ more/);
});

test('a panel of a type that is not known fails rather than stays empty', () => {
  expect(() => drawPanel({ ...PANEL, type: 'heatmap' }, [], CANVAS)).toThrow('heatmap');
});

test.each([
  [0, 'short', '0'],
  [12_345, 'short', '12.35 K'],
  [0.5, 'currencyUSD', '$0.5'],
  [-200, 'currencyUSD', '-$200'],
  [0.002, 's', '2 ms'],
  [90, 's', '1.5 min'],
  [0, 's', '0 s'],
  [186_000_000, 'bytes', '177.4 MiB'],
])('%d in %s is %s', (value, unit, shown) => {
  expect(inUnit(value, unit)).toBe(shown);
});

test('an axis is round and has all values on it', () => {
  expect(axisFor([1, 7.3], 'short')).toEqual({ low: 0, high: 8, ticks: [0, 2, 4, 6, 8] });
  expect(axisFor([0, 1_500], 's').ticks).toEqual([0, 600, 1_200, 1_800]);
  expect(axisFor([5, 5], 'short').low).toBeLessThanOrEqual(5);
  expect(axisFor([], 'short').ticks).toEqual([0, 1]);
});

test('a legend is filled in from the labels', () => {
  expect(legendOf('{{provider}} {{ kind }}', { provider: 'a' })).toBe('a');
});
