import { createHash } from 'node:crypto';

/** `SHA256:…` as OpenSSH prints it, of a public key in OpenSSH one-line form. */
export function fingerprintOf(publicKey: string): string {
  const [, blob = ''] = publicKey.trim().split(/\s+/);
  return fingerprintOfBlob(Buffer.from(blob, 'base64'));
}

/** The same of a key in its wire form. */
export function fingerprintOfBlob(blob: Buffer): string {
  const digest = createHash('sha256').update(blob).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}
