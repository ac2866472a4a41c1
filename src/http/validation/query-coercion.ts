import { isRecord } from './is-record.ts';

/** Plain decimal notation. `1e3`, `0x10`, ` 1` and the like are not numbers that a person meant to type. */
const DECIMAL = /^-?\d{1,15}(\.\d{1,15})?$/;

/** `1`, `yes` and `True` are somebody's habit elsewhere; here a word means one thing. */
const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/**
 * A query string's values in the types of its schema: every value arrives as text, so numbers and truth are read here, and
 * only here. What does not read as such stays as it is, for the validator to refuse.
 */
export function coerceQuery(query: unknown, schema: unknown): Readonly<Record<string, unknown>> {
  const properties = isRecord(schema) && isRecord(schema['properties']) ? schema['properties'] : {};
  // Whatever a caller names a parameter: on this object no name means anything.
  const typed: Record<string, unknown> = Object.create(null);
  if (!isRecord(query)) return typed;
  for (const name of Object.keys(query)) typed[name] = coerce(query[name], properties[name]);
  return typed;
}

function coerce(value: unknown, property: unknown): unknown {
  if (!isRecord(property) || typeof value !== 'string') return value;
  if (property['type'] === 'boolean') return TRUTH.get(value) ?? value;
  const isNumeric = property['type'] === 'integer' || property['type'] === 'number';
  return isNumeric ? (decimal(value) ?? value) : value;
}

/** The number that is written so; undefined for what is none, or not written plainly. */
export function decimal(text: string): number | undefined {
  return DECIMAL.test(text) ? Number(text) : undefined;
}
