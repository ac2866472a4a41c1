import type { Login, Proof, RemoteShell } from '../../src/ports/remote-shell.ts';

/** A shell into machines that all take the key, unless a test says otherwise. */
export interface FakeShell extends RemoteShell {
  readonly logins: readonly Login[];
  /** What the next tries come to; after them, {@link answer} again. */
  next(...proofs: readonly Proof[]): void;
  answer: Proof;
}

export const PROVEN: Proof = { kind: 'proven', hostKey: 'SHA256:fake-host' };
export const UNREACHABLE: Proof = { kind: 'unreachable', phase: 'connect' };

export function fakeShell(): FakeShell {
  const logins: Login[] = [];
  const queued: Proof[] = [];
  const shell: FakeShell = {
    logins,
    answer: PROVEN,
    next: (...proofs) => {
      queued.push(...proofs);
    },
    prove: async (login) => {
      logins.push(login);
      return queued.shift() ?? shell.answer;
    },
  };
  return shell;
}
