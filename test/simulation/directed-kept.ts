import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { currentInstance, type Session } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { DEFAULT_QUIRKS } from '../../src/simulator/default-options.ts';
import { NO_FAULTS } from '../../src/simulator/wire-faults.ts';
import { diskSurvives } from './checkers/disk-survives.ts';
import { runsAddUp } from './checkers/runs-add-up.ts';
import { someRun } from './checkers/some-run.ts';
import type { CalmBut } from './directed.ts';
import type { Api } from './plan.ts';
import { whenAllRun } from './scripts.ts';
import type { Stagehand } from './stagehand.ts';
import { takeAll } from './take-all.ts';
import type { WorldOptions } from './world.ts';

/** Worlds about disks that are kept and machines that are bid for, fresh at each call. */
export function keptWorlds(calmBut: CalmBut): Readonly<Record<string, () => WorldOptions>> {
  const one = (api: Api) =>
    ({
      apis: [api],
      keepers: 1,
      hosts: { vast: 6, tensordock: 6 },
      wants: ({ preservable }: { readonly preservable?: boolean }) => preservable === true,
      busyMs: 25 * MINUTE_MS,
    }) as const;
  const disturbed = { ...one('vastai'), isCalm: false } as const;
  const resumes = (api: Api) => () =>
    calmBut({ ...one(api), sessions: 3 }, { checkers: [diskSurvives(), someRun()] });
  /** Kept by a broker that does nothing else with it. */
  const stays = { ...disturbed, clients: 'stay' } as const;
  return {
    'disks are kept and resumed, Vast.ai': resumes('vastai'),
    'disks are kept and resumed, TensorDock v0': resumes('tensordock-v0'),

    'the process dies between a stop and its record': () =>
      calmBut(
        { ...disturbed, script: (hand) => onceIn(hand, 'stopping', () => hand.kill()) },
        { checkers: [diskSurvives()] },
      ),

    'the process dies between a start and its record': () =>
      calmBut(
        { ...disturbed, script: (hand) => onceIn(hand, 'resuming', () => hand.kill()) },
        { checkers: [diskSurvives()] },
      ),

    'answers to stops and starts get lost': () =>
      calmBut(
        {
          ...disturbed,
          sessions: 4,
          faults: {
            ...NO_FAULTS,
            latencyMs: { low: 50, high: 400 },
            lostAnswer: 0.3,
            resetAfter: 0.2,
          },
        },
        { checkers: [diskSurvives()] },
      ),

    'nobody answers after a kept machine was started, TensorDock v0': () =>
      calmBut({
        ...one('tensordock-v0'),
        isCalm: false,
        clients: 'stay',
        sessions: 1,
        script: (hand) => {
          afterDone(resumeIn(MINUTE_MS))(hand);
          hand.whenCommitted(isStartedAgain, () => hand.cutOff('tensordock', 4 * MINUTE_MS));
        },
      }),

    'a machine stops unseen and its disk is given up, TensorDock v0': () =>
      calmBut({
        ...one('tensordock-v0'),
        isCalm: false,
        clients: 'stay',
        sessions: 1,
        faults: { ...NO_FAULTS, latencyMs: { low: 4_000, high: 6_000 } },
        script: stopsUnseen,
      }),

    'somebody starts a kept machine by hand': () =>
      calmBut(
        {
          ...stays,
          script: afterDone((hand, session) => {
            hand.at(MINUTE_MS, () => void hand.market.start(machineOf(session)));
          }),
        },
        { checkers: [diskSurvives()] },
      ),

    'a kept machine vanishes': () =>
      calmBut({
        ...stays,
        script: afterDone((hand, session) => {
          hand.at(MINUTE_MS, () => void hand.market.vanish(machineOf(session)));
        }),
      }),

    'a kept disk grows too old while the broker is down': () =>
      calmBut({
        ...stays,
        policy: { ...DEFAULT_POLICY, preservedMaxAgeMs: 3 * MINUTE_MS },
        script: afterDone((hand) => hand.at(MINUTE_MS, () => hand.kill())),
      }),

    'a machine that is started again vanishes': () =>
      calmBut({
        ...stays,
        choices: ['requirements'],
        sessions: 1,
        script: (hand) => {
          afterDone(resumeIn(MINUTE_MS))(hand);
          hand.whenCommitted(
            (session) => currentInstance(session)?.state === 'resuming',
            () => {
              for (const session of hand.books.sessions) hand.market.vanish(machineOf(session));
            },
          );
        },
      }),

    'a session is resumed again and again': () =>
      calmBut(
        {
          ...stays,
          reservationHours: [1],
          busyMs: 4 * HOUR_MS,
          policy: { ...DEFAULT_POLICY, hardLimitMs: 2.5 * HOUR_MS },
          script: (hand) => {
            for (let minute = 5; minute < 230; minute += 5) {
              hand.at(minute * MINUTE_MS, () => resumeAll(hand));
            }
          },
        },
        { checkers: [runsAddUp()] },
      ),

    'the GPUs of a kept machine are taken when it is to run again': () =>
      calmBut({
        ...stays,
        script: afterDone((hand, session) => {
          const host = hand.market.instance(machineOf(session))?.host;
          if (!host) return;
          const taken = takeAll(hand.market, host);
          resumeIn(MINUTE_MS)(hand);
          hand.at(5 * MINUTE_MS, () => {
            for (const id of taken) hand.market.destroy(id);
          });
        }),
      }),

    'the disk is full when a kept session ends': () =>
      calmBut(
        {
          ...stays,
          reservationHours: [0.05],
          script: whenAllRun(1, (hand) => hand.fillDisk(6 * MINUTE_MS)),
        },
        { checkers: [diskSurvives()] },
      ),

    'a backup from before the stop is restored': () =>
      calmBut(
        {
          ...stays,
          script: (hand) => {
            whenAllRun(1, () => hand.copyDatabase())(hand);
            afterDone(() => hand.at(MINUTE_MS, () => hand.loseDisk()))(hand);
          },
        },
        { checkers: [diskSurvives()] },
      ),

    'a machine with a kept disk is outbid': () =>
      calmBut(
        {
          ...stays,
          bidders: 1,
          quirks: { ...DEFAULT_QUIRKS, restingBidAs: 'on-demand' },
          script: whenAllRun(1, (hand) => {
            for (const session of hand.books.sessions) hand.market.outbid(machineOf(session));
            hand.at(8 * MINUTE_MS, () => {
              for (const session of hand.books.sessions) hand.market.regain(machineOf(session));
            });
          }),
        },
        { checkers: [diskSurvives()] },
      ),

    'machines are bid for, outbid, and given back': () =>
      calmBut(
        {
          isCalm: false,
          sessions: 6,
          bidders: 1,
          apis: ['vastai'],
          hosts: { vast: 14, tensordock: 0 },
          clients: 'stay',
          outbids: {
            share: 0.7,
            afterMs: { low: 60_000, high: 300_000 },
            lastMs: { low: 120_000, high: 400_000 },
          },
          busyMs: 20 * MINUTE_MS,
        },
        { checkers: [someRun()] },
      ),

    // Its menu learns what bids are taken by asking, so that people wait for an offer that says so.
    'hosts are bid for by people who keep their disks, TensorDock v0': () =>
      calmBut(
        {
          ...one('tensordock-v0'),
          isCalm: false,
          sessions: 4,
          bidders: 1,
          wants: ({ minBid }) => minBid !== undefined,
          outbids: {
            share: 0.5,
            afterMs: { low: 60_000, high: 300_000 },
            lastMs: { low: 120_000, high: 400_000 },
          },
        },
        { checkers: [diskSurvives(), someRun()] },
      ),
  };
}

