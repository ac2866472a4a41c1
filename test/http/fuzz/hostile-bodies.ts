import fc from 'fast-check';
import { validObject } from './from-schema.ts';
import { hostileName, hostileText, hostileValue } from './hostile-values.ts';
import { recordOf, type ServedRoute } from './served-routes.ts';
import { knownBody } from './valid-requests.ts';

type Json = Readonly<Record<string, unknown>>;

export interface HostileBody {
  readonly payload: string | Buffer;
  readonly mediaType?: string;
}

const MEBIBYTE = 1024 * 1024;
const MEDIA_TYPE = 'application/json';

/** Text that is no JSON, or only just. */
const SCRAPS = [
  '',
  ' ',
  '\ufeff{}',
  '{',
  '}',
  '[',
  '{"a"',
  '{"a":}',
  '{"a":1,}',
  "{'a':1}",
  '{a:1}',
  '// {}',
  'NaN',
  '{"reservation_hours":NaN}',
  '{"reservation_hours":Infinity}',
  '{"reservation_hours":1e999}',
  '{"reservation_hours":-1e999}',
  '{"reservation_hours":0x10}',
  '{"reservation_hours":01}',
  '{"a":"\\ud800"}',
  '{"a":"\\u00"}',
  '{"a":"\u0000"}',
  '{"a":"\\u0000"}',
  '"text"',
  '1',
  'null',
  'true',
  '[]',
  '[[]]',
  '{}{}',
  '{"__proto__":{"polluted":true}}',
  '{"\\u005f_proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"consumer_id":"a","consumer_id":"b"}',
];

/** Large ones are rare: each takes as long as hundreds of others. */
const LARGE: readonly (() => string)[] = [
  () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  () => '{"a":'.repeat(100_000),
  () => `${'{"requirements":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  () => `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":0`).join(',')}}`,
  () => `{"exposed_ports":[${'0,'.repeat(300_000)}0]}`,
  () => `{"exposed_ports":[${Array.from({ length: 100_000 }, (_, index) => index).join(',')}]}`,
  () => `{"consumer_id":"${'a'.repeat(MEBIBYTE - 100)}"}`,
  () => `{"ssh_public_key":"ssh-ed25519 ${'A'.repeat(MEBIBYTE - 100)}"}`,
  () => `{"${'a'.repeat(MEBIBYTE - 100)}":1}`,
  () => `{"consumer_id":"${'a'.repeat(MEBIBYTE)}"}`,
  () => ' '.repeat(MEBIBYTE),
  () => '1'.repeat(MEBIBYTE - 1),
];

/** A body for the route; undefined is none at all. */
export function bodyFor(route: ServedRoute): fc.Arbitrary<HostileBody | undefined> {
  const right = rightBody(route);
  const changed = changedBody(right, route.body ?? {});
  const isExpected = route.body !== undefined;
  const json = (text: fc.Arbitrary<string>): fc.Arbitrary<HostileBody> =>
    text.map((payload) => ({ payload, mediaType: MEDIA_TYPE }));
  return fc.oneof(
    { weight: isExpected ? 200 : 0, arbitrary: json(right.map(textOf)) },
    { weight: isExpected ? 300 : 0, arbitrary: json(changed) },
    { weight: 30, arbitrary: json(torn(right)) },
    { weight: 20, arbitrary: json(fc.constantFrom(...SCRAPS)) },
    { weight: 10, arbitrary: json(hostileValue.map(textOf)) },
    { weight: 1, arbitrary: json(fc.constantFrom(...LARGE).map((make) => make())) },
    { weight: 20, arbitrary: fc.uint8Array({ maxLength: 60 }).map(bytesBody) },
    { weight: 10, arbitrary: hostileText.map((payload): HostileBody => ({ payload })) },
    { weight: isExpected ? 10 : 500, arbitrary: fc.constant(undefined) },
  );
}

function rightBody({ name, body }: ServedRoute): fc.Arbitrary<Json> {
  if (body === undefined) return fc.constant({});
  const known = knownBody(name);
  if (known === undefined) return validObject(body);
  const optional = validObject({ ...body, required: [] });
  return fc.oneof(
    fc.constant(known),
    optional.map((more) => ({ ...known, ...more })),
    optional.map((more) => ({ ...more, ...known })),
    validObject(body),
  );
}

/** With one to three of its fields, or of the fields of those, hostile, gone, doubled or new. */
function changedBody(right: fc.Arbitrary<Json>, schema: Json): fc.Arbitrary<string> {
  const change = fc.tuple(placeIn(schema), fc.option(hostileValue, { nil: undefined, freq: 8 }));
  return fc
    .tuple(right, fc.array(change, { minLength: 1, maxLength: 3 }), fc.integer({ min: 0, max: 9 }))
    .map(([body, changes, dice]) => {
      const changed = changes.reduce<Json>((so, [place, value]) => put(so, place, value), body);
      const text = textOf(changed);
      const [again] = changes;
      return dice === 0 && again && text !== '{}'
        ? `${text.slice(0, -1)},${JSON.stringify(again[0][0])}:1}`
        : text;
    });
}

type Place = readonly [string, ...string[]];

/** A field that the schema knows, one inside it, or one that nobody knows. */
function placeIn(schema: Json): fc.Arbitrary<Place> {
  const fields = Object.entries(recordOf(schema['properties']));
  const known = fields.flatMap(([name, field]): Place[] => {
    const inside = Object.keys(recordOf(recordOf(field)['properties']));
    return [[name], ...inside.map((inner): Place => [name, inner])];
  });
  const holders = fields.filter(([, field]) => 'properties' in recordOf(field));
  const outer = hostileName.map((name): Place => [name]);
  const inner = holders.map(([holder]) => hostileName.map((name): Place => [holder, name]));
  return known.length === 0 ? outer : fc.oneof(fc.constantFrom(...known), outer, ...inner);
}

/** By entries, because `__proto__` has to become a name like any other. */
function put(body: Json, [name, ...rest]: Place, value: unknown): Json {
  const entries = new Map(Object.entries(body));
  const [next, ...further] = rest;
  const inside =
    next === undefined ? value : put(recordOf(entries.get(name)), [next, ...further], value);
  return Object.fromEntries(entries.set(name, inside));
}

/** Cut off or with something in the middle. */
function torn(right: fc.Arbitrary<Json>): fc.Arbitrary<string> {
  const junk = fc.oneof(
    fc.constantFrom('', '"', '\\', ',', '}', '\u0000', '1e999', 'NaN'),
    hostileText,
  );
  return fc
    .tuple(right, fc.nat({ max: 400 }), junk, fc.boolean())
    .map(([body, place, middle, isCut]) => {
      const text = textOf(body);
      const at = place % (text.length + 1);
      return `${text.slice(0, at)}${middle}${isCut ? '' : text.slice(at)}`;
    });
}

function bytesBody(bytes: Uint8Array): HostileBody {
  return { payload: Buffer.from(bytes), mediaType: MEDIA_TYPE };
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? '';
}
