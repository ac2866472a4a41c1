import { hostname } from './fake-commands.ts';
import type { FakeMachine } from './fake-program.ts';
import { runLine } from './fake-shell.ts';

/** What a person in front of a terminal sees: echo, a prompt, backspace, ^C and ^D. */
export interface Terminal {
  readonly greeting: string;
  /** Everything that appears for what was typed; keys after the end of the shell do nothing. */
  type(text: string): Typed;
}

export interface Typed {
  readonly output: string;
  /** Set once the shell has ended. */
  readonly exitCode: number | undefined;
}

/** More than this on one line is nobody's typing. */
const MAX_LINE_LENGTH = 64 * 1024;

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const BACKSPACE = '\u007f';

interface State {
  readonly line: string;
  readonly output: string;
  readonly lastCode: number;
  readonly exitCode: number | undefined;
}

export function createTerminal(look: () => FakeMachine): Terminal {
  let state: State = { line: '', output: '', lastCode: 0, exitCode: undefined };
  return {
    greeting: promptOf(look()),
    type(text) {
      state = { ...state, output: '' };
      for (const key of text) {
        if (state.exitCode === undefined) state = press(state, key, look);
      }
      return { output: state.output, exitCode: state.exitCode };
    },
  };
}

/** True for a line that ends the shell. */
export function isExit(line: string): boolean {
  return /^\s*exit\b/.test(line);
}

function press(state: State, key: string, look: () => FakeMachine): State {
  switch (key) {
    case '\r':
    case '\n':
      return enter(state, look());
    case CTRL_C:
      return { ...state, line: '', output: `${state.output}^C\r\n${promptOf(look())}` };
    case CTRL_D:
      return state.line === '' ? { ...state, exitCode: state.lastCode } : state;
    case BACKSPACE:
      return erase(state);
    default:
      return echo(state, key);
  }
}

function enter(state: State, machine: FakeMachine): State {
  const { stdout, stderr, exitCode } = runLine(state.line, machine);
  const shown = `\r\n${`${stdout}${stderr}`.replaceAll('\n', '\r\n')}`;
  const after = { line: '', lastCode: exitCode };
  return isExit(state.line)
    ? { ...after, output: state.output + shown, exitCode }
    : { ...after, output: state.output + shown + promptOf(machine), exitCode: undefined };
}

function erase(state: State): State {
  if (state.line === '') return state;
  return { ...state, line: state.line.slice(0, -1), output: `${state.output}\b \b` };
}

function echo(state: State, key: string): State {
  if (key < ' ' || state.line.length >= MAX_LINE_LENGTH) return state;
  return { ...state, line: state.line + key, output: state.output + key };
}

function promptOf(machine: FakeMachine): string {
  return `${machine.user}@${hostname(machine)}:~# `;
}
