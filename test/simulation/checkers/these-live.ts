import type { HoldReason } from '../../../src/domain/orphan.ts';
import type { Checker } from './violation.ts';

/** For worlds in which so many instances of nobody's are kept for one reason, to the end and in the rows too. */
export function theseLive(count: number, why: HoldReason | 'ignored'): Checker {
  return {
    name: 'what a person has to decide is kept',
    onEnd: (_evidence, instance) =>
      instance.madeBy === 'nobody' ? `${instance.id} was ended, and nobody said so` : undefined,
    onConverged: ({ market, books }) => {
      const alive = market
        .instances()
        .filter(
          ({ madeBy, state, id }) =>
            madeBy === 'nobody' && state !== 'gone' && !market.isForeign(id),
        );
      const rows = books.orphans.filter(({ state, heldFor }) => (heldFor ?? state) === why);
      // The sweeps of two APIs that come upon one machine in the same moment both write it down.
      const written = new Set(rows.map(({ providerInstanceId }) => providerInstanceId)).size;
      return [
        ...(alive.length === count ? [] : [`${alive.length} of ${count} are alive`]),
        ...(written === count ? [] : [`${written} of ${count} are written down`]),
      ];
    },
  };
}

/** For worlds in which an orphan that was written down lives on: no list makes it be forgotten. */
export function neverForgotten(): Checker {
  return {
    name: 'what is written down is not forgotten',
    onEvent: (_evidence, event) =>
      event.kind === 'orphan_gone' || event.kind === 'orphan_cleared'
        ? `${event.providerInstanceId} was forgotten`
        : undefined,
  };
}
