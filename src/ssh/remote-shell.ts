import { connect, type Socket } from 'node:net';
import type { SshAddress } from '../domain/instance.ts';
import type { Inspection, Proof, RemoteShell } from '../ports/remote-shell.ts';
import { HandshakePace } from './handshake-pace.ts';
import { type Errand, LoginAttempt, type LoginTools, type Visit } from './login-attempt.ts';
import {
  hasBegun,
  LOOK_COMMAND,
  REPORT_COMMAND,
  readReport,
  readWholeReport,
} from './machine-report.ts';
import { PROOF_DEADLINE_MS } from './proof-deadline.ts';

/** Start files can be talkative; none says this much. */
const MAX_PROOF_BYTES = 16 * 1024 * 1024;
/** Some hundred times what a machine with eight GPUs says. */
const MAX_REPORT_BYTES = 256 * 1024;

/** Logs in over TCP. Each phase ends at its deadline, and nothing of an attempt is left when its outcome is given. */
export function createRemoteShell({ clock }: Pick<LoginTools, 'clock'>): RemoteShell {
  return createRemoteShellOver({ clock, dial: dialTcp });
}

export function createRemoteShellOver(over: Omit<LoginTools, 'pace'>): RemoteShell {
  const tools = { ...over, pace: new HandshakePace() };
  return {
    prove: async (login) =>
      proofOf(
        await visit(tools, {
          login,
          command: REPORT_COMMAND,
          deadlineMs: PROOF_DEADLINE_MS,
          keptBytes: MAX_REPORT_BYTES,
          maxBytes: MAX_PROOF_BYTES,
        }),
      ),
    inspect: async (login, deadlineMs) =>
      inspectionOf(
        await visit(tools, {
          login,
          command: LOOK_COMMAND,
          deadlineMs,
          keptBytes: MAX_REPORT_BYTES,
          maxBytes: MAX_REPORT_BYTES,
        }),
      ),
  };
}

function visit(tools: LoginTools, errand: Errand): Promise<Visit> {
  return new Promise((resolve) => {
    new LoginAttempt(tools, errand, resolve).start();
  });
}

function proofOf(visited: Visit): Proof {
  switch (visited.kind) {
    case 'key_accepted':
      return { kind: 'proven', hostKey: visited.hostKey };
    case 'logged_in':
      return proofByCommand(visited);
    case 'unreachable':
    case 'auth_refused':
    case 'timed_out':
    case 'host_key_changed':
      return visited;
  }
}

/**
 * A machine on which nothing can be run is no use, however well it lets in. One whose driver keeps its own programs waiting
 * runs everything else.
 */
function proofByCommand({ ending, hostKey, output }: LoggedIn): Proof {
  switch (ending) {
    case 'succeeded':
      return provenBy(hostKey, output);
    case 'timed_out':
      return hasBegun(output) ? provenBy(hostKey, output) : { kind: 'timed_out', phase: 'command' };
    case 'failed':
    case 'broke':
    case 'cut_off':
      return { kind: 'unreachable', phase: 'command' };
  }
}

type LoggedIn = Extract<Visit, { kind: 'logged_in' }>;

function provenBy(hostKey: string, output: string): Proof {
  const report = readWholeReport(output);
  return { kind: 'proven', hostKey, ...(report === undefined ? {} : { report }) };
}

/** The login is what counts; of a command that did not come to its end, what was said before is read. */
function inspectionOf(visited: Visit): Inspection {
  switch (visited.kind) {
    case 'key_accepted':
      return { kind: 'key_accepted' };
    case 'logged_in':
      return { kind: 'logged_in', report: readReport(visited.output) };
    case 'unreachable':
    case 'auth_refused':
    case 'timed_out':
    case 'host_key_changed':
      return visited;
  }
}

function dialTcp({ host, port }: SshAddress): Socket {
  return connect({ host, port });
}
