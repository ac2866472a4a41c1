/** A command of the program beside `serve`: what was asked for, and what came of it as an exit code. */
export interface Command {
  readonly name: string;
  /** Lines for `--help`. */
  readonly usage: string;
  readonly run: (args: readonly string[], context: CommandContext) => number | Promise<number>;
}

export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a file whole; throws when it cannot. */
  readonly readFile: (path: string) => string;
  readonly say: (line: string) => void;
}

export const EXIT_GOOD = 0;
/** What was looked at is not well. */
export const EXIT_BAD = 1;
/** The command cannot be carried out as it was given. */
export const EXIT_USAGE = 2;

/** Said to the operator without a stack: what is wrong, and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
