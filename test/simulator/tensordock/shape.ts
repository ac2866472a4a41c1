/**
 * The shape of a JSON value: field names and value types. Fields that are keys of a map (uuids, ports, GPU models) stand
 * under one name, and a list has the shape of its first entry.
 */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  const entries = Object.entries(value).map(([key, each]) => [nameOf(key), shapeOf(each)] as const);
  return Object.fromEntries(entries);
}

function nameOf(key: string): string {
  if (/^[0-9a-f]{8}-/.test(key)) return '<uuid>';
  if (/^\d+$/.test(key)) return '<port>';
  return /-(?:pcie|sxm\d)-\d+gb$/.test(key) ? '<gpu>' : key;
}
