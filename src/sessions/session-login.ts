import type { Instance, SshAddress } from '../domain/instance.ts';
import type { Session } from '../domain/session.ts';
import type { Keys } from '../ports/keys.ts';
import type { Login } from '../ports/remote-shell.ts';

/** How the broker itself logs in to a session's machine: with the session's key, to the host that it knows. */
export function sessionLogin(keys: Keys, { session, instance, address }: SessionMachine): Login {
  const { id, publicKey, sealedPrivateKey } = session;
  const { hostKey } = instance;
  return {
    ...address,
    publicKey,
    ...(sealedPrivateKey === undefined ? {} : { privateKey: keys.open(sealedPrivateKey, id) }),
    ...(hostKey === undefined ? {} : { hostKey }),
  };
}

export interface SessionMachine {
  readonly session: Session;
  readonly instance: Instance;
  readonly address: SshAddress;
}
