import { type Offer, totalPerHour } from '../../src/domain/offer.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { DEFAULT_QUIRKS } from '../../src/simulator/default-options.ts';
import type { Market } from '../../src/simulator/model.ts';
import { NO_FAULTS, type Outage } from '../../src/simulator/wire-faults.ts';
import { allSurvive } from './checkers/all-survive.ts';
import { fullDiskKeepsNothing } from './checkers/full-disk-keeps-nothing.ts';
import { onlyReported } from './checkers/only-reported.ts';
import { agentWorlds } from './directed-agents.ts';
import { backupWorlds } from './directed-backups.ts';
import { keptWorlds } from './directed-kept.ts';
import { orphanWorlds } from './directed-orphans.ts';
import { refusalWorlds } from './directed-refusals.ts';
import { retentionWorlds } from './directed-retention.ts';
import { serverWorlds } from './directed-servers.ts';
import { themeWorlds } from './directed-themes.ts';
import { watchedWorlds } from './directed-watched.ts';
import { type Api, CALM_PLAN, NEIGHBOUR_ID, type Plan, WORLD_START } from './plan.ts';
import {
  extendTwice,
  forEachSession,
  hideUntilGivenUp,
  killDuringLaunch,
  loseAfterRestart,
  ours,
  reboot,
  stopDuringLaunch,
  stopUnseen,
  vanishUnseen,
  whenAllRun,
} from './scripts.ts';
import type { Stagehand } from './stagehand.ts';
import type { WorldOptions } from './world.ts';

type Worse = Partial<Omit<Plan, 'seed'>>;

/** A calm world that is bad in the one respect that its question is about. */
export function calmBut(
  worse: Worse,
  rest: Omit<WorldOptions, 'seed' | 'shape'> = {},
): WorldOptions {
  return { ...rest, seed: 1, shape: () => ({ ...CALM_PLAN, wants: isOfItsOwn, ...worse }) };
}

/** A host sells one machine ready made beside all others of its own, and few hosts and many people would meet at one. */
function isOfItsOwn({ id }: Offer): boolean {
  return !id.includes('-instant-');
}

/** Passed on to where directed worlds stand by subject, which cannot ask back for it. */
export type CalmBut = typeof calmBut;

/** One session on one API, straight from its rental to its end. */
export function oneSessionOn(api: Api, worse: Worse = {}): WorldOptions {
  return calmBut({ apis: [api], hosts: { vast: 2, tensordock: 2 }, ...worse });
}

/**
 * One session's way from its rental to its end, with a crash at the n-th crossing after the client asked, and with another
 * one in the life after it where a crossing is named for that.
 */
export function crashWorld({ api, ask, crossings, relapseAt }: CrashPoint): WorldOptions {
  const crashes = { kind: 'after', ask, crossings, downMs: SECOND_MS } as const;
  if (relapseAt === undefined) return oneSessionOn(api, { isCalm: false, crashes });
  const relapses = { probability: 1, inARow: 1, crossings: { low: relapseAt, high: relapseAt } };
  return oneSessionOn(api, { isCalm: false, crashes, relapses });
}

export interface CrashPoint {
  readonly api: Api;
  readonly ask: 'create' | 'stop';
  readonly crossings: number;
  readonly relapseAt?: number;
}

