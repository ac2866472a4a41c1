import { ACTIVITY_MUTANTS } from './activity-mutants.ts';
import { END_MUTANTS } from './end-mutants.ts';
import { EVIDENCE_MUTANTS } from './evidence-mutants.ts';
import { KEPT_MUTANTS } from './kept-mutants.ts';
import { LAUNCH_MUTANTS } from './launch-mutants.ts';
import { MONEY_MUTANTS } from './money-mutants.ts';
import type { Mutant } from './mutant.ts';
import { ORPHAN_MUTANTS } from './orphan-mutants.ts';
import { RETENTION_MUTANTS } from './retention-mutants.ts';
import { WATCHED_MUTANTS } from './watched-mutants.ts';

/**
 * Every guard that stands between a bad day and somebody's money. What is not here, and why:
 *
 * - Rows read before the list instead of after it, in the watch or in the reconciler: a row that is a few seconds old
 *   leads at worst to one doubtful sighting, and nothing is done on one. The order is a belt beside the braces of the
 *   second sighting, the grace period and the direct look, each of which has a mutant.
 * - `sightings < 2` alone, in `isOrphan`: two lists that are `evidenceGapMs` apart are two sightings. The mutant takes
 *   both away.
 * - The marketplace of an attempt, in `claimOf`: it matters where a restored session tries again at another marketplace
 *   than the one that it has forgotten. A test of the reconciler shows it; worlds meet it too seldom.
 */
export const MUTANTS: readonly Mutant[] = [
  ...LAUNCH_MUTANTS,
  ...EVIDENCE_MUTANTS,
  ...ORPHAN_MUTANTS,
  ...END_MUTANTS,
  ...MONEY_MUTANTS,
  ...KEPT_MUTANTS,
  ...WATCHED_MUTANTS,
  ...ACTIVITY_MUTANTS,
  ...RETENTION_MUTANTS,
];