function onceIn(hand: Stagehand, state: string, act: () => void): void {
  hand.whenCommitted((session) => currentInstance(session)?.state === state, act);
}

/** Whoever rents is done as soon as it runs; then, when the disk is kept. */
function afterDone(act: (hand: Stagehand, session: Session) => void): (hand: Stagehand) => void {
  return (hand) => {
    whenAllRun(1, () => {
      for (const { id } of hand.books.sessions) void hand.broker()?.sessions.done(id);
    })(hand);
    hand.when(
      () => hand.books.sessions.some((session) => currentInstance(session)?.state === 'preserved'),
      () => {
        for (const session of hand.books.sessions) act(hand, session);
      },
    );
  };
}

function isStartedAgain(session: Session): boolean {
  const machine = currentInstance(session);
  return machine?.state === 'launched' && machine.resumedAt !== undefined;
}

/** The stop reaches the marketplace, no answer comes back, and the consumer gives the disk up meanwhile. */
function stopsUnseen(hand: Stagehand): void {
  whenAllRun(1, () => {
    for (const { id } of hand.books.sessions) void hand.broker()?.sessions.done(id);
  })(hand);
  hand.when(
    () =>
      hand.books.sessions.some(
        (session) => hand.market.instance(machineOf(session))?.stoppedFor === 'renter',
      ),
    () => {
      hand.cutOff('tensordock', 4 * MINUTE_MS);
      hand.at(MINUTE_MS, () => {
        for (const { id } of hand.books.sessions) void hand.broker()?.sessions.destroy(id);
      });
    },
  );
}

function machineOf(session: Session): string {
  return currentInstance(session)?.providerInstanceId ?? '';
}

function resumeIn(delayMs: number): (hand: Stagehand) => void {
  return (hand) => hand.at(delayMs, () => resumeAll(hand));
}

/** Whether that can be done now is for the broker to say. */
function resumeAll(hand: Stagehand): void {
  for (const { id } of hand.books.sessions)
    hand
      .broker()
      ?.sessions.resume(id)
      .catch(() => {});
}
