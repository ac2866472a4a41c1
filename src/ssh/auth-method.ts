import ssh2, {
  type AgentAuthMethod,
  type IdentityCallback,
  type ParsedKey,
  type PublicKeyAuthMethod,
} from 'ssh2';
import type { Login } from '../ports/remote-shell.ts';

/**
 * The one way to authenticate that is tried: with the private key, or, without it, by asking whether the host
 * would take the public key. `onAccepted` is called in the second case only.
 */
export function authMethod(
  login: Login,
  onAccepted: () => void,
): PublicKeyAuthMethod | AgentAuthMethod {
  const username = login.user;
  return login.privateKey === undefined
    ? { type: 'agent', username, agent: new AskingAgent(login.publicKey, onAccepted) }
    : { type: 'publickey', username, key: login.privateKey };
}

/**
 * Offers a public key whose private half it does not have. A host that is asked (RFC 4252, section 7) answers
 * `SSH_MSG_USERAUTH_PK_OK` for a key that it would accept, and only then is a signature wanted: being asked to
 * sign is the proof, and no signature is ever given.
 */
class AskingAgent extends ssh2.BaseAgent<string> {
  readonly #publicKey: string;
  readonly #onAccepted: () => void;

  constructor(publicKey: string, onAccepted: () => void) {
    super();
    this.#publicKey = publicKey;
    this.#onAccepted = onAccepted;
  }

  override getIdentities(callback: IdentityCallback<string>): void {
    callback(undefined, [this.#publicKey]);
  }

  override sign(_publicKey: string | ParsedKey): void {
    this.#onAccepted();
  }
}
