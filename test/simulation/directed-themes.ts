import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { allSurvive } from './checkers/all-survive.ts';
import type { CalmBut } from './directed.ts';
import { FOG_KINDS } from './fog.ts';
import { CALM_PLAN } from './plan.ts';
import { killDuringLaunch } from './scripts.ts';
import { LOOK_ALIKES } from './themes.ts';
import type { WorldOptions } from './world.ts';

/** What each theme is about, as one calm world that is bad in nothing else, fresh at each call. */
export function themeWorlds(calmBut: CalmBut): Readonly<Record<string, () => WorldOptions>> {
  return {
    'launches happen unheard': () =>
      calmBut({
        isCalm: false,
        sessions: 8,
        hosts: { vast: 16, tensordock: 16 },
        faults: { ...CALM_PLAN.faults, lostLaunch: 0.3 },
      }),

    'five deployments with look-alike ids and people share an account': () =>
      calmBut({
        isCalm: false,
        sessions: 2,
        foreign: 16,
        orphans: 1,
        neighbours: LOOK_ALIKES.slice(0, 4),
        hosts: { vast: 16, tensordock: 16 },
        faults: { ...CALM_PLAN.faults, duplicated: 0.3 },
        crashes: { kind: 'random', count: 5, meanGapMs: MINUTE_MS, downMs: 20 * SECOND_MS },
      }),

    'lists lie in every way, one after the other': () =>
      calmBut(
        {
          isCalm: false,
          clients: 'stay',
          sessions: 4,
          hosts: { vast: 12, tensordock: 12 },
          busyMs: 16 * MINUTE_MS,
          fogs: FOG_KINDS.filter((kind) => kind !== 'forgets all').map((kind, index) => ({
            kind,
            atMs: (5 + index * 1.75) * MINUTE_MS,
            durationMs: 1.5 * MINUTE_MS,
          })),
        },
        { checkers: [allSurvive] },
      ),

    'the clock is set forward by three hours': () => jumpWorld(calmBut, 3 * HOUR_MS),
    'the clock is set back by three hours': () => jumpWorld(calmBut, -3 * HOUR_MS),

    'the clock is set forward while a launch is sought': () => soughtWorld(calmBut, 3 * HOUR_MS),
    'the clock is set back while a launch is sought': () => soughtWorld(calmBut, -3 * HOUR_MS),

    'the clock is set back while a launch that never was is sought': () =>
      calmBut({
        isCalm: false,
        apis: ['vastai'],
        clockJumps: [{ atMs: 30 * SECOND_MS, byMs: -3 * HOUR_MS }],
        script: (hand) => {
          hand.whenCommitted(
            ({ instances }) => instances.some(({ state }) => state === 'launching'),
            () => hand.kill(),
          );
        },
      }),

    'the clock is set back while an orphan is watched': () =>
      calmBut({
        isCalm: false,
        orphans: 1,
        clockJumps: [{ atMs: 100 * SECOND_MS, byMs: -3 * HOUR_MS }],
      }),

    'the next life dies as well, twice': () =>
      calmBut({
        isCalm: false,
        sessions: 3,
        crashes: { kind: 'random', count: 3, meanGapMs: 2 * MINUTE_MS, downMs: 5 * SECOND_MS },
        relapses: { probability: 1, inARow: 2, crossings: { low: 10, high: 30 } },
        busyMs: 12 * MINUTE_MS,
      }),
  };
}

/** Sessions that are to outlast the jump, orphans that are not to be ended for it, and people whose end it is not. */
function jumpWorld(calmBut: CalmBut, byMs: number): WorldOptions {
  return calmBut(
    {
      isCalm: false,
      clients: 'stay',
      sessions: 3,
      hosts: { vast: 12, tensordock: 12 },
      foreign: 3,
      orphans: 1,
      reservationHours: [6],
      clockJumps: [{ atMs: 5 * MINUTE_MS, byMs }],
    },
    { checkers: [allSurvive] },
  );
}

/** The process dies while the answer of a launch is on its way; its instance shows late, and the clock is set meanwhile. */
function soughtWorld(calmBut: CalmBut, byMs: number): WorldOptions {
  return calmBut({
    isCalm: false,
    apis: ['vastai'],
    hosts: { vast: 2, tensordock: 2 },
    listLag: { appearMs: 150_000, disappearMs: 0 },
    clockJumps: [{ atMs: 12 * SECOND_MS, byMs }],
    script: killDuringLaunch,
    busyMs: 12 * MINUTE_MS,
  });
}
