import type { EpochMs } from '../time.ts';
import { decayed, LEVEL_RULES, type Weight } from './level-rules.ts';
import type { Outcome } from './outcome.ts';
import type { Level } from './place.ts';

/**
 * A machine against which more than this speaks than for it, in launches, is taken off the menu. One failure alone ranks it
 * low and no more: every fifth or so is chance, whoever names it by its id may know better, and what nobody can rent cannot
 * prove itself. After a second one without a success in between hardly one in ten would serve, and each further try is
 * paid for by somebody. Only single machines are hidden: of a site the next launch gets another machine.
 */
const HIDDEN_ABOVE = 1.5;

/** Of what less than this is left, in launches, is forgotten for all that it changes. */
const FORGOTTEN_BELOW = 0.05;

/** Until when a single machine is off the menu for what became of launches on it; undefined when it is not. */
export function hiddenUntil(outcomes: readonly Outcome[], now: EpochMs): EpochMs | undefined {
  const { ran, broken } = LEVEL_RULES.machine.weights;
  let against = 0;
  for (const { kind, at } of outcomes) {
    if (kind === 'broken') against += decayed(broken, now - at);
    if (kind === 'ran') against -= decayed(ran, now - at);
  }
  // Both kinds halve in the same time, so that their difference does.
  return against > HIDDEN_ABOVE
    ? fallsTo(HIDDEN_ABOVE, against, { weight: broken, now })
    : undefined;
}

/** When next to nothing is left of what is held against a place at a level; undefined when nothing is held against it. */
export function forgottenAt(
  level: Level,
  outcomes: readonly Outcome[],
  now: EpochMs,
): EpochMs | undefined {
  const times = (['gone', 'broken'] as const).flatMap((kind) => {
    const weight = LEVEL_RULES[level].weights[kind];
    const left = outcomes
      .filter((outcome) => outcome.kind === kind)
      .reduce((sum, { at }) => sum + decayed(weight, now - at), 0);
    return left > FORGOTTEN_BELOW ? [fallsTo(FORGOTTEN_BELOW, left, { weight, now })] : [];
  });
  return times.length === 0 ? undefined : Math.max(...times);
}

function fallsTo(
  bound: number,
  left: number,
  { weight, now }: { readonly weight: Weight; readonly now: EpochMs },
): EpochMs {
  return Math.ceil(now + weight.halfLifeMs * Math.log2(left / bound));
}
