import type { SshAddress } from '../domain/instance.ts';

/** Logs in over SSH. Every phase has a hard deadline; nothing throws for what the network or the host does. */
export interface RemoteShell {
  /** Tries to log in once and runs a trivial command, or, without a private key, has the host accept the public key. */
  prove(login: Login): Promise<Proof>;
}

export interface Login extends SshAddress {
  /** OpenSSH one-line form. */
  readonly publicKey: string;
  /** OpenSSH PEM. Without it the proof is that the host accepts the public key (RFC 4252, section 7, query). */
  readonly privateKey?: string;
  /** `SHA256:…`, when the host was seen before; another one is `host_key_changed`. */
  readonly hostKey?: string;
}

export type Proof =
  | { readonly kind: 'proven'; readonly hostKey: string }
  /** Nothing listens yet, or the connection broke. */
  | { readonly kind: 'unreachable'; readonly phase: ProofPhase }
  /** The host answered and does not take the key, or not yet. */
  | { readonly kind: 'auth_refused' }
  | { readonly kind: 'timed_out'; readonly phase: ProofPhase }
  | { readonly kind: 'host_key_changed'; readonly hostKey: string };

export type ProofPhase = 'connect' | 'key_exchange' | 'authentication' | 'command';
