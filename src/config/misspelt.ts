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
  for (let slips = 0; slips <= MAX_SLIPS; slips += 1) {
    const meant = known.find((candidate) => isWithin(slips, upper, candidate));
    if (meant !== undefined) return meant;
  }
  return undefined;
}

/** Whether so few letters inserted, removed or replaced make one text of the other. */
function isWithin(slips: number, left: string, right: string): boolean {
  const at = firstDifference(left, right);
  const [leftRest, rightRest] = [left.slice(at), right.slice(at)];
  if (leftRest === '' || rightRest === '') return leftRest.length + rightRest.length <= slips;
  if (slips === 0) return false;
  return (
    isWithin(slips - 1, leftRest.slice(1), rightRest) ||
    isWithin(slips - 1, leftRest, rightRest.slice(1)) ||
    isWithin(slips - 1, leftRest.slice(1), rightRest.slice(1))
  );
}

function firstDifference(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return at;
}
