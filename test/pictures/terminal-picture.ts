import { escaped, round } from './svg.ts';
import type { Piece } from './terminal.ts';

const COLUMNS = 134;
const CELL = { width: 7.83, height: 18, size: 13 };
const MARGIN = 18;
const BAR = 34;
const FONTS =
  'ui-monospace, SFMono-Regular, Menlo, Consolas, Liberation Mono, DejaVu Sans Mono, monospace';
const COLOURS = {
  ground: '#16181d',
  bar: '#24272e',
  plain: '#d8dae0',
  dim: '#868c98',
  bold: '#ffffff',
  green: '#73bf69',
  cyan: '#6cc7d9',
};
const LIGHTS = ['#f2495c', '#f2cc0c', '#73bf69'];

/** A terminal of 134 columns with these lines; each is one `text`, however many rows it takes. */
export function terminalPicture(title: string, lines: readonly (readonly Piece[])[]): string {
  const drawn: string[] = [];
  let row = 0;
  for (const line of lines) {
    const rows = wrapped(line);
    drawn.push(drawLine(rows, row));
    row += rows.length;
  }
  const width = Math.ceil(COLUMNS * CELL.width + 2 * MARGIN);
  const height = BAR + row * CELL.height + 2 * MARGIN - 6;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${FONTS}" font-size="${CELL.size}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${COLOURS.ground}"/>`,
    `<path d="M0 ${BAR}V8a8 8 0 0 1 8 -8H${width - 8}a8 8 0 0 1 8 8V${BAR}z" fill="${COLOURS.bar}"/>`,
    ...LIGHTS.map(
      (fill, index) => `<circle cx="${20 + 20 * index}" cy="17" r="6" fill="${fill}"/>`,
    ),
    `<text x="${width / 2}" y="22" text-anchor="middle" fill="${COLOURS.dim}">${escaped(title)}</text>`,
    '<g id="screen">',
    ...drawn.filter((line) => line !== ''),
    '</g>',
    '</svg>\n',
  ].join('\n');
}

/** The lines of such a picture, as they were before they were wrapped; empty ones are not in it. */
export function linesOfPicture(svg: string): readonly string[] {
  const screen = svg.slice(svg.indexOf('<g id="screen">'));
  return [...screen.matchAll(/<text[^>]*>(.*)<\/text>/g)].map(([, line = '']) =>
    line
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&'),
  );
}

interface Placed extends Piece {
  readonly column: number;
}

/** Goes on in the next row where a row is full, as a terminal does. */
function wrapped(line: readonly Piece[]): readonly (readonly Placed[])[] {
  const rows: Placed[][] = [[]];
  let column = 0;
  for (const piece of line) {
    let left = piece.text;
    while (left !== '') {
      if (column === COLUMNS) {
        rows.push([]);
        column = 0;
      }
      const text = left.slice(0, COLUMNS - column);
      rows.at(-1)?.push({ ...piece, text, column });
      column += text.length;
      left = left.slice(text.length);
    }
  }
  return rows;
}

function drawLine(rows: readonly (readonly Placed[])[], firstRow: number): string {
  const spans = rows.flatMap((row, index) => {
    const y = BAR + MARGIN + (firstRow + index) * CELL.height + 10;
    return row.map((piece) => drawPiece(piece, y));
  });
  return spans.length === 0 ? '' : `<text xml:space="preserve">${spans.join('')}</text>`;
}

function drawPiece({ text, column, ...piece }: Placed, y: number): string {
  const weight = piece.isBold ? ' font-weight="bold"' : '';
  const x = round(MARGIN + column * CELL.width);
  // Every font has its own width; columns stay columns.
  const length = round(text.length * CELL.width);
  return `<tspan x="${x}" y="${y}" textLength="${length}" fill="${colourOf(piece)}"${weight}>${escaped(text)}</tspan>`;
}

function colourOf({ isBold, isDim, colour }: Omit<Piece, 'text'>): string {
  if (isDim) return COLOURS.dim;
  return isBold ? COLOURS.bold : COLOURS[colour];
}
