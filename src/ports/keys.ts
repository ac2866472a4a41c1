/** Makes session keys and keeps private ones unreadable at rest. */
export interface Keys {
  /** A fresh ed25519 pair: public in OpenSSH one-line form, private in OpenSSH PEM. */
  generate(comment: string): KeyPair;
  /** Authenticated encryption; `context` has to be given again to open. Text in, text out. */
  seal(plain: string, context: string): string;
  /** Throws when the text was altered, or sealed with another key or context. */
  open(sealed: string, context: string): string;
}

export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}
