import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import ssh2, { type ParsedKey } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/ssh/fingerprint.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';

const keys = createKeys(Buffer.alloc(32, 7));
const strangers = createKeys(Buffer.alloc(32, 8));

function parsed(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

/** What the OpenSSH tools say; undefined where they are not installed. */
function sshKeygen(args: readonly string[]): string | undefined {
  try {
    return execFileSync('ssh-keygen', args, { encoding: 'utf8' }).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

describe('generated pairs', () => {
  test('are one line with the comment, and an OpenSSH private key', () => {
    const pair = keys.generate('sess-1');
    expect(pair.publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68} sess-1$/);
    expect(pair.privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
  });

  test('fit together, all of a thousand', () => {
    const message = Buffer.from('message');
    const misfits = Array.from({ length: 1000 }, () => keys.generate('many')).filter((pair) => {
      const signature = parsed(pair.privateKey).sign(message);
      return parsed(pair.publicKey).verify(message, signature) !== true;
    });
    expect(misfits).toEqual([]);
  });

  test('are read by the OpenSSH tools', ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-keys-'));
    try {
      const pair = keys.generate('session');
      writeFileSync(join(folder, 'key'), pair.privateKey, { mode: 0o600 });
      writeFileSync(join(folder, 'key.pub'), pair.publicKey);
      const derived = sshKeygen(['-y', '-f', join(folder, 'key')]);
      skip(derived === undefined, 'ssh-keygen is not installed');
      expect(derived).toBe(pair.publicKey);
      expect(sshKeygen(['-l', '-f', join(folder, 'key.pub')])).toContain(
        ` ${fingerprintOf(pair.publicKey)} `,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('sealed text', () => {
  test('opens to what was sealed, in the same context', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (plain, context) => {
        expect(keys.open(keys.seal(plain, context), context)).toBe(plain);
      }),
    );
  });

  test('never shows what it seals and never repeats', () => {
    const one = keys.seal('-----BEGIN', 'sess-1');
    expect(one).toMatch(/^v1\.[A-Za-z0-9_-]+$/);
    expect(Buffer.from(one.slice(3), 'base64url').includes('BEGIN')).toBe(false);
    expect(keys.seal('-----BEGIN', 'sess-1')).not.toBe(one);
  });

  test('does not open in another context or under another key', () => {
    const sealed = keys.seal('secret', 'sess-1');
    expect(() => keys.open(sealed, 'sess-2')).toThrow(/cannot be opened/);
    expect(() => strangers.open(sealed, 'sess-1')).toThrow(/cannot be opened/);
  });

  test('does not open when any byte of it was changed, or when it was cut', () => {
    const sealed = Buffer.from(keys.seal('secret', 'c').slice(3), 'base64url');
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => keys.open(`v1.${altered.toString('base64url')}`, 'c')).toThrow();
      const cut = sealed.subarray(0, at).toString('base64url');
      expect(() => keys.open(`v1.${cut}`, 'c')).toThrow();
    }
  });

  test.each(['', 'v2.abc', 'plain text', 'v1.a.b'])('of an unknown form is refused: %j', (text) => {
    expect(() => keys.open(text, 'c')).toThrow();
  });
});

test('a secrets key of another length is a mistake of the program', () => {
  expect(() => createKeys(Buffer.alloc(16))).toThrow(/32 bytes/);
});
