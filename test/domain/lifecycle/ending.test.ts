import { describe, expect, test } from 'vitest';
import type { BillingRule } from '../../../src/domain/billing.ts';
import type { Instance } from '../../../src/domain/instance.ts';
import { sessionCost } from '../../../src/domain/lifecycle/change.ts';
import {
  askTerminate,
  extendTo,
  latestEnd,
  recordGone,
  recordTerminateFailure,
  reviveToEnd,
} from '../../../src/domain/lifecycle/ending.ts';
import { recordLogin } from '../../../src/domain/lifecycle/serving.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { instance, request, START, session } from '../../support/builders.ts';

const RULE: BillingRule = { created: ['disk'], running: ['gpu', 'disk'], stopped: ['disk'] };
const DISK = { part: 'disk' as const, rateMicroUsdPerHour: 36_000, startedAt: START };
const FAILURE = { code: 'instance_lost' as const, message: 'lost' };

function withOne(overrides: Partial<Instance>) {
  const one = instance({ providerInstanceId: 'i-1', launchedAt: START, ...overrides });
  return session({ status: 'stopping', stopAskedAt: START, stopReason: 'done', instances: [one] });
}

describe('the end is asked for', () => {
  test('with a commit that counts it and keeps when it was first asked', () => {
    const once = askTerminate(0, START, 2_000)(withOne({ state: 'launched' }));
    const twice = once && askTerminate(0, START + 5, 4_000)(once.session);
    expect(twice?.session.instances[0]).toMatchObject({
      state: 'terminating',
      terminateAskedAt: START,
      terminateAttempts: 2,
      notBefore: START + 4_005,
    });
    expect(twice?.events).toMatchObject([{ kind: 'terminate_asked', asked: 2 }]);
  });

  test('and a call that failed changes nothing but the record', () => {
    const before = withOne({ state: 'terminating' });
    const change = recordTerminateFailure(0, 'unavailable', START)(before);
    expect(change?.session).toBe(before);
    expect(change?.events).toMatchObject([{ kind: 'terminate_failed', failure: 'unavailable' }]);
  });
});

describe('an instance is gone', () => {
  const gone = { at: START + 9 * MINUTE_MS, endedAt: START + 5 * MINUTE_MS };

  test('its meter stops when it ended, not when that was learned', () => {
    const change = recordGone(0, gone)(withOne({ state: 'terminating', costs: [DISK] }));
    expect(change?.session.instances[0]).toMatchObject({
      state: 'gone',
      goneAt: START + 9 * MINUTE_MS,
      costs: [{ endedAt: START + 5 * MINUTE_MS }],
    });
    expect(change && sessionCost(change.session, START + 9 * HOUR_MS)).toBe(3_000);
  });

  test('it keeps the reason that it had, and gets one where it had none', () => {
    const early = { code: 'never_ready' as const, message: 'late' };
    const told = { ...gone, failure: FAILURE };
    const ended = (one: Partial<Instance>) =>
      recordGone(0, told)(withOne({ state: 'launched', ...one }))?.session.instances[0]?.failure;
    expect(ended({ failure: early })).toBe(early);
    expect(ended({})).toBe(FAILURE);
  });

  test('what it lived on after the wish to end is told as leaked', () => {
    const change = recordGone(0, gone)(withOne({ state: 'terminating' }));
    expect(change?.events).toMatchObject([{ kind: 'instance_gone', leakedMs: 9 * MINUTE_MS }]);
  });

  test.each([
    ['one that nobody asked to end', { stopAskedAt: undefined }, START],
    ['one that was launched only after the wish', { stopAskedAt: START }, gone.at],
  ])('%s leaked nothing', (_, { stopAskedAt }, launchedAt) => {
    const { stopAskedAt: _asked, ...before } = withOne({ state: 'launched', launchedAt });
    const owner = stopAskedAt === undefined ? before : { ...before, stopAskedAt };
    expect(recordGone(0, gone)(owner)?.events).toMatchObject([{ leakedMs: 0 }]);
  });

  test('one that never was has leaked nothing either', () => {
    const { launchedAt: _never, ...one } = instance({ state: 'unsettled' });
    const owner = session({ stopAskedAt: START, instances: [one] });
    expect(recordGone(0, gone)(owner)?.events).toMatchObject([{ leakedMs: 0 }]);
  });
});

