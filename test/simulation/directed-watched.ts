import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { currentInstance, type Session } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { DEFAULT_QUIRKS } from '../../src/simulator/default-options.ts';
import type { MishapKind } from '../../src/simulator/inner-life.ts';
import { allSurvive } from './checkers/all-survive.ts';
import { nobodyCalledWrong } from './checkers/nobody-called-wrong.ts';
import { replacedOnce } from './checkers/replaced-once.ts';
import { runsAddUp } from './checkers/runs-add-up.ts';
import { someEndIdle } from './checkers/some-end-idle.ts';
import { someRun } from './checkers/some-run.ts';
import { theyTell } from './checkers/they-tell.ts';
import type { CalmBut } from './directed.ts';
import type { Api } from './plan.ts';
import { whenAllRun } from './scripts.ts';
import type { Stagehand } from './stagehand.ts';
import { takeAll } from './take-all.ts';
import { UNWATCHED, type Watching } from './watching.ts';
import type { WorldOptions } from './world.ts';

type Worlds = Readonly<Record<string, () => WorldOptions>>;

/** Worlds about what is seen in machines that run, fresh at each call. */
export function watchedWorlds(calmBut: CalmBut): Worlds {
  return {
    ...mishapWorlds(calmBut),
    ...hardwareWorlds(calmBut),
    ...replacingWorlds(calmBut),
    ...idleWorlds(calmBut),
  };
}

function watching(some: Partial<Watching>): { readonly watching: Watching } {
  return { watching: { ...UNWATCHED, ...some } };
}

function stay(api: Api) {
  return {
    isCalm: false,
    clients: 'stay',
    apis: [api],
    hosts: { vast: 8, tensordock: 8 },
    busyMs: 25 * MINUTE_MS,
  } as const;
}

/** Something befalls the machine that the first session runs on. */
function befalls(kind: MishapKind, lastsMs: number): (hand: Stagehand) => void {
  return whenAllRun(1, (hand) => {
    for (const session of hand.books.sessions)
      hand.market.befall(machineOf(session), kind, lastsMs);
  });
}

const NINE_HOURS = 9 * HOUR_MS;

function mishapWorlds(calmBut: CalmBut): Worlds {
  return {
    'keys are lost after nine hours': () =>
      calmBut(
        {
          ...stay('vastai'),
          reservationHours: [11],
          busyMs: NINE_HOURS + 30 * MINUTE_MS,
          script: whenAllRun(1, (hand) => {
            hand.at(NINE_HOURS, () => {
              for (const session of hand.books.sessions) {
                hand.market.befall(machineOf(session), 'keys lost', 0);
              }
            });
          }),
        },
        { checkers: [allSurvive, theyTell('login_lost', 'login_restored')] },
      ),

    'keys are lost while the broker is down': () =>
      calmBut(
        {
          ...stay('vastai'),
          script: whenAllRun(1, (hand) => {
            hand.kill();
            befallAll(hand, 'keys lost', 0);
          }),
        },
        { checkers: [allSurvive, theyTell('login_restored')] },
      ),

    'a machine that runs is set up anew': () =>
      calmBut(
        { ...stay('vastai'), script: befalls('reinstalled', 0) },
        { checkers: [allSurvive, theyTell('host_key_changed')] },
      ),

    'another machine is at the address and lets anybody in': () =>
      calmBut(
        {
          ...stay('tensordock-v0'),
          ...watching({ idlers: 1 }),
          script: befalls('another machine', 0),
        },
        { checkers: [theyTell('host_key_changed')] },
      ),

    'logins stall for some minutes': () =>
      calmBut(
        { ...stay('vastai'), script: befalls('logins stall', 6 * MINUTE_MS) },
        { checkers: [allSurvive] },
      ),

    'a host is away for some minutes, Vast.ai': () =>
      calmBut(
        { ...stay('vastai'), script: befalls('offline', 7 * MINUTE_MS) },
        { checkers: [allSurvive] },
      ),

    'a host is away for some minutes, TensorDock': () =>
      calmBut(
        { ...stay('tensordock-v2'), script: befalls('offline', 7 * MINUTE_MS) },
        { checkers: [allSurvive] },
      ),
  };
}

