import { isRecord } from './is-record.ts';

/**
 * What bounds the price or the machine. Programs write a bound that they failed to calculate as `null`, and to rent without
 * it would be the dearest way to read that.
 */
const BOUNDS = [
  'max_price',
  'min_vram',
  'min_gpu_count',
  'gpu_count',
  'min_cuda',
  'min_reliability',
  'min_availability_confidence',
];

/**
 * The value without those fields that its schema knows and that are `null`, also in the objects inside it. A name that the
 * schema does not know stays, and so does a bound, for the validator to refuse: a mistyped field is a mistake whatever its value is.
 */
export function withoutNulls(value: unknown, schema: unknown): unknown {
  if (!isRecord(value) || !isRecord(schema) || !isRecord(schema['properties'])) return value;
  const { properties } = schema;
  const isKnown = (name: string): boolean => Object.hasOwn(properties, name);
  const fields = Object.entries(value)
    .filter(([name, item]) => item !== null || !isKnown(name) || BOUNDS.includes(name))
    .map(([name, item]) => [name, withoutNulls(item, ownField(properties, name))] as const);
  return Object.fromEntries(fields);
}

function ownField(properties: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}
