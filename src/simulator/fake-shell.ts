import { COMMANDS, type FakeMachine, type Run, type ShellResult } from './fake-commands.ts';

/**
 * A shell that knows a handful of commands and can do nothing: it touches neither files nor processes of the
 * machine that the simulator runs on. Understands quotes, `;`, `&&`, `||` and redirections to `/dev/null`.
 */
export function runLine(line: string, machine: FakeMachine): ShellResult {
  let result: ShellResult = { stdout: '', stderr: '', exitCode: 0 };
  for (const { words, after } of parseLine(line)) {
    if (after === '&&' && result.exitCode !== 0) continue;
    if (after === '||' && result.exitCode === 0) continue;
    const next = runWords(words, machine);
    result = {
      stdout: result.stdout + next.stdout,
      stderr: result.stderr + next.stderr,
      exitCode: next.exitCode,
    };
  }
  return result;
}

interface Step {
  readonly words: readonly string[];
  /** What stands before it. */
  readonly after: string;
}

/** Quoted text, operators, and words; enough for the one-liners that people send. */
const TOKEN = /&&|\|\||;|\n|(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;&|"'\\]|&(?!&)|\|(?!\|))+/g;

function parseLine(line: string): readonly Step[] {
  const steps: { words: string[]; after: string }[] = [{ words: [], after: ';' }];
  for (const [token] of line.matchAll(TOKEN)) {
    if (/^(&&|\|\||;|\n)$/.test(token)) steps.push({ words: [], after: token });
    else steps.at(-1)?.words.push(unquote(token));
  }
  return steps.filter((step) => step.words.length > 0);
}

function unquote(token: string): string {
  return token.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) => {
    if (typeof double === 'string') return double.replace(/\\(["\\$`])/g, '$1');
    return String(single ?? escaped);
  });
}

const SILENCERS = ['2>/dev/null', '2>&1', '>/dev/null', '1>/dev/null'] as const;

function runWords(words: readonly string[], machine: FakeMachine): ShellResult {
  const [name = '', ...args] = words.filter((word) => !SILENCERS.some((one) => one === word));
  const run: Run | undefined = COMMANDS.get(name);
  const result = run
    ? run(args, machine)
    : { stdout: '', stderr: `sh: 1: ${name}: not found\n`, exitCode: 127 };
  const hidesErrors = words.includes('2>/dev/null');
  const hidesOutput = words.includes('>/dev/null') || words.includes('1>/dev/null');
  return {
    stdout: hidesOutput ? '' : result.stdout,
    stderr: hidesErrors ? '' : result.stderr,
    exitCode: result.exitCode,
  };
}
