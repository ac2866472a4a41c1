/** A part of a document whose form is known only in so far as it is looked at. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that stands there, or an empty one. */
export function jsonAt(holder: Json, name: string): Json {
  const value = holder[name];
  return isJson(value) ? value : {};
}

/** The same names with other values. */
export function mapJson<Changed>(
  record: Json,
  change: (value: unknown, name: string) => Changed,
): Readonly<Record<string, Changed>> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, change(value, name)]),
  );
}
