import { strict as assert } from 'node:assert';
import ssh2 from 'ssh2';
import type { KeyPair, Keys } from '../ports/keys.ts';
import { openSealed, SECRETS_KEY_BYTES, seal } from './seal.ts';
import { deriveTokenKey, isTokenOf, tokenFor, tokenHash } from './session-tokens.ts';

/** Wire form of an ed25519 public key: two length-prefixed strings, `ssh-ed25519` and 32 bytes. */
const PUBLIC_BLOB_BYTES = 4 + 11 + 4 + 32;
/** One pair in 256 is thrown away, so that a hundred in a row say that something else is wrong. */
const MAX_DRAWS = 100;

/** Session keys, sealed under a secrets key of 32 bytes, and session tokens, made from it. */
export function createKeys(secretsKey: Buffer): Keys {
  assert.equal(secretsKey.length, SECRETS_KEY_BYTES, 'the secrets key has 32 bytes');
  const tokenKey = deriveTokenKey(secretsKey);
  return {
    generate: generatePair,
    seal: (plain, context) => seal(secretsKey, plain, context),
    open: (sealed, context) => openSealed(secretsKey, sealed, context),
    tokenFor: (context) => tokenFor(tokenKey, context),
    tokenHash,
    isTokenOf,
  };
}

/**
 * ssh2 1.17 drops leading zero bytes of the public key, which makes one pair in 256 useless (measured: 10 of
 * 3,000); such a pair is one byte short and is drawn again.
 */
function generatePair(comment: string): KeyPair {
  for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment });
    if (isWhole(pair.public)) return { publicKey: pair.public, privateKey: pair.private };
  }
  assert.fail('no whole key pair came out of many draws');
}

function isWhole(publicKey: string): boolean {
  const [, blob = ''] = publicKey.split(' ');
  return Buffer.from(blob, 'base64').length === PUBLIC_BLOB_BYTES;
}
