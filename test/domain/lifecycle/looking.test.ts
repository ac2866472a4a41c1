import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/domain/instance.ts';
import { decide, type View } from '../../../src/domain/lifecycle/decide.ts';
import {
  loginTroubleOf,
  recordHostKeyChanged,
  recordLoginLost,
  recordLoginWorks,
  recordUnreachable,
} from '../../../src/domain/lifecycle/logins.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { instance, request, START, session } from '../../support/builders.ts';
import { SEEN } from './decide-space.ts';

const NOW = START + 10 * MINUTE_MS;
const END = START + 2 * HOUR_MS;
const { loginCheckMs, idleCheckMs } = DEFAULT_POLICY;

function serving(overrides: Partial<Instance> = {}, fields: Partial<Session> = {}): Session {
  const row = instance({
    state: 'launched',
    phase: 'running',
    runningAt: START,
    providerInstanceId: SEEN.id,
    address: { host: '192.0.2.1', port: 22, user: 'root' },
    hostKey: 'SHA256:pinned',
    ...overrides,
  });
  const running = { status: 'running', runningAt: START, expiresAt: END } as const;
  return session({ ...running, instances: [row], ...fields });
}

function decided(owner: Session, pace: Partial<View['pace']> = {}, now = NOW) {
  const observation = { ...SEEN, phase: 'running' as const };
  return decide(owner, {
    now,
    policy: DEFAULT_POLICY,
    sightings: [{ kind: 'seen', observation, at: now, troubledForMs: 0 }],
    isInherited: false,
    isNothingForgotten: false,
    isAgentHeard: true,
    pace: { locateNotBefore: 0, proveNotBefore: 0, ...pace },
  });
}

const LOOK = { kind: 'probe', position: 0 };
const REST = { kind: 'rest', until: END };

describe('a look into a running machine', () => {
  test('is due when it is planned for, and not before', () => {
    expect(decided(serving(), { probeNotBefore: NOW })).toEqual(LOOK);
    const later = NOW + MINUTE_MS;
    expect(decided(serving(), { probeNotBefore: later })).toEqual({ kind: 'rest', until: later });
    expect(decided(serving())).toEqual(REST);
  });

  test('waits for no longer than an interval, whatever a clock that was set has planned', () => {
    const beyond = NOW + loginCheckMs + 1;
    expect(decided(serving(), { probeNotBefore: beyond })).toEqual(LOOK);
    const idle = serving({}, { request: request({ idleThresholdMinutes: 30 }) });
    expect(decided(idle, { probeNotBefore: NOW + idleCheckMs + 1 })).toEqual(LOOK);
  });

  test.each<[string, Session]>([
    ['another host key has answered there', serving({ hostKeyChangedAt: START })],
    ['it is seen stopped', serving({ troubledAt: NOW - SECOND_MS })],
    ['it has no address', instanceless()],
    ['it is a server', serving({}, { request: request({ workload: SERVER }) })],
  ])('is not made where %s', (_why, owner) => {
    expect(decided(owner, { probeNotBefore: NOW })).toEqual(REST);
  });

  test('never comes before an end', () => {
    expect(decided(serving(), { probeNotBefore: END }, END)).toMatchObject({ kind: 'begin_stop' });
    const stopping = serving({}, { status: 'stopping', stopAskedAt: NOW, stopReason: 'done' });
    expect(decided(stopping, { probeNotBefore: NOW })).toMatchObject({ kind: 'terminate' });
  });
});

const SERVER = {
  kind: 'entrypoint',
  image: 'vllm/vllm-openai:v1',
  model: { server: 'vllm', modelId: 'a/b' },
  ports: [8000],
} as const;

function instanceless(): Session {
  const owner = serving();
  const instances = owner.instances.map(({ address: _none, ...rest }) => rest);
  return { ...owner, instances };
}

describe('a lost key', () => {
  const lost = serving({ loginLostAt: START });
  const GRANT = { kind: 'restore_access', position: 0 };

  test('is put back at once, and again after its pause', () => {
    expect(decided(lost)).toEqual(GRANT);
    expect(decided(lost, { grantNotBefore: NOW + MINUTE_MS })).toEqual(REST);
    expect(decided(lost, { grantNotBefore: NOW })).toEqual(GRANT);
  });

  test('is given up for good where it was put back often enough, and still looked for', () => {
    const enough = { grantNotBefore: Number.POSITIVE_INFINITY };
    expect(decided(lost, enough)).toEqual(REST);
    expect(decided(lost, { ...enough, probeNotBefore: NOW })).toEqual(LOOK);
  });
});

describe('what a look found', () => {
  test('counts while the machine serves, and not when it is to end or somebody else’s by now', () => {
    const lost = recordLoginLost(0, { at: NOW, since: START });
    expect(lost(serving())?.session.instances[0]).toMatchObject({ loginLostAt: START });
    expect(lost(serving({}, { stopAskedAt: NOW }))).toBeUndefined();
    expect(lost(serving({ state: 'gone' }))).toBeUndefined();
    expect(lost(serving({ state: 'terminating' }))).toBeUndefined();
  });

  test('is told once', () => {
    const lost = recordLoginLost(0, { at: NOW, since: START });
    const once = lost(serving());
    expect(once?.events.map(({ kind }) => kind)).toEqual(['login_lost']);
    expect(once && lost(once.session)).toBeUndefined();
    const changed = recordHostKeyChanged(0, { at: NOW, found: 'SHA256:other' });
    const first = changed(serving());
    expect(first?.events).toMatchObject([{ pinned: 'SHA256:pinned', found: 'SHA256:other' }]);
    expect(first && changed(first.session)).toBeUndefined();
  });

  test('of a login that works clears what was missed, and tells of a key that is back', () => {
    const works = recordLoginWorks(0, NOW);
    expect(works(serving())).toBeUndefined();
    const back = works(serving({ loginLostAt: START, unreachableAt: START }));
    expect(back?.session.instances[0]).not.toHaveProperty('loginLostAt');
    expect(back?.session.instances[0]).not.toHaveProperty('unreachableAt');
    expect(back?.events.map(({ kind }) => kind)).toEqual(['login_restored']);
    expect(works(serving({ unreachableAt: START }))?.events).toEqual([]);
  });

  test('never takes back that another host key has answered', () => {
    const works = recordLoginWorks(
      0,
      NOW,
    )(serving({ hostKeyChangedAt: START, loginLostAt: START }));
    expect(works?.session.instances[0]).toMatchObject({ hostKeyChangedAt: START });
  });

  test('is summed up by the worst of it', () => {
    const row = instance({ state: 'launched' });
    const all = { ...row, unreachableAt: 1, loginLostAt: 2, hostKeyChangedAt: 3 };
    expect(loginTroubleOf(all)).toEqual({ state: 'host_key_changed', since: 3 });
    expect(loginTroubleOf({ ...row, unreachableAt: 1, loginLostAt: 2 })).toMatchObject({
      state: 'lost',
    });
    const silent = recordUnreachable(0, START)(serving())?.session.instances[0];
    expect(silent && loginTroubleOf(silent)).toEqual({ state: 'unreachable', since: START });
    expect(loginTroubleOf(row)).toBeUndefined();
  });
});
