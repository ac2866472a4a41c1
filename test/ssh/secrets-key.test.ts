import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecretsKey, SecretsKeyError } from '../../src/ssh/secrets-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = () => join(folder, 'data', 'secrets.key');
const fromFile = () => loadSecretsKey({ kind: 'file', path: path() });
const given = (text: string) => loadSecretsKey({ kind: 'given', text });

test('is made once, for its owner only, with nothing left beside it', () => {
  const first = fromFile();
  expect(first).toHaveLength(32);
  expect(first.equals(Buffer.alloc(32))).toBe(false);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'data'))).toEqual(['secrets.key']);
  expect(fromFile().equals(first)).toBe(true);
});

test('is another one in another place', () => {
  const elsewhere = loadSecretsKey({ kind: 'file', path: join(folder, 'other.key') });
  expect(elsewhere.equals(fromFile())).toBe(false);
});

test.each(['hex', 'base64', 'base64url'] as const)('can be given as %s', (encoding) => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
  expect(given(` ${key.toString(encoding)}\n`).equals(key)).toBe(true);
});

test.each(['', 'short', 'ab'.repeat(31), `${'ab'.repeat(32)}ff`, 'x y'.repeat(15)])(
  'that is none is refused in words: %j',
  (text) => {
    expect(() => given(text)).toThrow(SecretsKeyError);
    expect(() => given(text)).toThrow(/SECRETS_KEY is not a secrets key/);
  },
);

test('that was damaged is refused and not replaced', () => {
  fromFile();
  writeFileSync(path(), 'half a ke');
  expect(fromFile).toThrow(/restore it from a backup/);
});
