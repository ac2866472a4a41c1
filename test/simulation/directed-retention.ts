import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import { currentInstance } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { NO_FAULTS } from '../../src/simulator/wire-faults.ts';
import { keptInTruth } from './checkers/kept-in-truth.ts';
import { someAreRemoved } from './checkers/some-are-removed.ts';
import type { CalmBut } from './directed.ts';
import { whenAllRun } from './scripts.ts';
import type { WorldOptions } from './world.ts';

/** What is kept for months is kept for minutes, and bills are waited for as long in proportion. */
const IMPATIENT: Policy = {
  ...DEFAULT_POLICY,
  eventsKeptMs: MINUTE_MS,
  sessionsKeptMs: 3 * MINUTE_MS,
  chargesRefreshMs: MINUTE_MS,
  chargesSettleMs: MINUTE_MS,
  chargesAskedForMs: 8 * MINUTE_MS,
  retentionIntervalMs: 20 * SECOND_MS,
  clockEvenForMs: 30 * SECOND_MS,
};

/** Worlds in which old data are removed, fresh at each call. */
export function retentionWorlds(calmBut: CalmBut): Readonly<Record<string, () => WorldOptions>> {
  const removing = {
    policy: IMPATIENT,
    sendsKeys: false,
    sessions: 5,
    hosts: { vast: 12, tensordock: 12 },
    busyMs: 18 * MINUTE_MS,
  } as const;
  return {
    'old sessions are removed': () => calmBut(removing, { checkers: [someAreRemoved()] }),

    'the clock is far ahead for a moment while old sessions are removed': () =>
      calmBut(
        {
          ...removing,
          isCalm: false,
          clockJumps: [
            { atMs: 6 * MINUTE_MS, byMs: HOUR_MS },
            { atMs: 6 * MINUTE_MS + 25 * SECOND_MS, byMs: -HOUR_MS },
          ],
        },
        { checkers: [someAreRemoved(), keptInTruth()] },
      ),

    'old sessions are removed while bills are late': () =>
      calmBut({
        ...removing,
        apis: ['vastai'],
        policy: { ...IMPATIENT, sessionsKeptMs: MINUTE_MS, chargesSettleMs: 6 * MINUTE_MS },
      }),

    'old sessions are removed while a disk is kept': () =>
      calmBut({
        ...removing,
        apis: ['vastai'],
        sessions: 1,
        keepers: 1,
        clients: 'stay',
        wants: ({ preservable }) => preservable === true,
        script: whenAllRun(1, (hand) => {
          for (const { id } of hand.books.sessions) void hand.broker()?.sessions.done(id);
        }),
      }),

    'the process dies over and over while old sessions are removed': () =>
      calmBut(
        {
          ...removing,
          isCalm: false,
          sessions: 8,
          clients: 'varied',
          keepers: 0.3,
          hosts: { vast: 16, tensordock: 16 },
          badShare: 0.4,
          busyMs: 30 * MINUTE_MS,
          faults: {
            ...NO_FAULTS,
            latencyMs: { low: 50, high: 2_000 },
            lostAnswer: 0.05,
            resetAfter: 0.05,
            duplicated: 0.05,
          },
          crashes: { kind: 'random', count: 12, meanGapMs: 2 * MINUTE_MS, downMs: 20 * SECOND_MS },
          script: (hand) => {
            // In the middle of a removal, once there is one.
            hand.when(
              () => hand.books.sessions.some(({ id }) => hand.books.isRemoved(id)),
              () => hand.kill(),
            );
          },
        },
        { checkers: [someAreRemoved()] },
      ),

    'a copy of the disk brings removed sessions back': () =>
      calmBut(
        {
          ...removing,
          isCalm: false,
          script: (hand) => {
            hand.when(
              () => hand.books.sessions.some((one) => currentInstance(one)?.state === 'gone'),
              () => hand.copyDatabase(),
            );
            hand.when(
              () => hand.books.sessions.some(({ id }) => hand.books.isRemoved(id)),
              () => hand.loseDisk(),
            );
          },
        },
        { checkers: [someAreRemoved()] },
      ),
  };
}
