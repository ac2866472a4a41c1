import { MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { clockSlackMs } from '../plan.ts';
import type { Word } from '../testimony.ts';
import type { Checker } from './violation.ts';

/** What is kept of an agent's words is known to within this. */
const GRAIN_MS = 10 * SECOND_MS;

/**
 * Held against what the agents themselves say, not against the rows. Only words to the present life of the broker count, for
 * it may have begun on rows that do not know the others.
 */
export const idleByItsWord: Checker = {
  name: 'no session ends as idle unless its agent said so throughout',
  onCommit: ({ wordsOf, now, upSince, plan }, session, before) => {
    if (session.stopReason !== 'idle' || before?.stopReason !== undefined) return undefined;
    const slackMs = clockSlackMs(plan);
    const gapMs = plan.policy.heartbeatGapMs + GRAIN_MS + slackMs;
    const words = wordsOf(session.id).filter(({ at }) => at >= (upSince ?? 0));
    const saidForMs = idleForMs(words, { now: now(), gapMs });
    const dueMs = session.request.idleThresholdMinutes * MINUTE_MS - slackMs;
    return dueMs <= saidForMs && session.request.idleThresholdMinutes > 0
      ? undefined
      : `${session.id} ended as idle after ${saidForMs} ms of its agent's saying so, not ${dueMs}`;
  },
};

/** From the last word back to the first that no work and no silence stands after. */
function idleForMs(
  words: readonly Word[],
  { now, gapMs }: { readonly now: number; readonly gapMs: number },
): number {
  let since = now;
  for (const { at, isWork } of words.toReversed()) {
    // A word that comes in the very moment of the end is too late.
    if (isWork && at < now) break;
    if (since - at > gapMs) break;
    since = at;
  }
  return now - since;
}
