import { describe, expect, test } from 'vitest';
import { createKeys } from '../../src/ssh/session-keys.ts';

const keys = createKeys(Buffer.alloc(32, 7));
const others = createKeys(Buffer.alloc(32, 8));

describe('a session token', () => {
  test('is the same for the same session, and another for another one or under another key', () => {
    const token = keys.tokenFor('sess-1');
    expect(token).toMatch(/^agent_[A-Za-z0-9_-]{43}$/);
    expect(keys.tokenFor('sess-1')).toBe(token);
    expect(createKeys(Buffer.alloc(32, 7)).tokenFor('sess-1')).toBe(token);
    expect(keys.tokenFor('sess-2')).not.toBe(token);
    expect(others.tokenFor('sess-1')).not.toBe(token);
  });

  test('is known by its hash, from which it cannot be read', () => {
    const token = keys.tokenFor('sess-1');
    const hash = keys.tokenHash(token);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(keys.isTokenOf(hash, token)).toBe(true);
    // The hash needs no secret: what was given out stays valid when the secrets key is another.
    expect(others.isTokenOf(hash, token)).toBe(true);
  });

  test.each(['', 'agent_', keys.tokenFor('sess-2'), `${keys.tokenFor('sess-1')} `, '\u0000'])(
    'is not %j',
    (wrong) => {
      expect(keys.isTokenOf(keys.tokenHash(keys.tokenFor('sess-1')), wrong)).toBe(false);
    },
  );

  test.each(['', 'zz', '00', keys.tokenFor('sess-1'), '0'.repeat(64)])(
    'does not belong to %j, which is the hash of none',
    (hash) => {
      expect(keys.isTokenOf(hash, keys.tokenFor('sess-1'))).toBe(false);
    },
  );
});
