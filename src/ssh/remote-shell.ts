import { connect, type Socket } from 'node:net';
import type { SshAddress } from '../domain/instance.ts';
import type { Proof, RemoteShell } from '../ports/remote-shell.ts';
import { LoginAttempt, type LoginTools } from './login-attempt.ts';

/** Logs in over TCP. Each phase ends at its deadline, and nothing of an attempt is left when its proof is given. */
export function createRemoteShell({ clock }: Pick<LoginTools, 'clock'>): RemoteShell {
  return createRemoteShellOver({ clock, dial: dialTcp });
}

export function createRemoteShellOver(tools: LoginTools): RemoteShell {
  return {
    prove: (login) =>
      new Promise<Proof>((resolve) => {
        new LoginAttempt(tools, login, resolve).start();
      }),
  };
}

function dialTcp({ host, port }: SshAddress): Socket {
  return connect({ host, port });
}
