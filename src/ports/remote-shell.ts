import type { SshAddress } from '../domain/instance.ts';
import type { MachineReport } from '../domain/machine-report.ts';

/** Logs in over SSH. Every phase has a hard deadline; nothing throws for what the network or the host does. */
export interface RemoteShell {
  /**
   * Tries to log in once and has the machine say what it is, or, without a private key, has the host accept the public key.
   * A machine on which nothing can be run proves nothing.
   */
  prove(login: Login): Promise<Proof>;

  /**
   * Tries to log in once and reads what the machine says of itself; answers within `deadlineMs` of the call. What the
   * machine did not say, or not in time, is left out. Without a private key nothing can be read, and the host is only
   * asked whether it would accept the public one.
   */
  inspect(login: Login, deadlineMs: number): Promise<Inspection>;
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
  | {
      readonly kind: 'proven';
      readonly hostKey: string;
      /** Left out where nothing could be read of it: without a private key, and where what was run did not get that far. */
      readonly report?: MachineReport;
    }
  | FailedLogin;

export type Inspection =
  | { readonly kind: 'key_accepted' }
  | { readonly kind: 'logged_in'; readonly report: MachineReport }
  | FailedLogin;

export type FailedLogin =
  /** Nothing listens yet, or the connection broke. */
  | { readonly kind: 'unreachable'; readonly phase: ProofPhase }
  /** The host answered and does not take the key, or not yet. */
  | { readonly kind: 'auth_refused' }
  | { readonly kind: 'timed_out'; readonly phase: ProofPhase }
  | { readonly kind: 'host_key_changed'; readonly hostKey: string };

export type ProofPhase = 'connect' | 'key_exchange' | 'authentication' | 'command';
