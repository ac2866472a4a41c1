import { MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import type { Checker, Evidence } from './violation.ts';

/**
 * A launch that was sent in the last moment of the bad time hangs for as long as its deadline, two minutes; then its
 * instance may show up for as long as the provider takes to settle, five minutes at TensorDock; then it is missing from
 * two lists, ten seconds apart, and the attempt after it is launched, or all of it is ended.
 */
const STEADY_WITHIN_MS = 2 * MINUTE_MS + 5 * MINUTE_MS + MINUTE_MS;
/** Beside one period of the sweep. */
const OVER_WITHIN_MS = 60 * SECOND_MS;

/**
 * Promise 1, with its time: once the world is well nothing stays in doubt for longer than a provider needs to settle a
 * launch; and when the last request is made, to end what runs, then a minute and one sweep later nothing is left.
 */
export const convergesInTime: Checker = {
  name: 'nothing is left in time',
  onConverged: (evidence) => [...unsteady(evidence), ...unfinished(evidence)],
};

function unsteady({ course, now }: Evidence): readonly string[] {
  const { wellAt = 0, steadyAt, lastDoubt } = course;
  const tookMs = (steadyAt ?? now()) - wellAt;
  return steadyAt !== undefined && tookMs <= STEADY_WITHIN_MS
    ? []
    : [`${tookMs} ms after the world was well: ${lastDoubt ?? 'nothing'}`];
}

function unfinished({ course, now, plan }: Evidence): readonly string[] {
  const { lastRequestAt = 0, overAt, lastLeft } = course;
  const tookMs = (overAt ?? now()) - lastRequestAt;
  return overAt !== undefined && tookMs <= OVER_WITHIN_MS + plan.policy.reconcileIntervalMs
    ? []
    : [`${tookMs} ms after the last request: ${lastLeft ?? 'nothing'}`];
}
