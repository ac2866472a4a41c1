import { describe, expect, test } from 'vitest';
import type { BillingRule } from '../../../src/domain/billing.ts';
import { INSTANCE_STATES, type InstanceState } from '../../../src/domain/instance.ts';
import type { Transition } from '../../../src/domain/lifecycle/change.ts';
import {
  addStray,
  askTerminate,
  beginStop,
  finish,
  recordGone,
  recordTerminateFailure,
  reviveToEnd,
} from '../../../src/domain/lifecycle/ending.ts';
import {
  recordPreserved,
  recordStarted,
  recordStopFailure,
  refuseStart,
} from '../../../src/domain/lifecycle/keeping.ts';
import {
  acceptLaunch,
  acceptLeftover,
  adopt,
  dropIntent,
  intendAttempt,
  markUnsettled,
  postponeLaunch,
  refuseLaunch,
  startLaunch,
  writeOff,
} from '../../../src/domain/lifecycle/launching.ts';
import {
  failAttempt,
  recordAccess,
  recordAddress,
  recordLogin,
  recordLook,
  waitWithInstance,
} from '../../../src/domain/lifecycle/serving.ts';
import { SESSION_STATUSES } from '../../../src/domain/session.ts';
import { instance, START, session } from '../../support/builders.ts';

const RULE: BillingRule = { created: ['disk'], running: ['gpu', 'disk'], stopped: ['disk'] };
const FAILURE = { code: 'never_ready' as const, message: 'late' };
const OBSERVATION = { id: 'i-1', tag: undefined, phase: 'running' as const };
const ACCEPTANCE = { id: 'i-1', at: START, createdAt: START, rule: RULE, durationMs: 5 };
const FOUND = { observation: OBSERVATION, at: START, rule: RULE };
const PLACE = { provider: 'elsewhere', api: 'elsewhere-v1' };
const STRAY = { ...FOUND, place: PLACE };
const ADDRESS = { host: '192.0.2.1', port: 22, user: 'root' };

/** It is there, by our rows. */
const STANDING: readonly InstanceState[] = [
  'launched',
  'stopping',
  'preserved',
  'resuming',
  'terminating',
];
const FINAL: readonly InstanceState[] = ['refused', 'absent', 'gone'];
const OPEN = INSTANCE_STATES.filter((state) => !FINAL.includes(state));

/** Each transition with the only states from which it changes anything. */
const FROM: readonly (readonly [string, Transition, readonly InstanceState[]])[] = [
  ['startLaunch', startLaunch(0, START, 1), ['intended']],
  ['dropIntent', dropIntent(0), ['intended']],
  ['acceptLaunch', acceptLaunch(0, ACCEPTANCE), ['launching']],
  ['acceptLeftover', acceptLeftover(0, ACCEPTANCE, FAILURE), ['launching']],
  ['refuseLaunch', refuseLaunch(0, { at: START, kind: 'invalid', detail: '' }), ['launching']],
  ['postponeLaunch', postponeLaunch(0, START), ['launching']],
  ['markUnsettled', markUnsettled(0, { at: START, settleBy: START, detail: '' }), ['launching']],
  ['adopt', adopt(0, FOUND), ['intended', 'unsettled']],
  ['writeOff', writeOff(0, START), ['unsettled']],
  ['recordLook', recordLook(0, FOUND), STANDING],
  ['recordAccess', recordAccess(0, START), ['launched']],
  ['waitWithInstance', waitWithInstance(0, START), ['launched', 'resuming']],
  [
    'recordAddress',
    recordAddress(0, { address: ADDRESS, at: START, proofTimeoutMs: 1 }),
    ['launched'],
  ],
  ['recordLogin', recordLogin(0, { at: START, hostKey: 'SHA256:a', durationMs: 1 }), ['launched']],
  ['failAttempt', failAttempt(0, FAILURE, START), ['intended', 'launched', 'resuming']],
  ['askTerminate', askTerminate(0, START, 1), STANDING],
  ['recordPreserved', recordPreserved(0, START), ['stopping']],
  ['recordStopFailure', recordStopFailure(0, 'unavailable', START), ['stopping']],
  ['recordStarted', recordStarted(0, START), ['resuming']],
  ['refuseStart', refuseStart(0, { at: START, failure: FAILURE }), ['resuming']],
  ['recordTerminateFailure', recordTerminateFailure(0, 'unavailable', START), ['terminating']],
  ['recordGone', recordGone(0, { at: START, endedAt: START }), OPEN],
  ['reviveToEnd', reviveToEnd(0, FOUND), FINAL],
];

describe.each(FROM)('%s', (_, transition, states) => {
  test.each(INSTANCE_STATES)(
    `on an instance in state %s: only from ${states.join(', ')}`,
    (state) => {
      const change = transition(session({ instances: [instance({ state })] }));
      expect(change !== undefined).toBe(states.includes(state));
    },
  );

  test('on an instance that is not there changes nothing', () => {
    expect(transition(session())).toBeUndefined();
  });

  test('changes neither the version nor the session that it was given', () => {
    for (const state of states) {
      const before = session({ instances: [instance({ state })] });
      const copy = structuredClone(before);
      expect(transition(before)?.session.version).toBe(before.version);
      expect(before).toStrictEqual(copy);
    }
  });

  test('tells of each change with the session that it happened to', () => {
    for (const state of states) {
      const change = transition(session({ instances: [instance({ state })] }));
      for (const event of change?.events ?? []) {
        expect(event).toMatchObject({ sessionId: session().id, at: START });
      }
    }
  });
});