/** Fresh at each call, because some of their checkers remember. Keyed by what the world is about. */
export const DIRECTED_WORLDS: Readonly<Record<string, () => WorldOptions>> = {
  'calm day': () => calmBut({ sessions: 5, foreign: 13, hosts: { vast: 12, tensordock: 12 } }),

  'answers get lost': () =>
    calmBut({
      isCalm: false,
      sessions: 6,
      hosts: { vast: 12, tensordock: 12 },
      faults: { ...CALM_PLAN.faults, resetAfter: 0.4, serverErrorAfter: 0.1 },
      listLag: { appearMs: 40_000, disappearMs: 20_000 },
    }),

  'launches are delivered twice': () =>
    calmBut({
      isCalm: false,
      sessions: 4,
      hosts: { vast: 8, tensordock: 6 },
      faults: { ...CALM_PLAN.faults, duplicated: 1 },
    }),

  'deletes do nothing': () => calmBut({ isCalm: false, sessions: 4, lyingDeletes: 0.8 }),

  'the provider forgets everybody': () =>
    calmBut(
      {
        isCalm: false,
        apis: ['tensordock-v2'],
        sessions: 4,
        hosts: { vast: 0, tensordock: 30 },
        clients: 'stay',
        script: whenAllRun(4, (hand) => hand.cloud('forgets all', 90 * SECOND_MS)),
      },
      { checkers: [allSurvive] },
    ),

  'the provider forgets one for a moment': () =>
    calmBut(
      {
        isCalm: false,
        clients: 'stay',
        script: whenAllRun(1, (hand) => hand.cloud('forgets all', 7 * SECOND_MS)),
      },
      { checkers: [allSurvive] },
    ),

  'lists are empty for a minute': () =>
    calmBut(
      {
        isCalm: false,
        clients: 'stay',
        sessions: 2,
        script: whenAllRun(2, (hand) => hand.cloud('hides from lists', MINUTE_MS)),
      },
      { checkers: [allSurvive] },
    ),

  'orphans from before': () => calmBut({ isCalm: false, orphans: 2, startAfterMs: 5 * MINUTE_MS }),

  'orphans of this minute': () => calmBut({ isCalm: false, orphans: 2 }),

  'more orphans than a sweep may end': () =>
    calmBut(
      {
        isCalm: false,
        orphans: 3,
        operator: 'away',
        policy: { ...DEFAULT_POLICY, destroyLimitPerSweep: 0 },
      },
      { checkers: [onlyReported()], exempt: ['nothing leaks', 'nothing is left in time'] },
    ),

  'no list answers after a launch, Vast.ai': () => blindAfterLaunch('vastai'),
  'no list answers after a launch, TensorDock': () => blindAfterLaunch('tensordock-v2'),

  'a stop comes before the first look': () =>
    blindAfterLaunch('vastai', (hand) =>
      hand.at(5 * MINUTE_MS, () => {
        forEachSession(hand, ({ id }) => void hand.broker()?.sessions.destroy(id));
      }),
    ),

  'a host reboots': () =>
    calmBut(
      { isCalm: false, clients: 'stay', apis: ['vastai'], script: whenAllRun(1, reboot) },
      {
        checkers: [allSurvive],
      },
    ),

  'a machine runs and is stopped while nobody answers': () =>
    oneSessionOn('vastai', {
      isCalm: false,
      clients: 'stay',
      busyMs: 12 * MINUTE_MS,
      script: stopUnseen,
    }),

  'a machine runs and is taken away while nobody answers': () =>
    oneSessionOn('vastai', {
      isCalm: false,
      clients: 'stay',
      busyMs: 12 * MINUTE_MS,
      script: vanishUnseen,
    }),

  'more orphans are to be planted than the market has room for': () =>
    oneSessionOn('vastai', { isCalm: false, hosts: { vast: 2, tensordock: 0 }, orphans: 12 }),

  'an attempt is lost after a restart, and one API is listed no more': () =>
    calmBut({
      isCalm: false,
      clients: 'stay',
      apis: ['tensordock-v2', 'tensordock-v0'],
      hosts: { vast: 0, tensordock: 12 },
      choices: ['offer-or-like'],
      scopes: ['any'],
      policy: withoutNet('reconciler'),
      busyMs: 4 * MINUTE_MS,
      script: loseAfterRestart,
    }),

  'time runs out': () =>
    calmBut({ sessions: 3, clients: 'stay', reservationHours: [0.05], busyMs: 13 * MINUTE_MS }),

  'nobody answers for a quarter of an hour': () =>
    calmBut({
      isCalm: false,
      faults: { ...CALM_PLAN.faults, outages: [outage(2, 'vastai'), outage(2, 'tensordock')] },
      busyMs: 17 * MINUTE_MS,
    }),

  'attempts fail one after the other': () =>
    calmBut({
      isCalm: false,
      sessions: 10,
      clients: 'stay',
      hosts: { vast: 14, tensordock: 14 },
      badShare: 0.8,
      choices: ['offer-or-like'],
      busyMs: 20 * MINUTE_MS,
    }),

  'an intent is inherited and nothing sweeps': () =>
    calmBut(
      {
        isCalm: false,
        clients: 'stay',
        apis: ['vastai', 'tensordock-v2'],
        policy: {
          ...DEFAULT_POLICY,
          nets: { ...DEFAULT_POLICY.nets, reconciler: false, startupSweep: false },
        },
        script: (hand) => {
          hand.whenCommitted(
            ({ instances }) => instances.some(({ state }) => state === 'intended'),
            () => hand.kill(),
          );
        },
      },
      { checkers: [allSurvive] },
    ),

  'the disk is full when time runs out': () =>
    calmBut(
      {
        isCalm: false,
        sessions: 3,
        clients: 'stay',
        reservationHours: [0.05],
        busyMs: 15 * MINUTE_MS,
        script: whenAllRun(3, (hand) => hand.fillDisk(6 * MINUTE_MS)),
      },
      { checkers: [fullDiskKeepsNothing()] },
    ),

  'the hard limit comes first': () =>
    calmBut({
      sessions: 3,
      clients: 'stay',
      reservationHours: [3],
      busyMs: 15 * MINUTE_MS,
      policy: { ...DEFAULT_POLICY, hardLimitMs: 4 * MINUTE_MS },
    }),

  'a stop comes during the launch': () =>
    calmBut({
      isCalm: false,
      faults: { ...NO_FAULTS, latencyMs: { low: 4_000, high: 6_000 } },
      script: stopDuringLaunch,
    }),

  'two writers at once': () => calmBut({ clients: 'stay', script: whenAllRun(1, extendTwice) }),

  'nobody lists a launch until it was given up': () =>
    oneSessionOn('tensordock-v2', {
      isCalm: false,
      busyMs: 12 * MINUTE_MS,
      script: hideUntilGivenUp,
    }),

  'a launch of unknown outcome shows late': () =>
    oneSessionOn('vastai', {
      isCalm: false,
      listLag: { appearMs: 150_000, disappearMs: 0 },
      script: killDuringLaunch,
    }),

  'everything goes wrong at once': () => everythingAtOnce(),

  'clients ask twice at once': () =>
    calmBut({ sessions: 3, asksTwice: 1, hosts: { vast: 12, tensordock: 12 } }),

  'a client asks again after a crash': () =>
    oneSessionOn('tensordock-v0', {
      isCalm: false,
      hosts: { vast: 0, tensordock: 40 },
      choices: ['requirements'],
      script: killDuringLaunch,
    }),

  'a neighbour in the account': () =>
    calmBut({ sessions: 3, foreign: 13, neighbours: [NEIGHBOUR_ID], orphans: 1, isCalm: false }),

  ...orphanWorlds(calmBut),
  ...backupWorlds(calmBut),
  ...themeWorlds(calmBut),
  ...serverWorlds(calmBut),
  ...agentWorlds(calmBut),
  ...refusalWorlds(calmBut),
  ...keptWorlds(calmBut),
  ...watchedWorlds(calmBut),
  ...retentionWorlds(calmBut),

  'all hosts are bad': () =>
    calmBut({
      isCalm: false,
      sessions: 6,
      hosts: { vast: 12, tensordock: 12 },
      badShare: 1,
      busyMs: 25 * MINUTE_MS,
    }),
};

