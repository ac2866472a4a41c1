import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { neverForgotten, theseLive } from './checkers/these-live.ts';
import type { CalmBut } from './directed.ts';
import type { Plan } from './plan.ts';
import type { Stagehand } from './stagehand.ts';
import type { WorldOptions } from './world.ts';

/** Worlds about instances that no session wants and that are not simply ended, fresh at each call. */
export function orphanWorlds(calmBut: CalmBut): Readonly<Record<string, () => WorldOptions>> {
  /** Nobody decides for the harness in the end, so what is held stays. */
  const held = (worse: Partial<Omit<Plan, 'seed'>>, rest: Omit<WorldOptions, 'seed' | 'shape'>) =>
    calmBut(
      { isCalm: false, operator: 'away', ...worse },
      { ...rest, exempt: ['nothing leaks', 'nothing is left in time'] },
    );
  return {
    'a dry run finds orphans': () =>
      held(
        { orphans: 2, policy: { ...DEFAULT_POLICY, isSweepDryRun: true } },
        { checkers: [theseLive(2, 'dry_run')] },
      ),

    'another broker has our deployment id': () =>
      held(
        {
          busyMs: 25 * MINUTE_MS,
          script: (hand) => {
            hand.at(6 * MINUTE_MS, () => hand.plantOrphan());
            hand.at(12 * MINUTE_MS, () => hand.plantOrphan());
            hand.at(16 * MINUTE_MS, () => hand.kill());
          },
        },
        { checkers: [theseLive(2, 'not_launched_here')] },
      ),

    'a person ends held orphans and the process dies': () =>
      calmBut({
        isCalm: false,
        orphans: 4,
        lyingDeletes: 0.5,
        operator: 'away',
        policy: { ...DEFAULT_POLICY, destroyLimitPerSweep: 1 },
        busyMs: 15 * MINUTE_MS,
        script: (hand) => {
          hand.when(
            () => hand.books.orphans.length === 4,
            () => void endAllHeld(hand).then(() => hand.kill()),
          );
        },
      }),

    'lists are empty while orphans are held': () =>
      held(
        {
          orphans: 2,
          policy: { ...DEFAULT_POLICY, destroyLimitPerSweep: 0 },
          busyMs: 12 * MINUTE_MS,
          script: (hand) => {
            hand.when(
              () => hand.books.orphans.length === 2,
              () => hand.cloud('hides from lists', 3 * MINUTE_MS),
            );
          },
        },
        { checkers: [theseLive(2, 'over_limit'), neverForgotten()] },
      ),

    'a person ends what two APIs show, and names one of them': () =>
      calmBut({
        isCalm: false,
        apis: ['tensordock-v2', 'tensordock-v0'],
        hosts: { vast: 0, tensordock: 6 },
        orphans: 1,
        operator: 'away',
        policy: { ...DEFAULT_POLICY, destroyLimitPerSweep: 0 },
        busyMs: 12 * MINUTE_MS,
        script: (hand) => {
          hand.when(
            () => hand.books.orphans.length > 0,
            () => void hand.broker()?.orphans.terminate(lastOrphan(hand)),
          );
        },
      }),

    'a person ignores an orphan': () =>
      held(
        {
          orphans: 1,
          policy: { ...DEFAULT_POLICY, destroyLimitPerSweep: 0 },
          busyMs: 15 * MINUTE_MS,
          script: (hand) => {
            hand.when(
              () => hand.books.orphans.length === 1,
              () => void ignoreAll(hand).then(() => hand.kill()),
            );
          },
        },
        { checkers: [theseLive(1, 'ignored')] },
      ),
  };
}

async function endAllHeld({ books, broker }: Stagehand): Promise<void> {
  for (const { id } of books.orphans) await broker()?.orphans.terminate(id);
}

async function ignoreAll({ books, broker }: Stagehand): Promise<void> {
  for (const { id } of books.orphans) await broker()?.orphans.ignore(id);
}

function lastOrphan({ books }: Stagehand): string {
  return books.orphans.at(-1)?.id ?? '';
}
