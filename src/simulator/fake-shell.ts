import { programOf } from './fake-commands.ts';
import { fileAt } from './fake-files.ts';
import type { FakeMachine, ShellResult } from './fake-program.ts';

/**
 * A shell that knows a handful of commands and can do nothing: it touches neither files nor processes of the
 * machine that the simulator runs on. Understands quotes, `;`, `&&`, `||`, pipes, groups, and redirections to `/dev/null`.
 */
export function runLine(line: string, on: FakeMachine): ShellResult {
  const result: { stdout: string; stderr: string; exitCode: number } = { ...QUIET };
  let piped: string | undefined;
  for (const step of stepsOf(line)) {
    const isSkipped = isSkippedAfter(step.after, result.exitCode);
    const input = step.after === '|' ? (piped ?? '') : '';
    const next = isSkipped
      ? { ...QUIET, exitCode: result.exitCode }
      : runWords(step, { input, on });
    piped = step.isPiped ? next.stdout : undefined;
    result.stdout += step.isPiped ? '' : next.stdout;
    result.stderr += next.stderr;
    result.exitCode = next.exitCode;
  }
  return result;
}

const QUIET: ShellResult = { stdout: '', stderr: '', exitCode: 0 };

function isSkippedAfter(operator: string, exitCode: number): boolean {
  return (operator === '&&' && exitCode !== 0) || (operator === '||' && exitCode === 0);
}

interface Step {
  readonly words: readonly string[];
  /** What stands before it. */
  readonly after: string;
  /** The next one reads what it writes. */
  readonly isPiped: boolean;
}

/** Quoted text, operators, and words; enough for the one-liners that people send. */
const TOKEN = /&&|\|\||[;|\n]|(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;&|"'\\]|&(?!&))+/g;
const OPERATOR = /^(?:&&|\|\||[;|\n])$/;

/** Programs send the same line again and again. */
const parsed = new Map<string, readonly Step[]>();
const MAX_PARSED = 64;

function stepsOf(line: string): readonly Step[] {
  const known = parsed.get(line);
  if (known) return known;
  const steps = parseLine(line);
  if (parsed.size < MAX_PARSED) parsed.set(line, steps);
  return steps;
}

function parseLine(line: string): readonly Step[] {
  const steps: { words: string[]; after: string; isPiped: boolean }[] = [
    { words: [], after: ';', isPiped: false },
  ];
  for (const [token] of line.matchAll(TOKEN)) {
    const last = steps.at(-1);
    if (!OPERATOR.test(token)) last?.words.push(unquote(token));
    else {
      if (token === '|' && last) last.isPiped = true;
      steps.push({ words: [], after: token, isPiped: false });
    }
  }
  return steps
    .map((step) => ({ ...step, words: withoutGroups(step.words) }))
    .filter((step) => step.words.length > 0);
}

/** Groups are run as if they were none: what they write comes out in the same order. */
function withoutGroups(words: readonly string[]): readonly string[] {
  return words.filter((word) => word !== '{' && word !== '}');
}

function unquote(token: string): string {
  return token.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) => {
    if (typeof double === 'string') return double.replace(/\\(["\\$`])/g, '$1');
    return String(single ?? escaped);
  });
}

const SILENCERS: ReadonlySet<string> = new Set([
  ...['2>/dev/null', '2>&1', '>/dev/null', '1>/dev/null', '</dev/null'],
]);

interface Surroundings {
  readonly input: string;
  readonly on: FakeMachine;
}

function runWords({ words }: Step, { input, on }: Surroundings): ShellResult {
  const said = words.filter((word) => !SILENCERS.has(word));
  const result = runProgram(said, { input, on });
  const hidesErrors = words.includes('2>/dev/null');
  const hidesOutput = words.includes('>/dev/null') || words.includes('1>/dev/null');
  return {
    stdout: hidesOutput ? '' : result.stdout,
    stderr: hidesErrors ? '' : result.stderr,
    exitCode: result.exitCode,
  };
}

function runProgram(words: readonly string[], { input, on }: Surroundings): ShellResult {
  const [name = '', ...args] = withoutWrappers(words);
  if (name === 'command') return { ...QUIET, exitCode: programOf(args[1] ?? '', on) ? 0 : 1 };
  if (name === '[' || name === 'test') return { ...QUIET, exitCode: isTrue(args, on) ? 0 : 1 };
  const run = programOf(name, on);
  return run
    ? run({ args, input, on })
    : { stdout: '', stderr: `sh: 1: ${name}: not found\n`, exitCode: 127 };
}

/** What is put before a command, and settings for it. */
function withoutWrappers(words: readonly string[]): readonly string[] {
  const [first = '', second = '', third = ''] = words;
  if (/^[A-Za-z_]\w*=/.test(first)) return withoutWrappers(words.slice(1));
  if (first === 'nice' || first === 'env') return withoutWrappers(words.slice(1));
  if (first !== 'timeout') return words;
  const options = /^-/.test(second) ? (/^-[ks]$/.test(second) ? 2 : 1) : 0;
  return third === '' ? words : withoutWrappers(words.slice(2 + options));
}

/** Whether a file is there is all that is asked. */
function isTrue(args: readonly string[], on: FakeMachine): boolean {
  const [flag = '', path = ''] = args;
  return /^-[efrs]$/.test(flag) && fileAt(on.machine, path) !== undefined;
}
