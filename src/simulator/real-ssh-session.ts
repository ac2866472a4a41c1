import type { ServerChannel, Session } from 'ssh2';
import type { FakeMachine } from './fake-program.ts';
import { runLine } from './fake-shell.ts';
import { createTerminal, isExit } from './fake-terminal.ts';
import type { SimClock } from './model.ts';

/** More than this on one line is nobody's typing. */
const MAX_LINE_LENGTH = 64 * 1024;

export interface SessionParts {
  readonly clock: SimClock;
  /** The machine as it is at that moment. */
  readonly look: () => FakeMachine;
}

/** Serves `exec` and `shell`; everything else that a session can ask for is refused. */
export function serveSession(session: Session, { clock, look }: SessionParts): void {
  let hasTerminal = false;
  session.on('pty', (accept) => {
    hasTerminal = true;
    accept?.();
  });
  session.on('env', (accept) => accept?.());
  session.on('window-change', (accept) => accept?.());
  session.on('signal', (accept) => accept?.());
  session.on('exec', (accept, _reject, { command }) => runOnce(accept(), { command, clock, look }));
  session.on('shell', (accept) => {
    const channel = accept();
    if (hasTerminal) typeLines(channel, look);
    else readLines(channel, look);
  });
}

function runOnce(
  channel: ServerChannel,
  { command, clock, look }: SessionParts & { readonly command: string },
): void {
  const answer = (): void => {
    const { stdout, stderr, exitCode } = runLine(command, look());
    channel.write(stdout);
    channel.stderr.write(stderr);
    hangUp(channel, exitCode);
  };
  const { slowMs } = look().machine;
  if (slowMs === 0) answer();
  else channel.once('close', clock.after(slowMs, answer));
}

/** Without a terminal a shell reads its lines from the input and shows no prompt. */
function readLines(channel: ServerChannel, look: () => FakeMachine): void {
  let rest = '';
  let exitCode = 0;
  channel.on('data', (data: Buffer) => {
    if (channel.writableEnded) return;
    const lines = (rest + data.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_LENGTH);
    for (const line of lines) {
      const result = runLine(line, look());
      channel.write(result.stdout);
      channel.stderr.write(result.stderr);
      exitCode = result.exitCode;
      if (isExit(line)) return hangUp(channel, exitCode);
    }
  });
  channel.on('end', () => hangUp(channel, exitCode));
}

function typeLines(channel: ServerChannel, look: () => FakeMachine): void {
  const terminal = createTerminal(look);
  channel.write(terminal.greeting);
  channel.on('data', (data: Buffer) => {
    if (channel.writableEnded) return;
    const { output, exitCode } = terminal.type(data.toString('utf8'));
    channel.write(output);
    if (exitCode !== undefined) hangUp(channel, exitCode);
  });
}

function hangUp(channel: ServerChannel, exitCode: number): void {
  if (channel.writableEnded) return;
  channel.exit(exitCode);
  channel.end();
}
