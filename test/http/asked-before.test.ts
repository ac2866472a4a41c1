import { expect, test } from 'vitest';
import { AskedBefore } from '../../src/http/asked-before.ts';

test('a text is known from its second time on, and others are told apart from it', () => {
  const asked = new AskedBefore();
  const texts = ['', 'a', 'b', 'ab', 'ba', '/offers?limit=1', '/offers?limit=2'];
  expect(texts.map((text) => asked.has(text))).toStrictEqual(texts.map(() => false));
  expect(texts.map((text) => asked.has(text))).toStrictEqual(texts.map(() => true));
});

test('what came long before is forgotten', () => {
  const asked = new AskedBefore();
  asked.has('/offers');
  for (let number = 0; number < 100_000; number += 1) asked.has(`/offers?offset=${number}`);
  expect(asked.has('/offers')).toBe(false);
});
