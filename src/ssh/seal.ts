import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const SECRETS_KEY_BYTES = 32;

/** AES-256-GCM with a random 96-bit nonce for each text, as NIST SP 800-38D asks for. */
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Names the scheme, so that a later one can be told apart and both be read. */
const VERSION = 'v1';

/** `v1.` and base64url of nonce, tag and cipher text. The context is bound in, not carried along. */
export function seal(key: Buffer, plain: string, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  cipher.setAAD(Buffer.from(context, 'utf8'));
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  const sealed = Buffer.concat([nonce, cipher.getAuthTag(), text]);
  return `${VERSION}.${sealed.toString('base64url')}`;
}

/** Throws when the text was altered, or sealed with another key or context. */
export function openSealed(key: Buffer, sealed: string, context: string): string {
  const [version, body = '', ...rest] = sealed.split('.');
  if (version !== VERSION || rest.length > 0)
    throw new Error('The sealed text has an unknown form.');
  const bytes = Buffer.from(body, 'base64url');
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context, 'utf8'));
    decipher.setAuthTag(tag);
    const plain = [decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(plain).toString('utf8');
  } catch (cause) {
    throw new Error(
      'The sealed text cannot be opened: it was altered, or SECRETS_KEY is not the key that sealed it.',
      { cause },
    );
  }
}
