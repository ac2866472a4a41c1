import { box, round, textAt } from '../pictures/svg.ts';
import { type Axis, axisFor } from './axis.ts';
import type { Panel } from './dashboard.ts';
import type { Point, Span } from './prometheus.ts';
import { inUnit } from './units.ts';

/** A line of a panel, named as its legend names it. */
export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Canvas {
  readonly span: Span;
  /** While these last every panel is marked. */
  readonly marks: readonly Stretch[];
  /** An instant as it stands under the lines. */
  readonly timeOf: (atMs: number) => string;
}

/** A time from its first to its last instant. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Of Grafana's grid: a column, a row, and what is left free between panels. */
const GRID = { column: 50, row: 28, gap: 6 };
export const COLOURS = {
  page: '#111217',
  panel: '#181b1f',
  border: '#2a2d34',
  text: '#d5d7df',
  faint: '#9298a4',
  grid: '#25282f',
  mark: '#f2495c',
};
/** Light enough for a dark ground, and told apart by those who see few colours. */
const LINES = [
  '#73bf69',
  '#f2cc0c',
  '#5794f2',
  '#ff9830',
  '#f2495c',
  '#b877d9',
  '#8ab8ff',
  '#96d98d',
  '#ffcb7d',
  '#ff7383',
  '#ca95e5',
  '#c0d8ff',
];
const STATS: Readonly<Record<string, string>> = {
  green: '#3b8a3f',
  red: '#c4162a',
  orange: '#c15c17',
  blue: '#1f60c4',
};
const LEGEND = { size: 11, row: 15, rows: 3, letter: 6.1 };

/** One box of the dashboard with what it shows. */
export function drawPanel(panel: Panel, lines: readonly Line[], canvas: Canvas): string {
  const area = areaOf(panel);
  switch (panel.type) {
    case 'row':
      return textAt({ x: area.left, y: area.top + 19 }, panel.title, {
        size: 15,
        fill: COLOURS.text,
        weight: 'bold',
      });
    case 'stat':
      return drawStat(panel, area, lines);
    case 'timeseries':
      return drawSeries({ panel, area, lines }, canvas);
    default:
      throw new Error(`nobody has drawn a panel of the type ${panel.type} yet`);
  }
}

export function heightOf(panels: readonly Panel[]): number {
  return Math.max(...panels.map(({ place }) => (place.y + place.h) * GRID.row));
}

export const WIDTH = 24 * GRID.column;

function areaOf({ place }: Panel): Area {
  return {
    left: place.x * GRID.column + GRID.gap / 2,
    top: place.y * GRID.row + GRID.gap / 2,
    width: place.w * GRID.column - GRID.gap,
    height: place.h * GRID.row - GRID.gap,
  };
}

function drawStat({ title, unit, thresholds }: Panel, area: Area, lines: readonly Line[]): string {
  const value = lines[0]?.points.at(-1)?.value;
  const reached = thresholds.filter(
    ({ value: from }) => from === null || (value !== undefined && value >= from),
  );
  const fill = STATS[reached.at(-1)?.color ?? 'green'] ?? COLOURS.panel;
  const shown = value === undefined ? 'No data' : inUnit(value, unit);
  const middle = area.left + area.width / 2;
  return [
    frame(area, fill),
    textAt({ x: area.left + 10, y: area.top + 20 }, title, {
      size: 13,
      fill: '#ffffff',
      weight: 'bold',
    }),
    textAt({ x: middle, y: area.top + area.height / 2 + 24 }, shown, {
      size: 38,
      fill: '#ffffff',
      anchor: 'middle',
      weight: 'bold',
    }),
  ].join('\n');
}

interface Chart {
  readonly panel: Panel;
  readonly area: Area;
  readonly lines: readonly Line[];
}

function drawSeries({ panel, area, lines }: Chart, canvas: Canvas): string {
  const legend = legendRows(lines, area.width - 20);
  const plot: Area = {
    left: area.left + 58,
    top: area.top + 34,
    width: area.width - 72,
    height: area.height - 34 - 26 - legend.length * LEGEND.row,
  };
  const axis = axisFor(
    lines.flatMap(({ points }) => points.map(({ value }) => value)),
    panel.unit,
  );
  return [
    frame(area, COLOURS.panel),
    textAt({ x: area.left + 10, y: area.top + 20 }, panel.title, {
      size: 13,
      fill: COLOURS.text,
      weight: 'bold',
    }),
    ...canvas.marks.map((mark) => drawMark(mark, { plot, span: canvas.span })),
    ...valueAxis({ plot, axis }, panel.unit),
    ...timeAxis(plot, canvas),
    ...lines.map(({ points }, index) => curve({ plot, axis, points }, { index, canvas })),
    ...legend.flatMap((row, index) =>
      drawLegend(row, {
        left: area.left + 12,
        y: area.top + area.height - 8 - (legend.length - 1 - index) * LEGEND.row,
      }),
    ),
  ].join('\n');
}