describe('another attempt is intended', () => {
  const second = instance({ attempt: 2 });

  test.each(INSTANCE_STATES)('beside one in state %s only when that one is over', (state) => {
    const change = intendAttempt(second, START)(session({ instances: [instance({ state })] }));
    expect(change?.session.instances.length).toBe(FINAL.includes(state) ? 2 : undefined);
  });

  test('never after the end was asked for, and never under a tag that was used', () => {
    const ending = session({ stopAskedAt: START });
    expect(intendAttempt(second, START)(ending)).toBeUndefined();
    const used = session({ instances: [instance({ attempt: 2, state: 'refused' })] });
    expect(intendAttempt(second, START)(used)).toBeUndefined();
  });

  test('is told with the offer', () => {
    expect(intendAttempt(second, START)(session())?.events).toMatchObject([
      { kind: 'attempt_intended', offerId: 'alpha-1', attempt: 2 },
    ]);
  });
});

describe('the wish to end', () => {
  test.each(SESSION_STATUSES)('in status %s is taken while it is not over', (status) => {
    const change = beginStop('deleted', START)(session({ status }));
    const isOver = status === 'stopped' || status === 'failed';
    expect(change?.session).toEqual(
      isOver
        ? undefined
        : expect.objectContaining({
            status: 'stopping',
            stopAskedAt: START,
            stopReason: 'deleted',
          }),
    );
  });

  test('once expressed it stays: a later reason does not replace the first', () => {
    const first = beginStop('deleted', START)(session())?.session;
    expect(first && beginStop('expired', START + 1)(first)).toBeUndefined();
  });

  test('that was forced names the failure of the attempt; one that was wanted names none', () => {
    const failed = session({ instances: [instance({ state: 'gone', failure: FAILURE })] });
    expect(beginStop('never_ready', START)(failed)?.session.error).toStrictEqual(FAILURE);
    expect(beginStop('done', START)(failed)?.session.error).toBeUndefined();
    expect(beginStop('launch_failed', START)(session())?.session.error).toBeUndefined();
  });
});

describe('a session is finished', () => {
  const ending = session({ status: 'stopping', stopAskedAt: START, stopReason: 'done' });

  test.each(INSTANCE_STATES)('with an instance in state %s only when that is over', (state) => {
    const change = finish(START + 9)({ ...ending, instances: [instance({ state })] });
    const isOver = FINAL.includes(state) || state === 'preserved';
    expect(change?.session.status).toBe(isOver ? 'stopped' : undefined);
  });

  test.each([
    ['done', 'stopped'],
    ['deleted', 'stopped'],
    ['expired', 'stopped'],
    ['hard_limit', 'stopped'],
    ['launch_failed', 'failed'],
    ['never_ready', 'failed'],
    ['instance_lost', 'failed'],
    ['instance_stopped', 'failed'],
    ['outbid', 'failed'],
    ['out_of_credit', 'failed'],
    ['contract_expired', 'failed'],
  ] as const)('for the reason %s as %s', (stopReason, status) => {
    const change = finish(START + 9)({ ...ending, stopReason });
    expect(change?.session).toMatchObject({ status, stoppedAt: START + 9 });
    expect(change?.events).toMatchObject([
      { kind: 'session_status_changed', from: 'stopping', to: status, reason: stopReason },
    ]);
  });

  test('without a reason as failed, because nobody is known to have wanted it', () => {
    const { stopReason: _none, ...unexplained } = ending;
    const change = finish(START)(unexplained);
    expect(change?.session.status).toBe('failed');
    expect(change?.events[0]).not.toHaveProperty('reason');
  });

  test('once, and only when somebody asked', () => {
    expect(finish(START)({ ...ending, status: 'stopped' })).toBeUndefined();
    expect(finish(START)(session())).toBeUndefined();
  });
});

describe('a stray', () => {
  const twin = instance({
    state: 'launched',
    providerInstanceId: 'i-9',
    runningAt: START,
    hostKey: 'SHA256:a',
    address: ADDRESS,
    failure: FAILURE,
    firstSeenAt: START - 99,
    terminateAskedAt: START - 9,
    terminateAttempts: 4,
  });

  test('gets a row of its own, to be ended, with nothing of what its twin came to', () => {
    const change = addStray(0, STRAY)(session({ instances: [twin] }));
    const row = change?.session.instances[1];
    expect(row).toMatchObject({
      ...PLACE,
      role: 'stray',
      state: 'launched',
      tag: twin.tag,
      attempt: 1,
      providerInstanceId: 'i-1',
      terminateAttempts: 0,
      failure: { code: 'launch_unconfirmed' },
      firstSeenAt: START,
      costs: [
        { part: 'disk', startedAt: START },
        { part: 'gpu', startedAt: START },
      ],
    });
    for (const field of ['runningAt', 'hostKey', 'address', 'goneAt', 'terminateAskedAt']) {
      expect(row).not.toHaveProperty(field);
    }
    expect(change?.session.instances[0]).toBe(twin);
  });

  test('that has a row already gets no second one', () => {
    const once = addStray(0, STRAY)(session({ instances: [twin] }))?.session;
    expect(once && addStray(0, STRAY)(once)).toBeUndefined();
    expect(addStray(3, STRAY)(session({ instances: [twin] }))).toBeUndefined();
  });

  test('is paid for from its own creation on, at its own price', () => {
    const price = { gpu: 500_000, cpu: 0, ram: 0, disk: 30_000 };
    const observation = { ...OBSERVATION, createdAt: START - 60_000, price };
    const change = addStray(0, { ...STRAY, observation })(session({ instances: [twin] }));
    expect(change?.session.instances[1]?.costs).toStrictEqual([
      { part: 'disk', startedAt: START - 60_000, rateMicroUsdPerHour: 30_000 },
      { part: 'gpu', startedAt: START, rateMicroUsdPerHour: 500_000 },
    ]);
  });
});
