import { describe, expect, test } from 'vitest';
import type { Instance, Observation } from '../../../src/domain/instance.ts';
import { decide, type Sighting, type View } from '../../../src/domain/lifecycle/decide.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { instance, START, session } from '../../support/builders.ts';

const UNKNOWN: Sighting = { kind: 'unknown' };
const ADDRESS = { host: '192.0.2.1', port: 22, user: 'root' };

function view(overrides: Partial<View> = {}): View {
  return {
    now: START,
    policy: DEFAULT_POLICY,
    sightings: [],
    isInherited: false,
    isNothingForgotten: true,
    isAgentHeard: true,
    pace: { locateNotBefore: START - 1, proveNotBefore: START - 1 },
    ...overrides,
  };
}

function launched(overrides: Partial<Instance> = {}): Instance {
  return instance({
    state: 'launched',
    providerInstanceId: 'i-1',
    launchedAt: START,
    accessGrantedAt: START,
    ...overrides,
  });
}

function seen(
  phase: Observation['phase'],
  at = START,
  troubledForMs = Number.MAX_SAFE_INTEGER,
): Sighting {
  return { kind: 'seen', at, troubledForMs, observation: { id: 'i-1', tag: undefined, phase } };
}

const serving: Partial<Session> = { status: 'running', runningAt: START };

describe('the way up, one thing at a time', () => {
  const at = (one: Instance, sighting: Sighting) =>
    decide(session({ status: 'provisioning', instances: [one] }), view({ sightings: [sighting] }));

  test('an intent is launched', () => {
    expect(at(instance(), UNKNOWN)).toStrictEqual({ kind: 'launch', position: 0 });
  });

  test('the key goes in first', () => {
    const { accessGrantedAt: _not, ...without } = launched({ address: ADDRESS });
    expect(at(without, UNKNOWN)).toStrictEqual({ kind: 'grant_access', position: 0 });
  });

  test('a machine that the list does not show running costs no call of its own', () => {
    for (const sighting of [UNKNOWN, seen('starting')]) {
      expect(at(launched(), sighting)).toStrictEqual({
        kind: 'rest',
        until: START + 10 * MINUTE_MS,
      });
    }
  });

  test('a machine that runs is asked for its address', () => {
    expect(at(launched(), seen('running'))).toStrictEqual({ kind: 'locate', position: 0 });
  });

  test('a machine with an address is logged into', () => {
    expect(at(launched({ address: ADDRESS }), UNKNOWN)).toStrictEqual({
      kind: 'prove_login',
      position: 0,
    });
  });

  test.each(['locate', 'prove_login'] as const)(
    '%s waits for its pace, or for the deadline if that is nearer',
    (kind) => {
      const next = START + 4 * SECOND_MS;
      const pace = { locateNotBefore: next, proveNotBefore: next };
      const one = kind === 'locate' ? launched() : launched({ address: ADDRESS });
      const decided = (readyBy: number) =>
        decide(
          session({ status: 'provisioning', instances: [{ ...one, readyBy }] }),
          view({ pace, sightings: [seen('running')] }),
        );
      expect(decided(START + MINUTE_MS)).toStrictEqual({ kind: 'rest', until: next });
      expect(decided(START + SECOND_MS)).toStrictEqual({ kind: 'rest', until: START + SECOND_MS });
    },
  );

  test('a machine that serves rests until its session ends', () => {
    const owner = session({
      ...serving,
      expiresAt: START + HOUR_MS,
      instances: [launched({ runningAt: START })],
    });
    expect(decide(owner, view())).toStrictEqual({ kind: 'rest', until: START + HOUR_MS });
  });
});

describe('with the time up', () => {
  const readyBy = START;
  const late = (address: Partial<Instance>, pace: View['pace']) =>
    decide(
      session({ status: 'provisioning', instances: [launched({ readyBy, ...address })] }),
      view({ pace }),
    );
  const fresh = { locateNotBefore: 0, proveNotBefore: 0 };
  const tried = { locateNotBefore: START - 1, proveNotBefore: START - 1 };

  test('a process that has just started looks once, and tries the login once, before it gives up', () => {
    expect(late({}, fresh)).toStrictEqual({ kind: 'locate', position: 0 });
    expect(late({ address: ADDRESS }, fresh)).toStrictEqual({ kind: 'prove_login', position: 0 });
  });

  test('a process that has tried gives up', () => {
    for (const address of [{}, { address: ADDRESS }]) {
      expect(late(address, tried)).toMatchObject({
        kind: 'fail_attempt',
        failure: { code: 'never_ready' },
      });
    }
  });
});

