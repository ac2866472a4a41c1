import type { TSchema } from '@sinclair/typebox';

type IsWithin = (value: number) => boolean;

/** What of a number's schema is understood here, and what says nothing of its value. */
const UNDERSTOOD = ['type', 'minimum', 'exclusiveMinimum', 'maximum', 'description', 'default'];

/**
 * Holds a number against its schema as the validator does, without what that has to do for everything else. Undefined for
 * schemas that are no numbers, or ask for more than bounds.
 */
export function numberBounds(schema: TSchema): IsWithin | undefined {
  const isUnderstood = Object.keys(schema).every((key) => UNDERSTOOD.includes(key));
  const isWhole = schema['type'] === 'integer';
  if (!isUnderstood || (schema['type'] !== 'number' && !isWhole)) return undefined;
  const above = boundOf(schema, 'exclusiveMinimum') ?? -Infinity;
  const least = boundOf(schema, 'minimum') ?? -Infinity;
  const most = boundOf(schema, 'maximum') ?? Infinity;
  return (value) =>
    value > above && value >= least && value <= most && (!isWhole || Number.isInteger(value));
}

function boundOf(schema: TSchema, keyword: string): number | undefined {
  const bound: unknown = schema[keyword];
  return typeof bound === 'number' ? bound : undefined;
}
