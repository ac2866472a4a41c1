import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One process that the demo started and will end. */
export interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  readonly logFile: string;
}

/** What the simulator says of itself when it listens. */
export interface SimulatorAddress {
  readonly listening: string;
  readonly credentials: {
    readonly vastKey: string;
    readonly tensordockToken: string;
    readonly tensordockAuthId: string;
  };
}

const DIST = new URL('../', import.meta.url);

/** Starts a program of this build; what it writes goes to a file, except its standard output when `pipesOutput`. */
export function startChild(options: {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly output: 'log' | 'pipe';
}): Child {
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL(options.script, DIST)), ...options.args],
    {
      env: options.env,
      // Away from the repository, whose .env may hold a reader's real keys.
      cwd: dirname(options.logFile),
      stdio: ['ignore', options.output === 'pipe' ? 'pipe' : log, log],
      // A Ctrl-C at the terminal is for the demo, which ends the sessions first.
      detached: true,
    },
  );
  closeSync(log);
  return { name: options.name, process: child, logFile: options.logFile };
}

/** The first line that a child prints, as JSON. Rejects when it ends before. */
export async function firstJsonLine<Value>(child: Child): Promise<Value> {
  const { stdout } = child.process;
  if (!stdout) throw new Error(`${child.name} has no output to read`);
  for await (const line of createInterface({ input: stdout })) return JSON.parse(line) as Value;
  throw new Error(`${child.name} ended before it listened:\n${lastLines(child)}`);
}

/** Asks a child to end and waits for it; after ten seconds it is killed. */
export async function endChild({ process: child }: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}

/** The end of a child's log, for an error message. */
export function lastLines(child: Child): string {
  return logText(child).split('\n').slice(-12).join('\n');
}

/** What a child has written to its log so far. */
export function logText(child: Child): string {
  return readFileSync(child.logFile, 'utf8');
}
