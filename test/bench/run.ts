import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { buildForBench } from './build.ts';
import { measureLiving } from './live-measures.ts';
import { measureMenu, measureMenuGrowth } from './menu-measures.ts';
import { measureOneSession } from './one-session-measures.ts';
import { type BenchReport, isFarOff, isMet, type Point, type Row, tableOf } from './rows.ts';
import { openScene, type Scene } from './scene.ts';
import { measureLedger, measureSessionGrowth, measureSessions } from './session-measures.ts';
import { growthExponent } from './statistics.ts';
import { measureTicks } from './tick-measures.ts';
import { measureTrouble } from './trouble-measures.ts';

/**
 * `npm run bench` measures everything on the table, in about twenty minutes; `-- --short` what CI looks at, in about a
 * minute; `-- --only menu,live` some of it; `-- --out FILE` says where the figures are written.
 */
const arguments_ = process.argv.slice(2);
const isShort = arguments_.includes('--short');
const only = optionOf('--only')?.split(',');
const out = optionOf('--out') ?? 'test/bench/results/latest.json';

/** Costs that are to stay the same however much there is; noise is what the rest is for. */
const FLAT_EXPONENT = 0.1;
const FLAT = [
  'GET /offers, the same few queries',
  'GET /offers/{id}',
  'GET /sessions/{id}',
  'GET /costs of a month',
];

const say = (line: string): void => void process.stderr.write(`… ${line}\n`);
const pace = isShort ? { pairs: 3, durationMs: 600 } : { pairs: 7, durationMs: 1_500 };
const scene = await openScene(buildForBench(), { ...pace, isShort, say });
try {
  const { rows, points } = await measureAll(scene);
  const report: BenchReport = {
    machine: machine(),
    mode: isShort ? 'short' : 'full',
    rows,
    points,
  };
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${tableOf(rows)}\n`);
  process.exitCode = rows.every(isShort ? (row) => !isFarOff(row) : isMet) ? 0 : 1;
} finally {
  await scene.close();
}

async function measureAll(on: Scene) {
  const isWanted = (name: string): boolean => only?.includes(name) ?? !isShort;
  const rows: Row[] = [];
  const points: Point[] = [];
  if (isShort || isWanted('menu')) rows.push(...(await measureMenu(on)));
  if (isWanted('growth')) {
    const sizes = [10, 100, 1_000, 10_000, 100_000];
    // A fit through several sizes evens out what a few pairs leave.
    const quick = { ...on, pairs: 3, durationMs: 1_000 };
    points.push(...(await measureMenuGrowth(quick, sizes)));
    points.push(...(await measureSessionGrowth(quick, sizes.slice(0, 4))));
  }
  rows.push(...growthRows(points));
  if (isWanted('sessions')) rows.push(...(await measureSessions(on, 10_000)));
  if (isWanted('ledger')) rows.push(...(await measureLedger(on, 100_000)));
  if (isWanted('one')) rows.push(...(await measureOneSession(on)));
  if (isWanted('live')) rows.push(...(await measureLiving(on, 1_000)));
  if (isWanted('ticks')) rows.push(...(await measureTicks(on)));
  if (isWanted('trouble')) rows.push(...(await measureTrouble(on)));
  return { rows, points };
}

function growthRows(points: readonly Point[]): readonly Row[] {
  const flat = FLAT.filter((series) => points.some((point) => point.series === series));
  return [...hundredfold(points), ...flat.map((series) => exponentRow(series, points))];
}

/** From 1,000 to 100,000 offers. */
function hundredfold(points: readonly Point[]): readonly Row[] {
  const few = points.filter(({ series }) => series === FLAT[0]);
  const at = (size: number) => few.find((point) => point.size === size)?.micros;
  const [small, large] = [at(1_000), at(100_000)];
  if (small === undefined || large === undefined) return [];
  const times = large / small;
  return [
    {
      id: 'growth_offers',
      what: '`GET /offers`, the same few queries, 100,000 offers to 1,000',
      value: times,
      unit: '×',
      bar: 1.2,
      sense: 'at most',
      lowest: times,
      highest: times,
      details: { small, large },
    },
  ];
}

function exponentRow(series: string, points: readonly Point[]): Row {
  const own = points.filter((point) => point.series === series);
  const value = growthExponent(own.map(({ size, micros }) => ({ size, cost: micros })));
  return {
    id: `exponent ${series}`,
    what: `exponent of growth, ${series}`,
    value,
    unit: '',
    bar: FLAT_EXPONENT,
    sense: 'at most',
    lowest: value,
    highest: value,
    details: Object.fromEntries(own.map(({ size, micros }) => [String(size), micros])),
  };
}

function machine() {
  return {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    platform: process.platform,
  };
}

function optionOf(name: string): string | undefined {
  const at = arguments_.indexOf(name);
  return at < 0 ? undefined : arguments_[at + 1];
}