function frame({ left, top, width, height }: Area, fill: string): string {
  return box({ x: left, y: top, width, height }, { fill, stroke: COLOURS.border, radius: 3 });
}

function drawMark(
  { fromMs, toMs }: Stretch,
  { plot, span }: { readonly plot: Area; readonly span: Span },
): string {
  const [from, to] = [fromMs, toMs].map((atMs) => placeOf(atMs, { plot, span }));
  if (from === undefined || to === undefined) return '';
  const edge = `M${from} ${plot.top}v${plot.height}`;
  return [
    `<rect x="${from}" y="${plot.top}" width="${round(to - from)}" height="${plot.height}" fill="${COLOURS.mark}" fill-opacity="0.13"/>`,
    `<path d="${edge}" stroke="${COLOURS.mark}" stroke-opacity="0.5" stroke-dasharray="3 3"/>`,
  ].join('');
}

function placeOf(
  atMs: number,
  { plot, span }: { readonly plot: Area; readonly span: Span },
): number {
  return round(plot.left + ((atMs - span.fromMs) / (span.toMs - span.fromMs)) * plot.width);
}

interface Scale {
  readonly plot: Area;
  readonly axis: Axis;
}

function valueAxis(scale: Scale, unit: string): readonly string[] {
  const { plot, axis } = scale;
  return axis.ticks.flatMap((tick) => {
    const at = heightAt(tick, scale);
    return [
      `<path d="M${round(plot.left)} ${at}h${round(plot.width)}" stroke="${COLOURS.grid}"/>`,
      textAt({ x: plot.left - 6, y: at + 4 }, inUnit(tick, unit), {
        size: 11,
        fill: COLOURS.faint,
        anchor: 'end',
      }),
    ];
  });
}

const TIME_MARKS = 4;

function timeAxis(plot: Area, { span, timeOf }: Canvas): readonly string[] {
  return Array.from({ length: TIME_MARKS }, (_, index) => {
    const share = (index + 0.5) / TIME_MARKS;
    const x = plot.left + share * plot.width;
    return [
      `<path d="M${round(x)} ${round(plot.top)}v${round(plot.height)}" stroke="${COLOURS.grid}"/>`,
      textAt(
        { x, y: plot.top + plot.height + 15 },
        timeOf(span.fromMs + share * (span.toMs - span.fromMs)),
        { size: 11, fill: COLOURS.faint, anchor: 'middle' },
      ),
    ].join('');
  });
}

/** Broken where there was nothing for longer than a step, as while the broker was down. */
function curve(
  scale: Scale & { readonly points: readonly Point[] },
  { index, canvas }: { readonly index: number; readonly canvas: Canvas },
): string {
  const { span } = canvas;
  const { plot, points } = scale;
  const path = points.map(({ atMs, value }, at) => {
    const before = points[at - 1];
    const isNew = before === undefined || atMs - before.atMs > span.stepMs * 1.5;
    return `${isNew ? 'M' : 'L'}${placeOf(atMs, { plot, span })} ${heightAt(value, scale)}`;
  });
  return `<path d="${path.join('')}" fill="none" stroke="${colourOf(index)}" stroke-width="1.4" stroke-linejoin="round"/>`;
}

function heightAt(value: number, { plot, axis }: Scale): number {
  return round(plot.top + plot.height * (1 - (value - axis.low) / (axis.high - axis.low)));
}

interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  readonly offset: number;
}

/** Names one after the other in a few rows; how many more there are, in the last. */
function legendRows(lines: readonly Line[], width: number): readonly (readonly LegendEntry[])[] {
  const rows: LegendEntry[][] = [[]];
  let offset = 0;
  for (const [index, { name }] of lines.entries()) {
    const wide = 24 + name.length * LEGEND.letter;
    const isLastRow = rows.length === LEGEND.rows;
    const room = isLastRow && index < lines.length - 1 ? width - 70 : width;
    if (offset > 0 && offset + wide > room) {
      if (isLastRow) {
        const left = `+ ${lines.length - index} more`;
        rows.at(-1)?.push({ name: left, colour: 'none', offset: offset - 12 });
        break;
      }
      rows.push([]);
      offset = 0;
    }
    rows.at(-1)?.push({ name, colour: colourOf(index), offset });
    offset += wide;
  }
  return rows;
}

function drawLegend(
  row: readonly LegendEntry[],
  { left, y }: { readonly left: number; readonly y: number },
): readonly string[] {
  return row.map(
    ({ name, colour, offset }) =>
      `<path d="M${round(left + offset)} ${round(y - 4)}h12" stroke="${colour}" stroke-width="3"/>${textAt(
        { x: left + offset + 16, y },
        name,
        { size: LEGEND.size, fill: COLOURS.text },
      )}`,
  );
}

function colourOf(index: number): string {
  return LINES[index % LINES.length] ?? COLOURS.text;
}
