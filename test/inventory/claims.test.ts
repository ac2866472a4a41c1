import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { Claims } from '../../src/inventory/claims.ts';
import { offer, START } from '../support/builders.ts';

const first = offer({ id: 'a', machineId: 'm1' });
const sibling = offer({ id: 'b', machineId: 'm1' });
const other = offer({ id: 'c', machineId: 'm2' });
const nameless = offer({ id: 'd' });

function order(claims: Claims, at: number): string[] {
  return claims.unclaimedFirst([first, sibling, other, nameless], at).map(({ id }) => id);
}

test('a claimed machine comes last with each of its offers, and is still there', () => {
  const claims = new Claims();
  claims.claim(first, START);
  expect(order(claims, START)).toStrictEqual(['c', 'd', 'a', 'b']);
});

test('a claim ends when it is released, and by itself', () => {
  const claims = new Claims();
  claims.claim(first, START);
  claims.release(sibling);
  expect(order(claims, START)).toStrictEqual(['a', 'b', 'c', 'd']);
  claims.claim(first, START);
  expect(order(claims, START + 3 * MINUTE_MS)).toStrictEqual(['a', 'b', 'c', 'd']);
});

test('what names no machine may be several, and is nobody’s alone', () => {
  const claims = new Claims();
  claims.claim(nameless, START);
  expect(claims.isClaimed(nameless, START)).toBe(false);
});
