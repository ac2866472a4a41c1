import { writeFileSync } from 'node:fs';
import { textAt } from '../pictures/svg.ts';
import { type Panel, type Query, readDashboard } from './dashboard.ts';
import { atPace, type Pace } from './pace.ts';
import { COLOURS, drawPanel, heightOf, type Line, type Stretch, WIDTH } from './panel-drawing.ts';
import type { Prometheus, Span } from './prometheus.ts';

export interface PictureParts {
  readonly prometheus: Prometheus;
  readonly pace: Pace;
  readonly span: Span;
}

const HEADING = 44;
const FOOT = 26;
const FONTS = 'Inter, Helvetica, Arial, DejaVu Sans, sans-serif';

/** Draws the dashboard, as its JSON describes it, with what a real Prometheus answers to its queries. */
export async function writePicture(file: string, parts: PictureParts): Promise<void> {
  const { title, panels, marks } = readDashboard();
  const canvas = {
    span: parts.span,
    timeOf: clockOf(parts.pace),
    marks: await stretchesOf(marks, parts),
  };
  const drawn: string[] = [];
  for (const panel of panels) drawn.push(drawPanel(panel, await linesOf(panel, parts), canvas));
  const body = heightOf(panels);
  const height = HEADING + body + FOOT;
  const faint = { size: 12, fill: COLOURS.faint };
  writeFileSync(
    file,
    [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="${FONTS}">`,
      `<rect width="${WIDTH}" height="${height}" fill="${COLOURS.page}"/>`,
      textAt({ x: 10, y: 28 }, title, { size: 18, fill: COLOURS.text, weight: 'bold' }),
      textAt({ x: WIDTH - 10, y: 28 }, 'UTC, by the clock of the simulated markets', {
        ...faint,
        anchor: 'end',
      }),
      `<g transform="translate(0 ${HEADING})">`,
      ...drawn,
      '</g>',
      textAt(
        { x: 10, y: height - 9 },
        "Drawn from the dashboard's JSON and a real Prometheus's answers to its queries; not by Grafana.",
        faint,
      ),
      '</svg>\n',
    ].join('\n'),
  );
}

async function linesOf({ queries }: Panel, parts: PictureParts): Promise<readonly Line[]> {
  const lines = await Promise.all(queries.map((query) => linesOfQuery(query, parts)));
  return lines.flat();
}

async function linesOfQuery(
  { expr, legend }: Query,
  { prometheus, pace, span }: PictureParts,
): Promise<readonly Line[]> {
  const series = await prometheus.range(atPace(expr, pace), span);
  return series
    .map(({ labels, points }) => ({
      name: legendOf(legend, labels),
      points: points.filter(({ value }) => Number.isFinite(value)),
    }))
    .toSorted((one, other) => one.name.localeCompare(other.name, 'en'));
}

/** While any of these queries had an answer. */
async function stretchesOf(
  queries: readonly string[],
  { prometheus, pace, span }: PictureParts,
): Promise<readonly Stretch[]> {
  const answers = await Promise.all(
    queries.map((expr) => prometheus.range(atPace(expr, pace), span)),
  );
  const instants = answers.flat().flatMap(({ points }) => points.map(({ atMs }) => atMs));
  return stretchesIn(instants, span.stepMs);
}

/** Instants that are no more than a step apart belong together. */
export function stretchesIn(instants: readonly number[], stepMs: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const atMs of instants.toSorted((one, other) => one - other)) {
    const last = stretches.at(-1);
    const isMore = last !== undefined && atMs - last.toMs <= stepMs * 1.5;
    if (isMore) stretches.pop();
    stretches.push({ fromMs: isMore ? last.fromMs : atMs, toMs: atMs });
  }
  return stretches;
}

/** `{{label}}` is that label's value, as Grafana has it. */
export function legendOf(pattern: string, labels: Readonly<Record<string, string>>): string {
  return pattern
    .replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_all, name: string) => labels[name] ?? '')
    .trim();
}

function clockOf({ speed, originMs }: Pace): (atMs: number) => string {
  return (atMs) => new Date(originMs + (atMs - originMs) * speed).toISOString().slice(11, 16);
}
