import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { isJson, type Json, mapJson } from './records.ts';

/**
 * Takes every schema that has a title out of what is given and puts a reference in its place, so that a form which many
 * routes share is told once, and generated clients have a name for it.
 */
export function nameSchemas(node: Json): { readonly named: Json; readonly schemas: Json } {
  const schemas = new Map<string, Json>();
  return { named: mapJson(node, (part) => named(part, schemas)), schemas: sorted(schemas) };
}

function named(node: unknown, schemas: Map<string, Json>): unknown {
  if (Array.isArray(node)) return node.map((item) => named(item, schemas));
  if (!isJson(node)) return node;
  const { title, ...rest } = mapJson(node, (value) => named(value, schemas));
  if (typeof title !== 'string') return title === undefined ? rest : { title, ...rest };
  const known = schemas.get(title);
  assert(!known || isDeepStrictEqual(known, rest), `two different schemas are called ${title}`);
  schemas.set(title, rest);
  return { $ref: `#/components/schemas/${title}` };
}

function sorted(schemas: ReadonlyMap<string, Json>): Json {
  return Object.fromEntries([...schemas].sort(([left], [right]) => (left < right ? -1 : 1)));
}
