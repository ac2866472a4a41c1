import { editDistance } from '../http/validation/nearest-name.ts';
import type { Environment } from './environment.ts';
import type { Variable } from './variable.ts';

/** Two slips are the most that a name of ours may be away; further off it is somebody else's variable. */
const MAX_SLIPS = 2;
/** Short names such as HOST are near to too many others (HOME) to tell a slip from a stranger. */
const LEAST_LENGTH = 8;

/** Problems for variables that nobody reads and that look like one of ours: a misspelt key must not be ignored. */
export function misspeltNames(env: Environment, variables: readonly Variable<unknown>[]): string[] {
  const known = variables.flatMap(namesOf);
  const knownNames = new Set(known);
  const nearable = known.filter((name) => name.length >= LEAST_LENGTH);
  return Object.keys(env)
    .filter((name) => !knownNames.has(name) && env[name] !== '')
    .flatMap((name) => {
      const meant = nearestOf(name, nearable);
      return meant === undefined ? [] : [`${name} is not known; did you mean ${meant}?`];
    });
}

export function namesOf(variable: Variable<unknown>): readonly string[] {
  const names = [variable.name, ...variable.aliases];
  return variable.isSecret ? [...names, ...names.map((name) => `${name}_FILE`)] : names;
}

function nearestOf(name: string, known: readonly string[]): string | undefined {
  const upper = name.toUpperCase();
  const ranked = known
    .filter((candidate) => Math.abs(candidate.length - upper.length) <= MAX_SLIPS)
    .map((candidate) => ({ candidate, distance: editDistance(upper, candidate) }))
    .filter(({ distance }) => distance <= MAX_SLIPS)
    .sort((left, right) => left.distance - right.distance);
  return ranked[0]?.candidate;
}