function withoutNet(net: keyof Policy['nets']): Policy {
  return { ...DEFAULT_POLICY, nets: { ...DEFAULT_POLICY.nets, [net]: false } };
}

function outage(minute: number, market: Market, minutes = 15): Outage {
  const from = WORLD_START + minute * MINUTE_MS;
  return { market, from, to: from + minutes * MINUTE_MS, as: 'refused' };
}

/** Each fault that a plan can have, all of them mild. */
function everythingAtOnce(): WorldOptions {
  const rates = Object.entries(NO_FAULTS).filter(([, value]) => value === 0);
  return calmBut({
    isCalm: false,
    hosts: { vast: 16, tensordock: 16 },
    faults: {
      ...NO_FAULTS,
      ...Object.fromEntries(rates.map(([name]) => [name, 0.04])),
      latencyMs: { low: 50, high: 4_000 },
      outages: [
        { ...outage(4, 'vastai', 2), as: 'refused' },
        { ...outage(8, 'tensordock', 2), as: 'bad_gateway' },
        { ...outage(12, 'vastai', 2), as: 'silence' },
      ],
    },
    quirks: { ...DEFAULT_QUIRKS, v2SporadicUnauthorized: 0.3 },
    badShare: 0.6,
    listLag: { appearMs: 30_000, disappearMs: 30_000 },
    lyingDeletes: 0.4,
    foreign: 13,
    orphans: 2,
    neighbours: [NEIGHBOUR_ID],
    shell: { latencyMs: 500, drops: 0.2, garbles: 0.1 },
    crashes: { kind: 'random', count: 4, meanGapMs: 3 * MINUTE_MS, downMs: MINUTE_MS },
    clockJumps: [{ atMs: 6 * MINUTE_MS, byMs: 40 * SECOND_MS }],
    sessions: 14,
    clients: 'varied',
    choices: ['offer', 'offer-or-like', 'requirements'],
    busyMs: 25 * MINUTE_MS,
  });
}

/** Every list fails from the launch on for some minutes: what the meter says of that time is learnt afterwards. */
function blindAfterLaunch(api: Api, then: (hand: Stagehand) => void = () => {}): WorldOptions {
  return calmBut({
    isCalm: false,
    apis: [api],
    hosts: { vast: 30, tensordock: 30 },
    wants: ({ price }) => totalPerHour(price) > 2_000_000,
    busyMs: 12 * MINUTE_MS,
    script: (hand) => {
      hand.when(
        () => ours(hand).length > 0,
        () => hand.cloud('refuses lists', 6 * MINUTE_MS),
      );
      then(hand);
    },
  });
}
