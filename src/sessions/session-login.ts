import type { Instance, SshAddress } from '../domain/instance.ts';
import type { Session } from '../domain/session.ts';
import type { Keys } from '../ports/keys.ts';
import type { Login } from '../ports/remote-shell.ts';

/**
 * How the broker itself logs in to a session's machine: with the session's key, to the host that it knows. Where that key cannot be
 * opened it is as if somebody else had brought it: whether the machine takes it can be asked, and nothing be read there.
 */
export function sessionLogin(keys: Keys, { session, instance, address }: SessionMachine): Login {
  const { publicKey } = session;
  const privateKey = openedKey(keys, session);
  const { hostKey } = instance;
  return {
    ...address,
    publicKey,
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(hostKey === undefined ? {} : { hostKey }),
  };
}

export interface SessionMachine {
  readonly session: Session;
  readonly instance: Instance;
  readonly address: SshAddress;
}

/** Undefined too where the secrets key is another one than it was sealed with, which is told of at the start. */
export function openedKey(
  keys: Pick<Keys, 'open'>,
  { id, sealedPrivateKey }: Pick<Session, 'id' | 'sealedPrivateKey'>,
): string | undefined {
  if (sealedPrivateKey === undefined) return undefined;
  try {
    return keys.open(sealedPrivateKey, id);
  } catch {
    return undefined;
  }
}