function hardwareWorlds(calmBut: CalmBut): Worlds {
  const ready = { ...stay('vastai'), choices: ['requirements'], sessions: 3 } as const;
  return {
    'half of the hosts are not what they say, and people wait for their GPUs': () =>
      calmBut(
        {
          ...ready,
          ...watching({ gpuReady: 1, defects: 0.5 }),
          hosts: { vast: 16, tensordock: 0 },
        },
        { checkers: [someRun()] },
      ),

    'every host has a card less, and people wait for their GPUs': () =>
      calmBut({ ...ready, ...watching({ gpuReady: 1, flaw: 'fewer GPUs' }) }),

    'every host has other cards, and people wait for their GPUs': () =>
      calmBut({ ...ready, ...watching({ gpuReady: 1, flaw: 'other model' }) }),

    'every host has other cards, and half of what is said is cut': () =>
      calmBut({
        ...ready,
        ...watching({ gpuReady: 1, flaw: 'other model' }),
        shell: { latencyMs: 100, drops: 0, garbles: 0.6 },
      }),

    'half of the hosts are not what they say, and nobody minds': () =>
      calmBut(
        { ...ready, ...watching({ defects: 0.5 }), hosts: { vast: 16, tensordock: 0 } },
        { checkers: [someRun(), theyTell('machine_seen')] },
      ),

    'drivers list a card less for the first moments': () =>
      calmBut(
        {
          ...ready,
          ...watching({
            gpuReady: 1,
            drivers: { fails: 0, wantsReboot: 0, cardLateMs: 20 * SECOND_MS },
          }),
        },
        { checkers: [allSurvive, theyTell('machine_seen'), nobodyCalledWrong] },
      ),

    'drivers come late, and some after a reboot': () =>
      calmBut(
        {
          ...stay('tensordock-v2'),
          ...watching({ gpuReady: 1, drivers: { fails: 0, wantsReboot: 0.5 } }),
          quirks: { ...DEFAULT_QUIRKS, dockImageAs: 'bare' },
          sessions: 3,
          busyMs: 30 * MINUTE_MS,
        },
        { checkers: [allSurvive] },
      ),

    'drivers never come, TensorDock v0': () =>
      calmBut({
        ...stay('tensordock-v0'),
        ...watching({ gpuReady: 1, drivers: { fails: 1, wantsReboot: 0 } }),
        quirks: { ...DEFAULT_QUIRKS, dockImageAs: 'bare' },
        busyMs: 45 * MINUTE_MS,
      }),

    'what machines say is cut or nonsense': () =>
      calmBut(
        {
          ...ready,
          ...watching({ gpuReady: 1, idlers: 1 }),
          shell: { latencyMs: 100, drops: 0.1, garbles: 0.5 },
        },
        { checkers: [someRun()] },
      ),
  };
}

