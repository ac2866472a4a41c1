import { Type } from '@sinclair/typebox';

/** GPU names ride in offer ids. */
export const V0Name = Type.String({ pattern: '^[A-Za-z0-9_.-]{1,80}$' });

/**
 * The GPUs of a location, a hostnode or a machine as a list, each with its `v0Name`: lists are documented in answers, and
 * a map by that name is what creates have been seen to take.
 */
export function gpuEntries(gpus: unknown): unknown[] {
  if (Array.isArray(gpus)) return gpus;
  if (typeof gpus !== 'object' || gpus === null) return [];
  return Object.entries(gpus).map(([v0Name, entry]) =>
    typeof entry === 'object' && entry !== null ? { v0Name, ...entry } : entry,
  );
}
