import { describe, expect, test } from 'vitest';
import type { BillingRule } from '../../../src/domain/billing.ts';
import type { Instance } from '../../../src/domain/instance.ts';
import {
  acceptLaunch,
  acceptLeftover,
  adopt,
  dropIntent,
  intendedInstance,
  markUnsettled,
  postponeLaunch,
  refuseLaunch,
  startLaunch,
  writeOff,
} from '../../../src/domain/lifecycle/launching.ts';
import { MINUTE_MS } from '../../../src/domain/time.ts';
import { DEPLOYMENT, instance, offer, START, session, sessionId } from '../../support/builders.ts';

const RULE: BillingRule = { created: ['disk'], running: ['gpu', 'disk'], stopped: ['disk'] };

function withOne(overrides: Partial<Instance>) {
  return session({ status: 'provisioning', instances: [instance(overrides)] });
}

test('an intended instance has its tag, its disk and its price before the provider hears of it', () => {
  const made = intendedInstance({
    sessionId: sessionId(7),
    deploymentId: DEPLOYMENT,
    attempt: 3,
    offer: offer({ minDiskGb: 100 }),
    request: { diskGb: 50 },
    now: START,
    readyTimeoutMs: MINUTE_MS,
  });
  expect(made).toMatchObject({
    role: 'attempt',
    state: 'intended',
    tag: `gpub-${DEPLOYMENT}-0000000000000007-3`,
    diskGb: 100,
    price: { gpu: 380_000, disk: 40_000 },
    readyBy: START + MINUTE_MS,
    costs: [],
  });
});

describe('a launch begins', () => {
  test('with a commit that counts it and gives it its time from now', () => {
    const change = startLaunch(0, START + 9, MINUTE_MS)(withOne({ launchAttempts: 1 }));
    expect(change?.session.instances[0]).toMatchObject({
      state: 'launching',
      launchAttempts: 2,
      readyBy: START + 9 + MINUTE_MS,
    });
    expect(change?.events.map(({ kind }) => kind)).toStrictEqual(['launch_started']);
  });

  test('and makes a pending session a provisioning one', () => {
    const pending = session({ instances: [instance()] });
    const change = startLaunch(0, START, 1)(pending);
    expect(change?.session.status).toBe('provisioning');
    expect(change?.events).toMatchObject([
      { kind: 'launch_started' },
      { kind: 'session_status_changed', from: 'pending', to: 'provisioning', cost: 0 },
    ]);
  });

  test('never once the end was asked for', () => {
    expect(startLaunch(0, START, 1)({ ...withOne({}), stopAskedAt: START })).toBeUndefined();
  });
});

describe('an accepted launch', () => {
  test('keeps the id and runs the meter from the creation on', () => {
    const change = acceptLaunch(0, {
      id: 'i-1',
      at: START + 9,
      createdAt: START + 5,
      rule: RULE,
      durationMs: 9,
    })(withOne({ state: 'launching', notBefore: START, settleBy: START }));
    const after = change?.session.instances[0];
    expect(after).toMatchObject({
      state: 'launched',
      providerInstanceId: 'i-1',
      launchedAt: START + 9,
      phase: 'starting',
      costs: [{ part: 'disk', startedAt: START + 5 }],
    });
    expect(after).not.toHaveProperty('notBefore');
    expect(after).not.toHaveProperty('settleBy');
    expect(change?.events).toMatchObject([
      { kind: 'launch_accepted', providerInstanceId: 'i-1', durationMs: 9 },
    ]);
  });

  test('that failed and left an instance behind keeps both: the instance and the failure', () => {
    const failure = { code: 'insufficient_funds' as const, message: 'no credit' };
    const change = acceptLeftover(
      0,
      { id: 'i-1', at: START, createdAt: START, rule: RULE, durationMs: 9 },
      failure,
    )(withOne({ state: 'launching' }));
    expect(change?.session.instances[0]).toMatchObject({ state: 'launched', failure });
    expect(change?.events).toMatchObject([
      { kind: 'launch_accepted' },
      { kind: 'attempt_failed', code: 'insufficient_funds' },
    ]);
  });

  test('is also accepted when the end was asked for meanwhile, so that it can be ended', () => {
    const ending = { ...withOne({ state: 'launching' }), stopAskedAt: START };
    const acceptance = { id: 'i-1', at: START, createdAt: START, rule: RULE, durationMs: 9 };
    expect(acceptLaunch(0, acceptance)(ending)?.session.instances[0]?.state).toBe('launched');
  });
});

test('a refused launch is over, with the reason, and has cost nothing', () => {
  const detail = 'PUT /asks/1 was answered with 404';
  const change = refuseLaunch(0, { at: START, kind: 'unauthorized', detail })(
    withOne({ state: 'launching' }),
  );
  expect(change?.session.instances[0]).toMatchObject({
    state: 'refused',
    failure: { code: 'unauthorized', message: 'alpha refuses the credentials of this broker' },
    costs: [],
  });
  expect(change?.events).toMatchObject([
    { kind: 'launch_refused', failure: 'unauthorized', detail },
  ]);
});

test('a postponed launch is the same intent again, later', () => {
  const change = postponeLaunch(0, START + 5)(withOne({ state: 'launching', launchAttempts: 1 }));
  expect(change?.session.instances[0]).toMatchObject({
    state: 'intended',
    notBefore: START + 5,
    launchAttempts: 1,
  });
  expect(change?.events).toStrictEqual([]);
});

test('a launch of unknown outcome is looked for from here on', () => {
  const change = markUnsettled(0, { at: START, settleBy: START + 5, detail: 'no answer' })(
    withOne({ state: 'launching' }),
  );
  expect(change?.session.instances[0]).toMatchObject({ state: 'unsettled', settleBy: START + 5 });
  expect(change?.events).toMatchObject([{ kind: 'launch_unknown', detail: 'no answer' }]);
});

describe('an instance found by its tag', () => {
  const observation = { id: 'i-1', tag: undefined, phase: 'running' as const };

  test.each([
    ['its own creation time', START + 7, START + 7],
    ['the intent, where the provider tells no creation time', undefined, START],
  ])('is adopted and paid for from %s', (_, createdAt, startedAt) => {
    const change = adopt(0, {
      observation: createdAt === undefined ? observation : { ...observation, createdAt },
      at: START + 9,
      rule: RULE,
    })(withOne({ state: 'unsettled', settleBy: START + 9 }));
    expect(change?.session.instances[0]).toMatchObject({
      state: 'launched',
      providerInstanceId: 'i-1',
      costs: [{ part: 'disk', startedAt }],
    });
    expect(change?.events).toMatchObject([{ kind: 'instance_adopted', providerInstanceId: 'i-1' }]);
  });
});

test('a launch that never showed up is written off as unconfirmed', () => {
  const change = writeOff(0, START)(withOne({ state: 'unsettled' }));
  expect(change?.session.instances[0]).toMatchObject({
    state: 'absent',
    failure: { code: 'launch_unconfirmed' },
  });
  expect(change?.events).toMatchObject([{ kind: 'launch_never_happened' }]);
});

test('an intent that is dropped was never an attempt at anything', () => {
  const change = dropIntent(0)(withOne({}));
  expect(change?.session.instances[0]).toMatchObject({ state: 'absent' });
  expect(change?.session.instances[0]).not.toHaveProperty('failure');
  expect(change?.events).toStrictEqual([]);
});
