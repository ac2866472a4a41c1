import { describe, expect, test } from 'vitest';
import type { BillingRule } from '../../../src/domain/billing.ts';
import type { Instance, Observation } from '../../../src/domain/instance.ts';
import {
  failAttempt,
  recordAccess,
  recordAddress,
  recordLogin,
  recordLook,
  waitWithInstance,
} from '../../../src/domain/lifecycle/serving.ts';
import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { instance, request, START, session } from '../../support/builders.ts';

const RULE: BillingRule = { created: ['disk'], running: ['gpu', 'disk'], stopped: ['disk'] };
const ADDRESS = { host: '192.0.2.1', port: 22, user: 'root' };

function launched(overrides: Partial<Instance> = {}, more: Partial<Session> = {}): Session {
  const one = instance({
    state: 'launched',
    providerInstanceId: 'i-1',
    launchedAt: START,
    costs: [{ part: 'disk', rateMicroUsdPerHour: 20_000, startedAt: START }],
    ...overrides,
  });
  return session({ status: 'provisioning', instances: [one], ...more });
}

function look(observation: Partial<Observation>, minutes = 1) {
  return recordLook(0, {
    observation: { id: 'i-1', tag: undefined, phase: 'running', ...observation },
    at: START + minutes * MINUTE_MS,
    rule: RULE,
  });
}

function shown(before: Session, observation: Partial<Observation>, minutes = 1): Session {
  return look(observation, minutes)(before)?.session ?? before;
}

const first = (owner: Session): Instance | undefined => owner.instances[0];

describe('a look at an instance', () => {
  test('is written down the first time: since when it is seen, its phase and its bill', () => {
    expect(first(shown(launched(), {}))).toMatchObject({
      firstSeenAt: START + MINUTE_MS,
      phase: 'running',
      costs: [{ part: 'disk' }, { part: 'gpu', startedAt: START + MINUTE_MS }],
    });
  });

  test('that shows nothing new writes nothing, so that a quiet list costs no write', () => {
    const seen = shown(launched(), {});
    expect(look({}, 2)(seen)).toBeUndefined();
    expect(look({ reason: 'all well', address: ADDRESS }, 3)(seen)).toBeUndefined();
  });

  test.each<[string, Partial<Observation>]>([
    ['another phase', { phase: 'starting' }],
    ['another price', { price: { gpu: 1, cpu: 0, ram: 0, disk: 20_000 } }],
    ['another sum', { totalPerHour: 500_000 }],
  ])('that shows %s is written down', (_, observation) => {
    const seen = shown(launched(), {});
    expect(look(observation, 2)(seen)).toBeDefined();
  });

  test('shows a price that replaces the offered one, with the disk that was rented', () => {
    const seen = shown(launched({ diskGb: 100 }), { totalPerHour: 500_000 });
    expect(first(seen)?.price).toStrictEqual({ gpu: 460_000, cpu: 0, ram: 0, disk: 40_000 });
    expect(first(shown(seen, { totalPerHour: 600_000 }, 2))?.price.gpu).toBe(560_000);
  });

  test('moves the bill to the creation and running times that the provider tells', () => {
    const seen = shown(
      launched(),
      { createdAt: START - MINUTE_MS, runningSince: START + MINUTE_MS },
      10,
    );
    expect(first(seen)?.costs).toMatchObject([
      { part: 'disk', startedAt: START - MINUTE_MS },
      { part: 'gpu', startedAt: START + MINUTE_MS },
    ]);
  });

  test.each(['stopped', 'stopping', 'failed'] as const)(
    'as %s begins the trouble once',
    (phase) => {
      const troubled = shown(launched(), { phase }, 1);
      expect(first(troubled)?.troubledAt).toBe(START + MINUTE_MS);
      expect(first(shown(troubled, { phase }, 5))?.troubledAt).toBe(START + MINUTE_MS);
    },
  );

  test.each(['starting', 'running'] as const)('as %s ends the trouble', (phase) => {
    const troubled = shown(launched(), { phase: 'stopped' });
    expect(first(shown(troubled, { phase }, 2))).not.toHaveProperty('troubledAt');
  });

  test('as unknown neither begins nor ends any trouble', () => {
    expect(first(shown(launched(), { phase: 'unknown' }))).not.toHaveProperty('troubledAt');
    const troubled = shown(launched(), { phase: 'stopped' });
    expect(first(shown(troubled, { phase: 'unknown' }, 2))?.troubledAt).toBe(START + MINUTE_MS);
  });
});

describe('the way to a login', () => {
  test('the key is in, and whatever made it wait is over', () => {
    const change = recordAccess(0, START + 1)(launched({ notBefore: START + 9 }));
    expect(change && first(change.session)).toMatchObject({ accessGrantedAt: START + 1 });
    expect(change && first(change.session)).not.toHaveProperty('notBefore');
    expect(change?.events).toMatchObject([{ kind: 'access_granted' }]);
  });

  test('a call that failed makes the next one wait', () => {
    const change = waitWithInstance(0, START + 9)(launched());
    expect(change && first(change.session)?.notBefore).toBe(START + 9);
  });

  test('the address gives the login its time, unless the consumer set one for the whole', () => {
    const found = { address: ADDRESS, at: START + 1, proofTimeoutMs: MINUTE_MS };
    const change = recordAddress(0, found)(launched());
    expect(change && first(change.session)).toMatchObject({
      address: ADDRESS,
      readyBy: START + 1 + MINUTE_MS,
    });
    expect(change?.events).toMatchObject([{ kind: 'instance_located' }]);
    const fixed = launched({}, { request: request({ readyTimeoutMs: 5 }) });
    const kept = recordAddress(0, found)(fixed);
    expect(kept && first(kept.session)?.readyBy).toBe(first(fixed)?.readyBy);
  });

  const login = { at: START + HOUR_MS, hostKey: 'SHA256:a', durationMs: 7 };

  test('a login makes the session run, and the reservation starts here', () => {
    const change = recordLogin(0, login)(launched());
    expect(change?.session).toMatchObject({
      status: 'running',
      runningAt: START + HOUR_MS,
      expiresAt: START + 3 * HOUR_MS,
      instances: [{ hostKey: 'SHA256:a', runningAt: START + HOUR_MS }],
    });
    expect(change?.events).toMatchObject([
      { kind: 'login_proven', hostKey: 'SHA256:a', durationMs: 7 },
      { kind: 'session_status_changed', from: 'provisioning', to: 'running' },
    ]);
  });

  test('a login proves the host that was seen first, and pins no other one', () => {
    const change = recordLogin(0, login)(launched({ hostKey: 'SHA256:b' }));
    expect(change && first(change.session)?.hostKey).toBe('SHA256:b');
  });

  test('a login that comes after the wish to end starts nothing, and a second one changes nothing', () => {
    expect(recordLogin(0, login)(launched({}, { stopAskedAt: START }))).toBeUndefined();
    expect(recordLogin(0, login)(launched({ runningAt: START }))).toBeUndefined();
  });
});

test('an attempt fails once: the first reason stays', () => {
  const failure = { code: 'never_ready' as const, message: 'late' };
  const change = failAttempt(0, failure, START)(launched());
  expect(change && first(change.session)?.failure).toBe(failure);
  expect(change?.events).toMatchObject([{ kind: 'attempt_failed', code: 'never_ready' }]);
  expect(change && failAttempt(0, failure, START)(change.session)).toBeUndefined();
});
