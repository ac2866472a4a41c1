/** A JSON object, neither a list nor `null`: what a body's fields can be read from. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
