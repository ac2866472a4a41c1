import type { Figures } from './figures.ts';
import type { Report } from './report.ts';

const WIDTH = 900;
const HEIGHT = 330;
const PANEL = { width: 230, height: 200, top: 50, gap: 60, left: 60 };
const COLOURS: Readonly<Record<string, string>> = {
  ours: '#1b6ca8',
  'cheapest first': '#c0392b',
  random: '#b9770e',
  'most reliable first': '#27823b',
};

interface Panel {
  readonly title: string;
  readonly of: (figures: Figures) => number;
  readonly top: number;
  readonly target: number;
  readonly label: (value: number) => string;
}

const PANELS: readonly Panel[] = [
  {
    title: 'served, % of requests',
    of: (one) => one.servedShare * 100,
    top: 100,
    target: 99,
    label: String,
  },
  {
    title: 'attempts, 95th percentile',
    of: (one) => one.attemptsP95,
    top: 12,
    target: 4,
    label: String,
  },
  {
    title: 'wasted, % of the spend',
    of: (one) => one.wasteShare * 100,
    top: 20,
    target: 2,
    label: String,
  },
];

const SHARES: Readonly<Record<string, number>> = {
  'all good': 0,
  '30 % bad': 30,
  '60 % bad': 60,
  '80 % bad': 80,
};

/** Three panels over the share of bad offers: who is served, after how many attempts, and what is wasted. */
export function plotOf({ figures }: Report): string {
  const rows = figures.filter(({ phase, mix }) => phase === 'all' && mix in SHARES);
  const names = [...new Set(rows.map(({ strategy }) => strategy))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...PANELS.flatMap((panel, index) => drawn(panel, { rows, names, index })),
    ...names.flatMap(legend),
    '</svg>\n',
  ].join('\n');
}

interface Scene {
  readonly rows: readonly Figures[];
  readonly names: readonly string[];
  readonly index: number;
}

function drawn(panel: Panel, { rows, names, index }: Scene): readonly string[] {
  const left = PANEL.left + index * (PANEL.width + PANEL.gap);
  const x = (share: number): number => Math.round(left + (share / 80) * PANEL.width);
  const y = (value: number): number =>
    Math.round(PANEL.top + PANEL.height * (1 - Math.min(value, panel.top) / panel.top));
  const bottom = PANEL.top + PANEL.height;
  return [
    `<text x="${left}" y="${PANEL.top - 16}" font-weight="bold">${panel.title}</text>`,
    ...[0, 0.25, 0.5, 0.75, 1].map((part) => {
      const value = panel.top * part;
      return `<path d="M${left} ${y(value)}H${left + PANEL.width}" stroke="#dddddd"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${panel.label(value)}</text>`;
    }),
    ...Object.values(SHARES).map(
      (share) => `<text x="${x(share)}" y="${bottom + 18}" text-anchor="middle">${share} %</text>`,
    ),
    `<text x="${left + PANEL.width / 2}" y="${bottom + 38}" text-anchor="middle">share of bad offers</text>`,
    `<path d="M${left} ${y(panel.target)}H${left + PANEL.width}" stroke="#888888" stroke-dasharray="5 4"/>`,
    ...names.map((name) => curve(rows, { name, x, y, of: panel.of })),
  ];
}

interface Curve {
  readonly name: string;
  readonly x: (share: number) => number;
  readonly y: (value: number) => number;
  readonly of: (figures: Figures) => number;
}

function curve(rows: readonly Figures[], { name, x, y, of }: Curve): string {
  const points = rows
    .filter(({ strategy }) => strategy === name)
    .map((one) => ({ share: SHARES[one.mix] ?? 0, value: of(one) }))
    .toSorted((one, other) => one.share - other.share);
  const colour = COLOURS[name] ?? '#2c3e50';
  const path = points.map(
    ({ share, value }, at) => `${at === 0 ? 'M' : 'L'}${x(share)} ${y(value)}`,
  );
  const dots = points.map(
    ({ share, value }) => `<circle cx="${x(share)}" cy="${y(value)}" r="3" fill="${colour}"/>`,
  );
  return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}`;
}

function legend(name: string, index: number): readonly string[] {
  const left = PANEL.left + index * 190;
  const colour = COLOURS[name] ?? '#2c3e50';
  return [
    `<path d="M${left} ${HEIGHT - 18}h24" stroke="${colour}" stroke-width="2"/>`,
    `<text x="${left + 32}" y="${HEIGHT - 14}">${name}</text>`,
  ];
}
