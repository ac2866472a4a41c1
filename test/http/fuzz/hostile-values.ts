import fc from 'fast-check';

const LONG = 4000;

/** Texts that have broken programs before. */
const NASTY_TEXTS = [
  '',
  ' ',
  '\t\r\n',
  '0',
  '-0',
  '-1',
  '00012',
  '1e999',
  '-1e999',
  '1e-400',
  '0x10',
  '1_000',
  '١٢٣',
  '9007199254740993',
  '123456789012345678901234567890',
  'NaN',
  'Infinity',
  '-Infinity',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__proto__.polluted',
  'constructor.prototype.polluted',
  '\u0000',
  'a\u0000b',
  '\u001b[31m',
  '\ufeff',
  '\ud800',
  '\udc00x',
  '\u202egpj.exe',
  '\u0645\u0631\u062d\u0628\u0627',
  '\u{1f469}\u200d\u{1f4bb}',
  'e\u0301\u0301\u0301',
  '\u{e0001}',
  'ﬀ',
  'İıß',
  "' OR 1=1 --",
  "'; DROP TABLE sessions; --",
  '" OR ""="',
  "1; ATTACH DATABASE '/tmp/x' AS x",
  '%',
  '%%',
  '_',
  '$(touch /tmp/owned)',
  '`id`',
  '; rm -rf /',
  '| cat /etc/passwd',
  '&& shutdown',
  '../../../../etc/passwd',
  '..\\..\\windows',
  '/dev/zero',
  '%00',
  '%2e%2e%2f',
  '%c0%ae',
  '%u0041',
  '<script>alert(1)</script>',
  '{{7*7}}',
  '\u0024{jndi:ldap://x}',
  '\r\nSet-Cookie: a=b',
  '2026-02-30',
  '0000-00-00',
  '9999-12-31',
  '+275760-09-13',
  '12.9.1',
  '999.999',
  ',',
  ',,,,',
  'a,'.repeat(500),
  '(a+)+$',
  'a'.repeat(LONG),
  'a!'.repeat(LONG),
  '\ud83d\ude00'.repeat(LONG / 8),
  '0'.repeat(LONG),
  '1.'.repeat(300),
  '-'.repeat(LONG),
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.double().map(String) },
  { weight: 1, arbitrary: fc.bigInt().map(String) },
);

/** Names that objects have by birth, names of nobody, and slips of the finger's kind. */
export const hostileName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    '__defineGetter__',
    '',
    'a.b',
    'a[b]',
    'length',
    '0',
    '/',
    '~0~1',
    '$ref',
    'consumer_id ',
    'Limit',
    'OFFER_ID',
  ),
  hostileText,
);

const nested = fc
  .tuple(fc.constantFrom('[]', '{}'), fc.integer({ min: 2, max: 200 }))
  .map(([kind, depth]) => {
    let value: unknown = 'bottom';
    for (let level = 0; level < depth; level += 1) value = kind === '[]' ? [value] : { a: value };
    return value;
  });

const pollution = fc.constantFrom(
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"prototype":{"polluted":true}}',
);

/** JSON values; whatever JSON can't say, such as NaN, is left to {@link hostileText} and to broken JSON. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, -1, 1.5, 1e308, 5e-324, 2 ** 53, -(2 ** 63)) },
  { weight: 2, arbitrary: fc.constantFrom(null, true, false, [], {}, [[]], [null], ['']) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: pollution.map((text): unknown => JSON.parse(text)) },
  { weight: 1, arbitrary: fc.array(hostileText, { maxLength: 20 }) },
);
