import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** Named in the derivation, so that this key has nothing to do with any other that is made from the same secret. */
const PURPOSE = 'gpu-broker agent tokens v1';
const TOKEN_KEY_BYTES = 32;
/** Tells what the text is to whoever finds it in a log or a repository. */
const PREFIX = 'agent_';

/** RFC 5869: a key of its own for tokens, so that none of them says anything about the key that seals. */
export function deriveTokenKey(secretsKey: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secretsKey, '', PURPOSE, TOKEN_KEY_BYTES));
}

/** `agent_` and 256 bits in base64url. */
export function tokenFor(tokenKey: Buffer, context: string): string {
  return `${PREFIX}${createHmac('sha256', tokenKey).update(context, 'utf8').digest('base64url')}`;
}

export function tokenHash(token: string): string {
  return digestOf(token).toString('hex');
}

/** Digests have one length and are compared in constant time; a hash that is none belongs to no token. */
export function isTokenOf(hash: string, token: string): boolean {
  const kept = Buffer.from(hash, 'hex');
  const shown = digestOf(token);
  return kept.length === shown.length && timingSafeEqual(kept, shown);
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token, 'utf8').digest();
}
