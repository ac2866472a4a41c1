import fc from 'fast-check';
import { validObject } from './from-schema.ts';
import { hostileName, hostileText } from './hostile-values.ts';
import { recordOf, type ServedRoute } from './served-routes.ts';
import { knownPath } from './valid-requests.ts';

type Json = Readonly<Record<string, unknown>>;
type Pair = readonly [name: string, value: string];

/** Fragments that are no proper name and value. */
const QUERY_SCRAPS = [
  '',
  '?',
  '&&&',
  '=',
  '==&=',
  'limit',
  'limit=%',
  'limit=%zz',
  'limit[]=1',
  'limit[$gt]=1',
  'a[b][c][d]=1',
  '__proto__[polluted]=1',
  '__proto__.polluted=1',
  'constructor[prototype][polluted]=1',
  '%00=%00',
  '%ff=%fe',
  '%ED%A0%80=1',
  '+=+',
  ';a=b;c=d',
  'a=1#b',
  'x=1&'.repeat(1500),
  '%'.repeat(3000),
];

const PATH_SCRAPS = [
  '%',
  '%zz',
  '%00',
  '%2f',
  '%2F..%2f',
  '..',
  '.',
  '%2e%2e',
  '%ff',
  '%ED%A0%80',
  ';x=1',
  '*',
  ':id',
  'a'.repeat(255),
  'a'.repeat(256),
  'a'.repeat(257),
  'a'.repeat(5000),
  '%41'.repeat(300),
];

/** The route's path: with ids that exist, with hostile ones, under its other name, and a little beside itself. */
export function pathFor({ pattern }: ServedRoute): fc.Arbitrary<string> {
  const known = knownPath(pattern);
  const part = fc.oneof(
    fc.constantFrom(...PATH_SCRAPS),
    hostileText.map(percentEncoded),
    fc.stringMatching(/^[!-~]{1,30}$/).map((text) => text.replace(/[?#]/g, '')),
  );
  const withHostileIds = part.map((drawn) => pattern.replace(/:[a-z_]+|\*/g, () => drawn));
  const beside = fc
    .tuple(fc.constantFrom('/', '//', '/.', '/..', '/%2e', ''), part, fc.boolean())
    .map(([slash, drawn, isBefore]) =>
      isBefore ? `/${drawn}${known}` : `${known}${slash}${drawn}`,
    );
  const hasIds = /[:*]/.test(pattern);
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(known) },
    { weight: 2, arbitrary: fc.constant(`/api/v1${known}`) },
    { weight: hasIds ? 6 : 0, arbitrary: withHostileIds },
    { weight: 1, arbitrary: beside },
  );
}

/** Right parameters, and then some of them changed, doubled, joined by others or torn. */
export function queryFor(schema: Json): fc.Arbitrary<string> {
  const names = Object.keys(recordOf(schema['properties']));
  const right = validObject(schema).map((values) =>
    Object.entries(values).map(([name, value]): Pair => [name, wordOf(value)]),
  );
  const name = names.length === 0 ? hostileName : fc.oneof(fc.constantFrom(...names), hostileName);
  const wrong: fc.Arbitrary<Pair> = fc.tuple(name, hostileText);
  const changed = fc
    .tuple(right, fc.array(wrong, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([pairs, wrongs, isDoubled]) => {
      const replaced = pairs.filter(([known]) => wrongs.every(([other]) => other !== known));
      return [...replaced, ...wrongs, ...(isDoubled ? pairs : [])];
    });
  const scraps = fc.array(fc.constantFrom(...QUERY_SCRAPS), { minLength: 1, maxLength: 2 });
  return fc.oneof(
    { weight: 4, arbitrary: right.map(joined) },
    { weight: 6, arbitrary: changed.map(joined) },
    {
      weight: 1,
      arbitrary: fc.tuple(right, scraps).map(([pairs, torn]) => [joined(pairs), ...torn].join('&')),
    },
    { weight: 4, arbitrary: fc.constant('') },
  );
}

/** By JSON where it is no plain value: an object may well have a `toString` that is none. */
function wordOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function joined(pairs: readonly Pair[]): string {
  return pairs.map((pair) => pair.map(percentEncoded).join('=')).join('&');
}

/** As `encodeURIComponent`, and half a surrogate pair as the three bytes that are not UTF-8. */
export function percentEncoded(text: string): string {
  return [...text]
    .map((unit) => {
      const code = unit.codePointAt(0) ?? 0;
      const isLone = code >= 0xd800 && code <= 0xdfff;
      return isLone ? '%ED%A0%80' : encodeURIComponent(unit);
    })
    .join('');
}
