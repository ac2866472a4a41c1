/** A piece of a line in one way of writing. */
export interface Piece {
  readonly text: string;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly colour: 'plain' | 'green' | 'cyan';
}

type Style = Omit<Piece, 'text'>;

const PLAIN: Style = { isBold: false, isDim: false, colour: 'plain' };
/** The beginning of an escape sequence. */
const ESCAPE = '\u001b';

/** What stands on a terminal's lines after this output: a line that was written anew shows its last state. */
export function linesOnTerminal(output: string): readonly (readonly Piece[])[] {
  const lines = output.replaceAll('\r\n', '\n').trimEnd().split('\n');
  return lines.map((line) => piecesOf(line.split(`\r${ESCAPE}[K`).at(-1) ?? ''));
}

function piecesOf(line: string): readonly Piece[] {
  const [first = '', ...rest] = line.split(`${ESCAPE}[`);
  const pieces: Piece[] = [{ ...PLAIN, text: first }];
  let style = PLAIN;
  for (const part of rest) {
    const end = part.indexOf('m');
    style = styled(style, part.slice(0, end));
    pieces.push({ ...style, text: part.slice(end + 1) });
  }
  return pieces.filter(({ text }) => text !== '');
}

/** The few codes that the demo writes. */
function styled(style: Style, code: string): Style {
  switch (code) {
    case '0':
      return PLAIN;
    case '1':
      return { ...style, isBold: true };
    case '2':
      return { ...style, isDim: true };
    case '32':
      return { ...style, colour: 'green' };
    case '36':
      return { ...style, colour: 'cyan' };
    default:
      throw new Error(`nobody has drawn the code ${code} yet`);
  }
}

export function textOf(line: readonly Piece[]): string {
  return line.map(({ text }) => text).join('');
}
