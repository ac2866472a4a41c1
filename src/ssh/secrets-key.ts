import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { SECRETS_KEY_BYTES } from './seal.ts';

export type SecretsKeySource =
  /** 64 hex digits, or base64 of 32 bytes. */
  | { readonly kind: 'given'; readonly text: string }
  /** Made once, readable by its owner only. */
  | { readonly kind: 'file'; readonly path: string };

export class SecretsKeyError extends Error {
  override readonly name = 'SecretsKeyError';
}

/** The 32 bytes that seal session keys at rest. Throws `SecretsKeyError` with a sentence for the operator. */
export function loadSecretsKey(source: SecretsKeySource): Buffer {
  switch (source.kind) {
    case 'given':
      return parseKey(source.text, 'SECRETS_KEY');
    case 'file':
      if (!existsSync(source.path)) makeFile(source.path);
      return parseKey(readFileSync(source.path, 'utf8'), source.path);
  }
}

function parseKey(text: string, origin: string): Buffer {
  const trimmed = text.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(trimmed)
    ? Buffer.from(trimmed, 'hex')
    : Buffer.from(trimmed, 'base64');
  const isClean = /^[0-9a-f]{64}$|^[A-Za-z0-9+/_-]{43}=?$/i.test(trimmed);
  if (isClean && bytes.length === SECRETS_KEY_BYTES) return bytes;
  throw new SecretsKeyError(
    `${origin} is not a secrets key: 64 hex digits or base64 of 32 bytes are expected. If it was damaged, restore it from a backup: without it the keys of existing sessions cannot be read.`,
  );
}

/**
 * Whole or not at all: a power cut must not leave half a key under the final name. A link never replaces, so that
 * of two processes that start at once the second finds the first one's key.
 */
function makeFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(SECRETS_KEY_BYTES).toString('base64')}\n`);
    fsyncSync(file);
    if (!existsSync(path)) linkSync(draft, path);
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
}