describe('several instances', () => {
  const old = launched({ attempt: 1 });
  const failure = { code: 'never_ready' as const, message: 'late' };

  test('an attempt that a later one has replaced is ended, though it failed at nothing', () => {
    const next = launched({ attempt: 2, providerInstanceId: 'i-2', runningAt: START });
    const owner = session({ ...serving, instances: [old, next] });
    expect(decide(owner, view())).toStrictEqual({ kind: 'terminate', position: 0 });
  });

  test('one that waits for its pause does not hold up the others, and the nearest date counts', () => {
    const waiting = {
      ...old,
      state: 'terminating' as const,
      failure,
      notBefore: START + 90 * SECOND_MS,
    };
    const next = instance({ attempt: 2 });
    const both = (second: Instance) =>
      decide(session({ status: 'provisioning', instances: [waiting, second] }), view());
    expect(both(next)).toStrictEqual({ kind: 'launch', position: 1 });
    expect(both({ ...next, notBefore: START + MINUTE_MS })).toStrictEqual({
      kind: 'rest',
      until: START + MINUTE_MS,
    });
    expect(both({ ...next, notBefore: START + 2 * MINUTE_MS })).toStrictEqual({
      kind: 'rest',
      until: START + 90 * SECOND_MS,
    });
    expect(both({ ...next, state: 'unsettled' as const })).toStrictEqual({
      kind: 'rest',
      until: START + 90 * SECOND_MS,
    });
  });

  test('a pause that lies further ahead than any pause is long was set by another clock', () => {
    const waiting = {
      ...old,
      state: 'terminating' as const,
      failure,
      notBefore: START + 60 * MINUTE_MS,
    };
    const decision = decide(session({ status: 'provisioning', instances: [waiting] }), view());
    expect(decision).toStrictEqual({ kind: 'terminate', position: 0 });
  });

  test('a launch that shows up although no row says so is adopted, not made again, even on the way out', () => {
    const observation: Observation = { id: 'i-1', tag: instance().tag, phase: 'starting' };
    const seen = view({ sightings: [{ kind: 'seen', observation, at: START, troubledForMs: 0 }] });
    const again = instance({ launchAttempts: 1 });
    const adopted = { kind: 'adopt', position: 0, observation };
    expect(decide(session({ status: 'provisioning', instances: [again] }), seen)).toStrictEqual(
      adopted,
    );
    const leaving = { stopAskedAt: START, stopReason: 'deleted' as const };
    const stopping = session({ status: 'stopping', ...leaving, instances: [again] });
    expect(decide(stopping, seen)).toStrictEqual(adopted);
    const restored = session({ status: 'pending', instances: [instance()] });
    expect(decide(restored, seen)).toStrictEqual(adopted);
  });

  test('a launch that nobody waits for any more is not made', () => {
    const stale = instance({ readyBy: START });
    const decision = decide(session({ status: 'pending', instances: [stale] }), view());
    expect(decision).toMatchObject({ kind: 'fail_attempt', failure: { code: 'never_ready' } });
  });

  test('an instance that turns out dearer than the ceiling is given up before it runs', () => {
    const request = { ...session().request, maxPricePerHour: 100_000 };
    const dear = launched({
      firstSeenAt: START,
      price: { gpu: 100_001, cpu: 0, ram: 0, disk: 0 },
    });
    const held = (one: Instance) =>
      decide(session({ ...serving, request, instances: [one] }), view());
    expect(held(dear)).toMatchObject({ kind: 'fail_attempt', failure: { code: 'price_changed' } });
    const price = { gpu: 100_000, cpu: 0, ram: 0, disk: 0 };
    expect(held({ ...dear, price })).not.toMatchObject({ kind: 'fail_attempt' });
    expect(held({ ...dear, runningAt: START })).not.toMatchObject({ kind: 'fail_attempt' });
  });

  test('a stray is ended while its twin goes on serving', () => {
    const twin = launched({ runningAt: START });
    const stray = launched({ role: 'stray', providerInstanceId: 'i-9' });
    const owner = session({ ...serving, instances: [twin, stray] });
    expect(decide(owner, view())).toStrictEqual({ kind: 'terminate', position: 1 });
  });
});

