import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program of this repository in a process of its own. */
export interface Running {
  readonly process: ChildProcess;
  /** The last lines that it wrote. */
  log(): string;
  /** Resolves with the first line of JSON on its output that has the field; rejects when it ends before. */
  line<Value extends object>(field: string): Promise<Value>;
  /** Resolves with the first line of its output that holds the text; never when there is none. */
  said(text: string): Promise<string>;
  /** Resolves when it has ended, with the signal or the exit code. */
  ended(): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<string>;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KEPT_LINES = 400;

export function startProgram(
  script: string,
  options: {
    readonly args?: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
): Running {
  const child = spawn(process.execPath, [join(ROOT, script), ...(options.args ?? [])], {
    // Away from the repository, whose .env may hold a developer's real keys.
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      for (const listener of listeners) listener(line);
    });
  }
  const log = (): string => lines.slice(-40).join('\n');
  const ended = async (): Promise<string> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.signalCode ?? String(child.exitCode);
  };
  return {
    process: child,
    log,
    ended,
    said: (text) => firstWith({ lines, listeners }, text),
    line: (field) => firstLine({ lines, listeners, child, log }, field),
    kill: (signal) => {
      child.kill(signal);
      return ended();
    },
  };
}

interface Output {
  readonly lines: readonly string[];
  readonly listeners: Set<(line: string) => void>;
  readonly child: ChildProcess;
  readonly log: () => string;
}

function firstWith(
  { lines, listeners }: Pick<Output, 'lines' | 'listeners'>,
  text: string,
): Promise<string> {
  return new Promise((resolve) => {
    const read = (line: string): void => {
      if (line.includes(text)) resolve(line);
    };
    for (const line of lines) read(line);
    listeners.add(read);
  });
}

function firstLine<Value extends object>(output: Output, field: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const read = (line: string): boolean => {
      if (!line.startsWith('{')) return false;
      const value: Value = JSON.parse(line);
      if (field in value) resolve(value);
      return field in value;
    };
    if (output.lines.some(read)) return;
    output.listeners.add(read);
    output.child.once('exit', () => reject(new Error(`ended before "${field}":\n${output.log()}`)));
  });
}