function replacingWorlds(calmBut: CalmBut): Worlds {
  const replaced = {
    ...stay('vastai'),
    ...watching({ replacers: 1 }),
    choices: ['requirements'],
    reservationHours: [1],
    hosts: { vast: 16, tensordock: 0 },
    busyMs: 30 * MINUTE_MS,
  } as const;
  return {
    'a host goes for good, and another machine takes its place': () =>
      calmBut(
        { ...replaced, script: befalls('offline', 1_000 * HOUR_MS) },
        { checkers: [replacedOnce()] },
      ),

    'a bid is outdone, and another machine takes its place': () =>
      calmBut(
        {
          ...replaced,
          bidders: 1,
          script: whenAllRun(1, (hand) => {
            for (const session of hand.books.sessions) hand.market.outbid(machineOf(session));
          }),
        },
        { checkers: [replacedOnce()] },
      ),

    'a machine vanishes, and the broker dies while another one takes its place': () =>
      calmBut(
        {
          ...replaced,
          script: (hand) => {
            whenAllRun(1, vanishAll)(hand);
            hand.whenCommitted(
              ({ interruptedAt }) => interruptedAt !== undefined,
              () => hand.kill(),
            );
          },
        },
        { checkers: [replacedOnce()] },
      ),

    'machines vanish again and again, up to the hard limit': () =>
      calmBut(
        {
          ...replaced,
          busyMs: 2 * HOUR_MS,
          reservationHours: [3],
          // So many that each time there is another one.
          hosts: { vast: 80, tensordock: 0 },
          wants: ({ gpuType, gpuCount }) => gpuType === 'RTX 4090' && gpuCount === 1,
          policy: { ...DEFAULT_POLICY, hardLimitMs: 27 * MINUTE_MS },
          script: (hand) => {
            for (let minute = 12; minute < 110; minute += 12) {
              hand.at(minute * MINUTE_MS, () => vanishAll(hand));
            }
          },
        },
        { checkers: [runsAddUp()] },
      ),

    'a machine vanishes as its session is stopped': () =>
      calmBut({
        ...replaced,
        script: whenAllRun(1, (hand) => {
          for (const { id } of hand.books.sessions) void hand.broker()?.sessions.done(id);
          vanishAll(hand);
        }),
      }),

    'a kept machine is outbid, and the GPUs are taken when it is to run again': () =>
      calmBut({
        ...replaced,
        keepers: 1,
        bidders: 1,
        script: whenAllRun(1, (hand) => {
          for (const session of hand.books.sessions) {
            const host = hand.market.instance(machineOf(session))?.host;
            hand.market.outbid(machineOf(session));
            if (host) takeAll(hand.market, host);
          }
        }),
      }),
  };
}

function idleWorlds(calmBut: CalmBut): Worlds {
  const idlers = {
    sessions: 9,
    clients: 'stay',
    hosts: { vast: 16, tensordock: 16 },
    busyMs: 45 * MINUTE_MS,
    ...watching({
      idlers: 1,
      gpuReady: 1,
      work: [
        'rests',
        'trains, then rests',
        'holds memory',
        'trains',
        'works in bursts',
        'is watched',
      ],
    }),
  } as const;
  const agents = {
    share: 1,
    natures: ['rests', 'works on', 'as it comes', 'falls silent'],
    thresholdMinutes: [6, 8, 12],
  } as const;
  const crashes = {
    kind: 'random',
    count: 4,
    meanGapMs: 6 * MINUTE_MS,
    downMs: 3 * MINUTE_MS,
  } as const;
  return {
    'machines rest, work, and work now and then': () =>
      calmBut({ ...idlers, agents: { ...agents, share: 0 } }, { checkers: [someEndIdle] }),

    'the broker dies while machines rest': () =>
      calmBut(
        { ...idlers, isCalm: false, crashes, agents: { ...agents, share: 0 } },
        { checkers: [someEndIdle] },
      ),

    'agents say one thing and machines show another': () =>
      calmBut({ ...idlers, isCalm: false, agents, crashes }, { checkers: [] }),

    'looks fail half of the time while machines rest and work': () =>
      calmBut({
        ...idlers,
        isCalm: false,
        agents: { ...agents, share: 0 },
        shell: { latencyMs: 500, drops: 0.3, garbles: 0.3 },
      }),

    'the clock is set while machines rest and work': () =>
      calmBut({
        ...idlers,
        isCalm: false,
        agents: { ...agents, share: 0 },
        clockJumps: [
          { atMs: 12 * MINUTE_MS, byMs: 40 * SECOND_MS },
          { atMs: 20 * MINUTE_MS, byMs: -50 * SECOND_MS },
        ],
      }),
  };
}

function befallAll(hand: Stagehand, kind: MishapKind, lastsMs: number): void {
  for (const session of hand.books.sessions) hand.market.befall(machineOf(session), kind, lastsMs);
}

function vanishAll(hand: Stagehand): void {
  for (const session of hand.books.sessions) {
    if (session.status === 'running') hand.market.vanish(machineOf(session));
  }
}

function machineOf(session: Session): string {
  return currentInstance(session)?.providerInstanceId ?? '';
}
