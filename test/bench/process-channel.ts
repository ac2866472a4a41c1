import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Static, TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** A process of the benchmark: it is told one thing at a time and answers each with one message. */
export interface BenchProcess {
  readonly pid: number;
  /** The answer in the form that is asked for; rejects when the process ends instead. */
  ask<Form extends TSchema>(message: object, form: Form): Promise<Static<Form>>;
  stop(): Promise<void>;
}

export interface ProcessOptions {
  /** Where the built program is. */
  readonly built: string;
  /** Of the benchmark's own files, built. */
  readonly file: string;
  readonly args?: readonly string[];
  /** Processor that it is kept on; left to the system where there is no way to say so. */
  readonly core: number;
  /** Stands behind whatever else runs on that core. */
  readonly isBehind?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Resolves when the process has said that it is ready. */
export async function startProcess(options: ProcessOptions): Promise<BenchProcess> {
  const path = join(options.built, 'test/bench', options.file);
  const flags = (process.env['BENCH_FLAGS'] ?? '').split(' ').filter((flag) => flag !== '');
  const command = [process.execPath, ...flags, path, ...(options.args ?? [])];
  const [program = '', ...rest] = pinned(
    options.isBehind ? ['nice', '-n', '19', ...command] : command,
    options.core,
  );
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...options.env },
  });
  await nextMessage(child);
  return {
    pid: child.pid ?? 0,
    ask: async (message, form) => {
      const answer = nextMessage(child);
      child.send(message);
      return Value.Parse(form, await answer);
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const end = once(child, 'exit');
      child.disconnect();
      await end;
    },
  };
}

/** Linux only; elsewhere the system moves processes about, and the spread is wider. */
export function pinned(command: readonly string[], core: number): readonly string[] {
  return process.platform === 'linux' ? ['taskset', '-c', String(core), ...command] : command;
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController();
  const end = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`${child.spawnargs.at(-1)} ended with ${String(code)}`);
  });
  end.catch(() => {});
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: ended.signal }), end]);
    return message;
  } finally {
    ended.abort();
  }
}

/** The other side: says that it is ready, then answers each message with what `answer` makes of it. */
export function serveChannel(answer: (message: unknown) => Promise<object> | object): void {
  process.on('message', (message) => {
    Promise.resolve(answer(message)).then(
      (reply) => process.send?.(reply),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ ready: true });
}