describe('the cause of an end', () => {
  const running = (overrides: Partial<Session>, one: Partial<Instance> = {}) =>
    session({
      ...serving,
      expiresAt: START + HOUR_MS,
      instances: [launched({ runningAt: START, ...one })],
      ...overrides,
    });
  const reason = (owner: Session, overrides: Partial<View> = {}) => decide(owner, view(overrides));

  test('the reservation is over', () => {
    expect(reason(running({ expiresAt: START }))).toStrictEqual({
      kind: 'begin_stop',
      reason: 'expired',
    });
  });

  test('the hard limit is reached, whatever the reservation says', () => {
    const owner = running({ expiresAt: START + 99 * HOUR_MS });
    const now = START + DEFAULT_POLICY.hardLimitMs;
    expect(reason(owner, { now })).toStrictEqual({ kind: 'begin_stop', reason: 'hard_limit' });
    expect(reason(owner, { now: now - 1 })).toStrictEqual({ kind: 'rest', until: now });
  });

  test('without the net of the hard limit the reservation alone ends a session', () => {
    const policy = { ...DEFAULT_POLICY, nets: { ...DEFAULT_POLICY.nets, hardLimit: false } };
    const expiresAt = START + 20 * HOUR_MS;
    const now = START + 13 * HOUR_MS;
    expect(reason(running({ expiresAt }), { now, policy })).toStrictEqual({
      kind: 'rest',
      until: expiresAt,
    });
  });

  test.each([
    ['instance_lost', 'instance_lost'],
    ['instance_stopped', 'instance_stopped'],
    ['instance_failed', 'instance_stopped'],
  ] as const)('its instance failed with %s', (code, expected) => {
    const owner = running({}, { failure: { code, message: 'so it is' } });
    expect(reason(owner)).toStrictEqual({ kind: 'begin_stop', reason: expected });
  });
});

describe('trouble at the provider', () => {
  const { stoppedGraceMs } = DEFAULT_POLICY;
  const troubled = session({
    ...serving,
    expiresAt: START + 9 * HOUR_MS,
    instances: [launched({ runningAt: START, troubledAt: START, phase: 'stopped' })],
  });
  const at = (sighting: Sighting) =>
    decide(troubled, view({ now: START + 2 * stoppedGraceMs, sightings: [sighting] })).kind;

  test.each(['stopped', 'stopping', 'failed'] as const)(
    '%s for the whole grace period is given up',
    (phase) => {
      expect(at(seen(phase, START + stoppedGraceMs))).toBe('fail_attempt');
      expect(at(seen(phase, START + stoppedGraceMs - 1))).toBe('rest');
    },
  );

  test('a clock that was set makes no grace period of a moment', () => {
    expect(at(seen('stopped', START + HOUR_MS, stoppedGraceMs - 1))).toBe('rest');
    expect(at(seen('stopped', START + HOUR_MS, stoppedGraceMs))).toBe('fail_attempt');
  });

  test('a later look that says nothing, or that shows it alive, gives nothing up', () => {
    const unclear: Sighting = {
      kind: 'seen',
      at: START + stoppedGraceMs,
      troubledForMs: stoppedGraceMs,
      observation: { id: 'i-1', tag: undefined, phase: 'unknown' },
    };
    expect(at(unclear)).toBe('rest');
    expect(at(seen('running', START + stoppedGraceMs))).toBe('rest');
    expect(at(seen('starting', START + stoppedGraceMs))).toBe('rest');
    expect(at(UNKNOWN)).toBe('rest');
  });
});

test('an intent that is not to be launched yet waits for its time', () => {
  const owner = session({ instances: [instance({ notBefore: START + 7 })] });
  expect(decide(owner, view())).toStrictEqual({ kind: 'rest', until: START + 7 });
});

test('a session without any attempt makes one, or ends when it is to end', () => {
  expect(decide(session(), view())).toStrictEqual({ kind: 'next_attempt' });
  const ending = session({ status: 'stopping', stopAskedAt: START, stopReason: 'deleted' });
  expect(decide(ending, view())).toStrictEqual({ kind: 'finish' });
});

test('a missing instance is asked for directly when two lists have missed it, in the pace of looks', () => {
  const owner = session({
    ...serving,
    expiresAt: START + HOUR_MS,
    instances: [launched({ runningAt: START })],
  });
  const absent = (isProven: boolean): Sighting => ({ kind: 'absent', listedAt: START, isProven });
  const pace = { locateNotBefore: START + 5, proveNotBefore: 0 };
  expect(decide(owner, view({ sightings: [absent(true)] })).kind).toBe('verify_absence');
  expect(decide(owner, view({ sightings: [absent(false)] })).kind).toBe('rest');
  expect(decide(owner, view({ sightings: [absent(true)], pace }))).toStrictEqual({
    kind: 'rest',
    until: START + 5,
  });
});
