/** Makes session keys and tokens, and keeps private ones unreadable at rest. */
export interface Keys {
  /** A fresh ed25519 pair: public in OpenSSH one-line form, private in OpenSSH PEM. */
  generate(comment: string): KeyPair;
  /** Authenticated encryption; `context` has to be given again to open. Text in, text out. */
  seal(plain: string, context: string): string;
  /** Throws when the text was altered, or sealed with another key or context. */
  open(sealed: string, context: string): string;
  /** A token that nobody without the secrets key can make: the same for the same context, so that it need not be kept. */
  tokenFor(context: string): string;
  /** What may be kept of a token: SHA-256, hex. */
  tokenHash(token: string): string;
  /** Whether the token has that hash. Takes the same time for all that have not. */
  isTokenOf(hash: string, token: string): boolean;
}

export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}
