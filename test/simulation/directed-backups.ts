import { isTerminalStatus, type Session } from '../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { allSurvive } from './checkers/all-survive.ts';
import type { CalmBut } from './directed.ts';
import type { Plan } from './plan.ts';
import { ours } from './scripts.ts';
import type { Stagehand } from './stagehand.ts';
import type { WorldOptions } from './world.ts';

/** Worlds whose broker goes on from an old copy of its database, fresh at each call. */
export function backupWorlds(calmBut: CalmBut): Readonly<Record<string, () => WorldOptions>> {
  return {
    'a backup from before a launch is restored': () =>
      calmBut(
        {
          isCalm: false,
          clients: 'stay',
          script: (hand) => {
            hand.whenCommitted(isIntended, () => hand.copyDatabase());
            hand.when(
              () => isRunning(hand, 1),
              () => hand.loseDisk(),
            );
          },
        },
        { checkers: [allSurvive] },
      ),

    'a backup from before the second attempt is restored': () =>
      calmBut({
        isCalm: false,
        clients: 'stay',
        choices: ['offer-or-like'],
        hosts: { vast: 20, tensordock: 20 },
        busyMs: 12 * MINUTE_MS,
        script: (hand) => {
          hand.whenCommitted(isLaunched, () => hand.copyDatabase());
          hand.whenRented(() => hand.at(15 * SECOND_MS, () => takeAllAway(hand)));
          hand.when(
            () => isRunning(hand, 2),
            () => hand.loseDisk(),
          );
        },
      }),

    'a backup from before an attempt at the other marketplace is restored': () =>
      calmBut({
        isCalm: false,
        clients: 'stay',
        choices: ['offer-or-like'],
        scopes: ['any'],
        wants: ({ provider }) => provider === 'tensordock',
        // No host is so quick, so each attempt fails.
        readyTimeoutMs: 50 * SECOND_MS,
        hosts: { vast: 1, tensordock: 8 },
        script: (hand) => {
          hand.whenCommitted(isLaunched, () => hand.copyDatabase());
          hand.when(
            () => ours(hand).some((row) => row?.api === 'vastai' && row.state === 'launched'),
            () => {
              hand.loseDisk();
              hand.cutOff('vastai', MINUTE_MS);
            },
          );
        },
      }),

    'a backup from before most sessions is restored': () =>
      calmBut({
        isCalm: false,
        clients: 'stay',
        sessions: 3,
        hosts: { vast: 12, tensordock: 12 },
        script: (hand) => {
          hand.whenCommitted(isLaunched, () => hand.copyDatabase());
          hand.when(
            () => hand.books.sessions.filter(({ status }) => status === 'running').length === 3,
            () => hand.loseDisk(),
          );
        },
      }),

    'a backup from before an end is restored': () => restoredAfterTheEnd(calmBut, isServing),

    'a backup from the middle of an end is restored': () => restoredAfterTheEnd(calmBut, isEnding),
  };
}

function restoredAfterTheEnd(
  calmBut: CalmBut,
  isToBeCopied: (session: Session) => boolean,
): WorldOptions {
  const script: Plan['script'] = (hand) => {
    hand.whenCommitted(isToBeCopied, () => hand.copyDatabase());
    hand.when(
      () => hand.books.sessions.some(({ status }) => isTerminalStatus(status)),
      () => hand.loseDisk(),
    );
  };
  return calmBut({ isCalm: false, script });
}

function takeAllAway(hand: Stagehand): void {
  for (const row of ours(hand)) hand.market.vanish(row?.providerInstanceId ?? '');
}

function isRunning({ books }: Stagehand, attempts: number): boolean {
  return books.sessions.some(
    ({ status, instances }) => status === 'running' && instances.length === attempts,
  );
}

function isIntended({ instances }: Session): boolean {
  return instances.some(({ state }) => state === 'intended');
}

function isLaunched({ instances }: Session): boolean {
  return instances.some(({ state }) => state === 'launched');
}

function isServing({ status }: Session): boolean {
  return status === 'running';
}

function isEnding({ instances }: Session): boolean {
  return instances.some(({ state }) => state === 'terminating');
}
