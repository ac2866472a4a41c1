import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentialMask } from '../../src/providers/credential-mask.ts';

const KEY = '9f/c2+b7=e1\'d8"a4&6<0>5;3%1 z$Q~Kx';
const mask = credentialMask([KEY, 'short', '']);

describe('a credential is hidden', () => {
  it.each([
    ['as it stands', KEY],
    ['in a query', new URLSearchParams({ api_key: KEY }).toString().slice('api_key='.length)],
    ['percent-encoded', encodeURIComponent(KEY)],
    ['percent-encoded in lower case', encodeURIComponent(KEY).toLowerCase()],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(KEY))],
    ['in JSON', JSON.stringify(KEY).slice(1, -1)],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(KEY)).slice(3, -3)],
    ['in hex', Buffer.from(KEY).toString('hex')],
    ['in upper case hex', Buffer.from(KEY).toString('hex').toUpperCase()],
  ])('%s', (_how, spelling) => {
    expect(mask(`before ${spelling} after`)).toBe('before [redacted] after');
  });

  it.each([0, 1, 2, 3, 4])('in base64 of a text, from its place %i on', (before) => {
    const text = Buffer.from(`${'x'.repeat(before)}${KEY}yyyy`).toString('base64');
    expect(mask(text)).toMatch(/^[A-Za-z0-9+/]{0,6}\[redacted\][A-Za-z0-9+/=]{0,8}$/);
  });

  it('when it is cut at either end', () => {
    expect(mask(`said ${KEY.slice(0, 14)}`)).toBe('said [redacted]');
    expect(mask(`${KEY.slice(-14)} said`)).toBe('[redacted] said');
  });

  it('however short it is, but only whole', () => {
    expect(mask('a short word, a shor')).toBe('a [redacted] word, a shor');
  });

  it('wherever it stands in whatever text, and nothing else is', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(!`${before}${after}`.includes('short'));
        expect(mask(`${before}${KEY}${after}`)).toBe(`${before}[redacted]${after}`);
      }),
    );
  });
});

it('leaves other texts as they are', () => {
  const text = 'create answered 400: İmage nvidia/cuda:12.4.1 is not available at "US, CA"';
  expect(mask(text)).toBe(text);
  expect(credentialMask([])(text)).toBe(text);
});
