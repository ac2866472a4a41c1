import { createHash } from 'node:crypto';

/** Type and key without the comment: two lines that agree here are one key. */
export function keyBody(publicKey: string): string {
  return publicKey.trim().split(/\s+/).slice(0, 2).join(' ');
}

/** The same key has the same number wherever it is listed. */
export function keyId(publicKey: string): number {
  return createHash('sha256').update(keyBody(publicKey)).digest().readUIntBE(0, 4);
}
