import type { Run, ShellResult, Start } from './fake-program.ts';

/** Programs that read what the one before them wrote. */
export const TEXT_COMMANDS: readonly (readonly [string, Run])[] = [
  ['head', (start) => says(cut(start, (lines, count) => lines.slice(0, count)))],
  ['tail', (start) => says(cut(start, (lines, count) => lines.slice(-count)))],
  ['wc', (start) => says(`${linesOf(start.input).length}\n`)],
  ['sort', (start) => says(joined(linesOf(start.input).toSorted()))],
  ['uniq', (start) => says(joined([...new Set(linesOf(start.input))]))],
  ['grep', grep],
];

function says(stdout: string): ShellResult {
  return { stdout, stderr: '', exitCode: 0 };
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

const USUAL_LINES = 10;

/** `-n N`, `-nN` and `-N` for lines, `-c N` for bytes. */
function cut(
  { args, input }: Start,
  take: (lines: readonly string[], count: number) => readonly string[],
): string {
  const [count = USUAL_LINES] = args.flatMap((arg) => /\d+/.exec(arg) ?? []).map(Number);
  if (args.some((arg) => arg.startsWith('-c'))) return input.slice(0, count);
  return joined(take(linesOf(input), count));
}

function grep({ args, input }: Start): ShellResult {
  const flags = args.filter((arg) => arg.startsWith('-')).join('');
  const pattern = args.find((arg) => !arg.startsWith('-')) ?? '';
  const found = linesOf(input).filter((line) => isIn(line, pattern) !== flags.includes('v'));
  const exitCode = found.length > 0 ? 0 : 1;
  if (flags.includes('q')) return { stdout: '', stderr: '', exitCode };
  const stdout = flags.includes('c') ? `${found.length}\n` : joined(found);
  return { stdout, stderr: '', exitCode };
}

/** Of patterns only the ends of a line mean more than themselves: nobody's pattern is run here. */
function isIn(line: string, pattern: string): boolean {
  const text = pattern.replace(/^\^/, '').replace(/\$$/, '');
  const isAtStart = !pattern.startsWith('^') || line.startsWith(text);
  const isAtEnd = !pattern.endsWith('$') || line.endsWith(text);
  return isAtStart && isAtEnd && line.includes(text);
}
