import { type TSchema, Type } from '@sinclair/typebox';

/** What every schema of ours may say about a field. */
interface FieldOptions {
  readonly description: string;
}

/** One of a closed set of texts. */
export function oneOf<const Values extends readonly string[]>(
  values: Values,
  options: FieldOptions,
) {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: [...values], ...options });
}

/** A text of a certain form; `meaning` tells the form to a caller who missed it: "must be `meaning`". */
export function formed(pattern: string, options: FieldOptions & { readonly meaning: string }) {
  const { meaning, description } = options;
  return Type.String({ pattern, 'x-meaning': meaning, description });
}

export function instant(description: string) {
  return Type.String({ format: 'date-time', description: `${description} RFC 3339, UTC.` });
}

export function usd(description: string) {
  return Type.Number({ description: `${description} US dollars.` });
}

/** How many there are of something. */
export function countOf(description: string) {
  return Type.Integer({ minimum: 0, description });
}

/** A number from 0 to 1. */
export function share(description: string) {
  return Type.Number({ minimum: 0, maximum: 1, description: `${description} 0 to 1.` });
}

/** One value for each of some names that are not known beforehand. */
export function byName<Value extends TSchema>(value: Value, options: FieldOptions) {
  return Type.Record(Type.String(), value, options);
}

/** What may be said of an object as a whole. */
interface ObjectOptions {
  /** Its name in the OpenAPI document; objects of one name have to be one schema. */
  readonly title?: string;
  readonly description?: string;
}

/** An object with these fields and no others. */
export function closed<Fields extends Record<string, TSchema>>(
  fields: Fields,
  options: ObjectOptions = {},
) {
  return Type.Object(fields, { additionalProperties: false, ...options });
}

/** A route without query parameters refuses all of them. */
export const NoQuery = closed({});

/** A route without a body accepts none, or an empty object. */
export const NoBody = Type.Unsafe<Readonly<Record<string, never>> | null>({
  type: ['object', 'null'],
  properties: {},
  additionalProperties: false,
});

/** For a path that ends in, or leads through, the id of one thing. */
export function idParams(description: string) {
  return closed({ id: Type.String({ description }) });
}