describe('an instance that comes back', () => {
  const found = {
    observation: { id: 'i-1', tag: undefined, phase: 'running' as const },
    at: START + HOUR_MS,
    rule: RULE,
  };

  test('under a row that lost it runs on as if it had never been gone', () => {
    const lost = withOne({
      state: 'gone',
      goneAt: START + 9,
      firstSeenAt: START,
      price: { gpu: 360_000, cpu: 0, ram: 0, disk: 36_000 },
      failure: FAILURE,
      costs: [{ ...DISK, endedAt: START + 9 }],
    });
    const change = reviveToEnd(0, found)(lost);
    expect(change?.session.instances[0]).toMatchObject({
      state: 'launched',
      failure: FAILURE,
      costs: [{ part: 'disk', startedAt: START }, { part: 'gpu' }],
    });
    expect(change?.session.instances[0]).not.toHaveProperty('goneAt');
    expect(change?.session.instances[0]?.costs[0]).not.toHaveProperty('endedAt');
    expect(change?.events).toMatchObject([{ kind: 'instance_adopted' }]);
  });

  test.each([
    ['its creation', START + 7, START + 7],
    ['the moment at which it was found', undefined, START + HOUR_MS],
  ])('under a row that never had one is paid for from %s', (_, createdAt, startedAt) => {
    const { providerInstanceId: _none, ...never } = instance({ state: 'absent' });
    const observation =
      createdAt === undefined ? found.observation : { ...found.observation, createdAt };
    const change = reviveToEnd(0, { ...found, observation })(session({ instances: [never] }));
    expect(change?.session.instances[0]).toMatchObject({
      state: 'launched',
      providerInstanceId: 'i-1',
      failure: { code: 'launch_unconfirmed' },
    });
    expect(change?.session.instances[0]?.costs[0]).toMatchObject({ part: 'disk', startedAt });
  });

  test('does not come into the row of another one', () => {
    const other = withOne({ state: 'gone', providerInstanceId: 'i-9' });
    expect(reviveToEnd(0, found)(other)).toBeUndefined();
  });

  test('in a phase that says nothing is brought back all the same', () => {
    const observation = { ...found.observation, phase: 'unknown' as const };
    const gone = withOne({ state: 'gone', firstSeenAt: START, phase: 'unknown', costs: [DISK] });
    const change = reviveToEnd(0, { ...found, observation })(gone);
    expect(change?.session.instances[0]?.state).toBe('launched');
  });
});

describe('an extension', () => {
  const policy = DEFAULT_POLICY;

  test('moves the end and is told', () => {
    const change = extendTo(START + 5 * HOUR_MS, START)(session());
    expect(change?.session).toMatchObject({
      expiresAt: START + 5 * HOUR_MS,
      request: { reservationHours: 5 },
    });
    expect(change?.events).toMatchObject([
      { kind: 'session_extended', expiresAt: START + 5 * HOUR_MS },
    ]);
  });

  test('before the session runs it is not lost when the reservation starts', () => {
    const instances = [instance({ state: 'launched' })];
    const extended = extendTo(START + 3 * HOUR_MS, START)(session({ instances }));
    const login = { at: START + MINUTE_MS, hostKey: 'SHA256:a', durationMs: 1 };
    const running = extended && recordLogin(0, login)(extended.session);
    expect(running?.session.expiresAt).toBe(START + MINUTE_MS + 3 * HOUR_MS);
  });

  test('goes as far as the hard limit: from the start of running, or of what is planned', () => {
    expect(latestEnd(session({ runningAt: START + 7 }), policy)).toBe(START + 7 + 12 * HOUR_MS);
    const planned = session({
      request: request({ reservationHours: 4 }),
      expiresAt: START + MINUTE_MS + 4 * HOUR_MS,
    });
    expect(latestEnd(planned, policy)).toBe(START + MINUTE_MS + 12 * HOUR_MS);
  });
});
