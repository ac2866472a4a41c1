import { randomBytes } from 'node:crypto';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { findSecrets, type Secrets, seedOf, spellingsOf } from './canary-scan.ts';

const SECRETS: Secrets = {
  token: `Aa+/=&'"<%7e${randomBytes(24).toString('hex')}`,
  bytes: randomBytes(32),
};

function namesIn(content: string | Buffer): readonly string[] {
  return findSecrets(new Map([['planted', content]]), SECRETS).map(({ secret }) => secret);
}

/** Each test plants a leak, to show that the canary of the next file can fail. */
describe('the scanner of the canary finds', () => {
  it.each(Object.keys(SECRETS))('%s in every spelling', (name) => {
    const secret = Buffer.from(SECRETS[name] ?? '');
    for (const spelling of spellingsOf(secret)) {
      expect(namesIn(Buffer.from(`before ${spelling} after`, 'latin1'))).toEqual([name]);
      expect(namesIn(Buffer.from(spelling.toUpperCase(), 'latin1'))).toEqual([name]);
    }
  });

  it.each([0, 1, 2, 3, 4, 5])('it inside of a text in base64, %i bytes in', (before) => {
    const text = Buffer.concat([Buffer.alloc(before, 'x'), Buffer.from(SECRETS['token'] ?? '')]);
    expect(namesIn(`log: ${text.toString('base64')}`)).toEqual(['token']);
    expect(namesIn(`log: ${text.toString('base64url')}`)).toEqual(['token']);
  });

  it('a third of it', () => {
    const token = String(SECRETS['token']);
    for (let at = 0; at + 16 <= token.length; at += 4) {
      expect(namesIn(`${'x'.repeat(20)}${token.slice(at, at + 16)}`)).toEqual(['token']);
    }
  });

  it('all of several, and where', () => {
    const { token = '', bytes = '' } = SECRETS;
    const sources = new Map<string, string | Buffer>([
      ['clean', 'nothing here'],
      ['both', Buffer.concat([Buffer.from(token), Buffer.from(bytes)])],
    ]);
    const hits = findSecrets(sources, SECRETS);
    expect(hits.map(({ secret, source }) => `${source}: ${secret}`)).toEqual([
      'both: token',
      'both: bytes',
    ]);
  });

  it('the secret half of a private key, and not the public one', () => {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'sess-1' });
    const key = { key: seedOf(pair.private) };
    const find = (content: string) => findSecrets(new Map([['file', content]]), key);
    expect(find(pair.private.replaceAll('\n', ''))).toHaveLength(1);
    expect(find(JSON.stringify({ key: pair.private.replaceAll('\n', '') }))).toHaveLength(1);
    expect(find(pair.public)).toEqual([]);
  });
});
