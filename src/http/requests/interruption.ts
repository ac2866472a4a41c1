import type { Problem } from '../validation/problem.ts';

type Body = Readonly<Record<string, unknown>>;

/** A kept disk is on the machine that was lost, so of the two only one can go on. */
export function interruptionProblems(body: Body): readonly Problem[] {
  const isBoth = body['on_interruption'] === 'replace' && body['storage_policy'] === 'preserve';
  const message =
    'replace cannot be given together with storage_policy preserve: the disk that is kept is on the machine that would be replaced';
  return isBoth ? [{ path: 'on_interruption', message }] : [];
}
