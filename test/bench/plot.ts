import { readFileSync, writeFileSync } from 'node:fs';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** `tsx test/bench/plot.ts FIGURES.json PLOT.svg`: time of an answer over the number of offers or sessions, both logarithmic. */
const Figures = Type.Object({
  points: Type.Array(
    Type.Object({ series: Type.String(), size: Type.Number(), micros: Type.Number() }),
  ),
});

const WIDTH = 760;
const HEIGHT = 420;
const MARGIN = { left: 70, right: 250, top: 20, bottom: 50 };
const COLOURS = ['#1b6ca8', '#c0392b', '#27823b', '#8e44ad', '#b9770e', '#2c3e50'];

const [figures = '', plot = ''] = process.argv.slice(2);
const { points } = Value.Parse(Figures, JSON.parse(readFileSync(figures, 'utf8')));
const xRange = decades(points.map(({ size }) => size));
const yRange = decades(points.map(({ micros }) => micros));
writeFileSync(plot, drawn());

function drawn(): string {
  const names = [...new Set(points.map(({ series }) => series))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...grid(),
    ...names.flatMap(curve),
    '</svg>\n',
  ].join('\n');
}

function grid(): readonly string[] {
  const vertical = powers(xRange).map((size) => {
    const at = x(size);
    return `<path d="M${at} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}" stroke="#dddddd"/><text x="${at}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${size.toLocaleString('en')}</text>`;
  });
  const horizontal = powers(yRange).map((micros) => {
    const at = y(micros);
    return `<path d="M${MARGIN.left} ${at}H${WIDTH - MARGIN.right}" stroke="#dddddd"/><text x="${MARGIN.left - 8}" y="${at + 4}" text-anchor="end">${micros.toLocaleString('en')} µs</text>`;
  });
  const title = `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">offers on the menu, or sessions stored</text>`;
  return [...vertical, ...horizontal, title];
}

function curve(name: string, index: number): readonly string[] {
  const own = points.filter(({ series }) => series === name);
  const colour = COLOURS[index % COLOURS.length];
  const path = own.map(({ size, micros }, at) => `${at === 0 ? 'M' : 'L'}${x(size)} ${y(micros)}`);
  const last = own.at(-1);
  if (!last) return [];
  const label = MARGIN.top + 16 * (index + 1);
  return [
    `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...own.map(
      ({ size, micros }) => `<circle cx="${x(size)}" cy="${y(micros)}" r="3" fill="${colour}"/>`,
    ),
    `<text x="${WIDTH - MARGIN.right + 14}" y="${label}" fill="${colour}">${name}</text>`,
  ];
}

/** The powers of ten around the values. */
function decades(values: readonly number[]): readonly [number, number] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return [low, Math.max(high, low + 1)];
}

function powers([low, high]: readonly [number, number]): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step));
}

function x(size: number): number {
  const share = (Math.log10(size) - xRange[0]) / (xRange[1] - xRange[0]);
  return Math.round(MARGIN.left + share * (WIDTH - MARGIN.left - MARGIN.right));
}

function y(micros: number): number {
  const share = (Math.log10(micros) - yRange[0]) / (yRange[1] - yRange[0]);
  return Math.round(HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.top - MARGIN.bottom));
}
