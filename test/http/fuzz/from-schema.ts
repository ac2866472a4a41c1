import fc from 'fast-check';
import { recordOf } from './served-routes.ts';
import { KNOWN_VALUES } from './valid-requests.ts';

type Json = Readonly<Record<string, unknown>>;
type Values = fc.Arbitrary<unknown>;

const MAX_ITEMS = 6;
const MAX_CHARS = 60;

/** Values that a JSON schema lets pass, as far as the few keywords go that our schemas use. */
export function validValue(schema: Json): Values {
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...schema['enum']);
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return fc.oneof(...choices.map((one) => validValue(recordOf(one))));
  const types = [schema['type']].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema)));
}

function ofType(type: unknown, schema: Json): Values {
  switch (type) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer(bounds(schema, { least: 1, most: 10_000 }));
    case 'number':
      return number(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return list(schema);
    case 'object':
      return validObject(schema);
    default:
      return fc.jsonValue({ maxDepth: 1 });
  }
}

function text(schema: Json): Values {
  const { pattern, minLength, maxLength } = schema;
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  const least = typeof minLength === 'number' ? minLength : 0;
  const most = typeof maxLength === 'number' ? maxLength : MAX_CHARS;
  return fc.string({ minLength: least, maxLength: Math.max(least, Math.min(most, MAX_CHARS)) });
}

function number(schema: Json): Values {
  const { min, max } = bounds(schema, { least: 0, most: 1000 });
  return fc.oneof(
    fc.integer({ min: Math.ceil(min), max: Math.floor(max) }),
    fc.integer({ min: 1, max: 999 }).map((share) => min + ((max - min) * share) / 1000),
  );
}

interface Defaults {
  readonly least: number;
  readonly most: number;
}

function bounds(schema: Json, { least, most }: Defaults): { readonly min: number; max: number } {
  const above = schema['exclusiveMinimum'];
  const min = schema['minimum'] ?? (typeof above === 'number' ? above + 1 : least);
  const max = schema['maximum'] ?? most;
  const lowest = typeof min === 'number' ? min : least;
  return { min: lowest, max: Math.max(lowest, typeof max === 'number' ? max : most) };
}

function list(schema: Json): Values {
  const items = validValue(recordOf(schema['items']));
  const { minItems, maxItems } = schema;
  const minLength = typeof minItems === 'number' ? minItems : 0;
  const most = typeof maxItems === 'number' ? Math.min(maxItems, MAX_ITEMS) : MAX_ITEMS;
  const maxLength = Math.max(minLength, most);
  return schema['uniqueItems'] === true
    ? fc.uniqueArray(items, { minLength, maxLength, selector: (item) => JSON.stringify(item) })
    : fc.array(items, { minLength, maxLength });
}

/** All that is required, and of the rest mostly little: many optional fields at once mostly exclude each other. */
export function validObject(schema: Json): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(recordOf(schema['properties']));
  if (fields.length === 0) return fc.constant({});
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const optional = fields.map(([name]) => name).filter((name) => !required.includes(name));
  const all = fc.record(
    Object.fromEntries(fields.map(([name, field]) => [name, fieldValue(name, recordOf(field))])),
  );
  return fc
    .tuple(all, fc.subarray(optional, { maxLength: Math.min(3, optional.length) }))
    .map(([drawn, kept]) =>
      Object.fromEntries(
        Object.entries(drawn).filter(([name]) => required.includes(name) || kept.includes(name)),
      ),
    );
}

/** Often one that stands for something, because one that is only of the right form mostly stands for nothing. */
function fieldValue(name: string, schema: Json): Values {
  const known = KNOWN_VALUES.get(name);
  return known === undefined
    ? validValue(schema)
    : fc.oneof(fc.constantFrom(...known), validValue(schema));
}
