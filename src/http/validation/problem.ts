import { BrokerError } from '../../domain/errors.ts';

/** One thing that is wrong with a request, in the caller's own field names. */
export interface Problem {
  readonly path: string;
  /** Reads on from the path: `must be at least 1`. */
  readonly message: string;
}

/** More problems than this are not listed: a body can hold many thousands. */
export const MAX_PROBLEMS = 50;

/** The 400 that lists every problem at once. */
export function validationError(problems: readonly Problem[]): BrokerError {
  const distinct = withoutRepeats(problems);
  const [first] = distinct;
  const others = distinct.length - 1;
  const sentence = first ? `${first.path} ${first.message}` : 'the request is not valid';
  const more = others > 0 ? ` (and ${others} more, see details)` : '';
  return new BrokerError('validation_error', `${sentence}${more}`, { details: distinct });
}

export function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw validationError(problems);
}

function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Map(problems.map((problem) => [`${problem.path} ${problem.message}`, problem]));
  return [...seen.values()].slice(0, MAX_PROBLEMS);
}
