import { describe, expect, test } from 'vitest';
import type { FailureCode, Instance } from '../../../src/domain/instance.ts';
import { decide, hardLimitAt, type View } from '../../../src/domain/lifecycle/decide.ts';
import { extendTo, latestEnd } from '../../../src/domain/lifecycle/ending.ts';
import { interrupt } from '../../../src/domain/lifecycle/replacing.ts';
import { recordLogin } from '../../../src/domain/lifecycle/serving.ts';
import { candidates, searchEndsAt, searchVerdict } from '../../../src/domain/placement.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { attemptsOfSearch, interruptionOf, triedSoFar } from '../../../src/domain/search.ts';
import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { instance, offer, request, START, session } from '../../support/builders.ts';

const NOW = START + HOUR_MS;
const ANY = { kind: 'requirements', filter: {}, prefer: 'price' } as const;

/** A session of four hours whose machine has been lost after one. */
function losing(code: FailureCode = 'outbid', fields: Partial<Session> = {}): Session {
  const failure = { code, message: 'it was taken' };
  const row = instance({ state: 'launched', providerInstanceId: 'i-1', runningAt: START, failure });
  return session({
    status: 'running',
    runningAt: START,
    expiresAt: START + 4 * HOUR_MS,
    request: request({ choice: ANY, reservationHours: 4, replaces: true }),
    instances: [row],
    ...fields,
  });
}

function interrupted(owner = losing(), at = NOW): Session {
  const change = interrupt(at)(owner);
  if (!change) throw new Error('a lost machine interrupts');
  return change.session;
}

function decided(owner: Session, pace: Partial<View['pace']> = {}, now = NOW) {
  return decide(owner, {
    now,
    policy: DEFAULT_POLICY,
    sightings: owner.instances.map(() => ({ kind: 'unknown' as const })),
    isInherited: false,
    isNothingForgotten: false,
    isAgentHeard: true,
    pace: { locateNotBefore: 0, proveNotBefore: 0, ...pace },
  });
}

function withLast(owner: Session, fields: Partial<Instance>): Session {
  const last = owner.instances.at(-1);
  if (!last) return owner;
  return { ...owner, instances: [...owner.instances.slice(0, -1), { ...last, ...fields }] };
}

describe('a running session that lost its machine', () => {
  test.each([
    'instance_lost',
    'instance_stopped',
    'instance_failed',
    'outbid',
    'out_of_credit',
    'contract_expired',
    'host_offline',
  ] as const)('is interrupted by %s where that was asked for, and else ended', (code) => {
    expect(decided(losing(code))).toEqual({ kind: 'interrupt' });
    const plain = losing(code, { request: request({ choice: ANY }) });
    expect(decided(plain)).toMatchObject({ kind: 'begin_stop' });
  });

  test('is ended when the sixth machine is taken', () => {
    const served = instance({ state: 'gone', runningAt: START });
    const taken = (earlier: number): Session => {
      const owner = losing();
      return {
        ...owner,
        instances: [...Array.from({ length: earlier }, () => served), ...owner.instances],
      };
    };
    expect(decided(taken(4))).toEqual({ kind: 'interrupt' });
    expect(decided(taken(5))).toMatchObject({ kind: 'begin_stop', reason: 'outbid' });
  });

  test('is ended where a server ended by itself soon after it served, as it would on the next machine', () => {
    const workload = { kind: 'entrypoint', image: 'example/server', ports: [8000] } as const;
    const asked = request({ choice: ANY, reservationHours: 4, replaces: true, workload });
    const taken = (code: FailureCode, minutes: number): Session =>
      withLast(losing(code, { request: asked }), { troubledAt: START + minutes * MINUTE_MS });
    expect(decided(taken('instance_stopped', 14))).toMatchObject({ kind: 'begin_stop' });
    expect(decided(taken('instance_failed', 14))).toMatchObject({ kind: 'begin_stop' });
    expect(decided(taken('instance_stopped', 16))).toEqual({ kind: 'interrupt' });
    expect(decided(taken('outbid', 14))).toEqual({ kind: 'interrupt' });
  });

  test('is ended where too little is left for another one', () => {
    const expiresAt = NOW + 5 * MINUTE_MS;
    expect(decided(losing('outbid', { expiresAt }))).toEqual({ kind: 'interrupt' });
    expect(decided(losing('outbid', { expiresAt: expiresAt - 1 }))).toMatchObject({
      kind: 'begin_stop',
      reason: 'outbid',
    });
  });

  test('is not interrupted when it is to end', () => {
    const ending = losing('outbid', { status: 'stopping', stopAskedAt: NOW, stopReason: 'done' });
    expect(decided(ending)).toMatchObject({ kind: 'terminate' });
    expect(interrupt(NOW)(ending)).toBeUndefined();
  });
});

describe('an interruption', () => {
  test('keeps what was left, counts the run, and tells of it once', () => {
    const change = interrupt(NOW)(losing());
    expect(change?.session).toMatchObject({
      status: 'provisioning',
      interruptedAt: NOW,
      leftMs: 3 * HOUR_MS,
      ranBeforeMs: HOUR_MS,
      expiresAt: NOW + 3 * HOUR_MS,
    });
    expect(change?.session).not.toHaveProperty('runningAt');
    expect(change?.events.map(({ kind }) => kind)).toEqual([
      'session_interrupted',
      'session_status_changed',
    ]);
    expect(change && interrupt(NOW)(change.session)).toBeUndefined();
  });

  test('takes none of the time from the first sign of trouble on', () => {
    const troubled = withLast(losing(), { troubledAt: NOW - 10 * MINUTE_MS });
    expect(interrupted(troubled)).toMatchObject({
      leftMs: 3 * HOUR_MS + 10 * MINUTE_MS,
      ranBeforeMs: HOUR_MS - 10 * MINUTE_MS,
    });
  });

  test('has the lost machine ended first, and then another one looked for', () => {
    const waiting = interrupted();
    expect(decided(waiting)).toEqual({ kind: 'terminate', position: 0 });
    expect(decided(withLast(waiting, { state: 'terminating' }))).toMatchObject({ position: 0 });
    const gone = withLast(waiting, { state: 'gone' });
    expect(decided(gone)).toEqual({ kind: 'next_attempt' });
    const searchNotBefore = NOW + 5_000;
    expect(decided(gone, { searchNotBefore })).toEqual({ kind: 'rest', until: searchNotBefore });
  });

  test('is over when a machine runs, for what was left and within the hard limit', () => {
    const next = instance({ attempt: 2, tag: 'gpub-test01-x-2', state: 'launched' });
    const waiting = interrupted();
    const up = { ...waiting, instances: [...waiting.instances, next] };
    const at = NOW + 20 * MINUTE_MS;
    const now = recordLogin(1, { at, hostKey: 'SHA256:new', durationMs: 1 })(up)?.session;
    expect(now).toMatchObject({ status: 'running', runningAt: at, expiresAt: at + 3 * HOUR_MS });
    expect(now).not.toHaveProperty('leftMs');
    expect(now).not.toHaveProperty('interruptedAt');
    expect(now && hardLimitAt(now, DEFAULT_POLICY)).toBe(at + 11 * HOUR_MS);
  });

  test('can be extended to the hard limit of all runs, and no further', () => {
    const waiting = interrupted();
    expect(latestEnd(waiting, DEFAULT_POLICY)).toBe(NOW + 11 * HOUR_MS);
    const longer = extendTo(waiting.expiresAt + 2 * HOUR_MS, NOW)(waiting)?.session;
    expect(longer).toMatchObject({ leftMs: 5 * HOUR_MS, request: { reservationHours: 6 } });
    expect(longer && latestEnd(longer, DEFAULT_POLICY)).toBe(NOW + 11 * HOUR_MS);
  });
});

describe('the search for another machine', () => {
  const gone = withLast(interrupted(), { state: 'gone' });

  test('begins with the interruption, and lasts no longer than the machine would be used', () => {
    expect(searchEndsAt(gone, DEFAULT_POLICY)).toBe(NOW + DEFAULT_POLICY.searchMs);
    expect(searchEndsAt({ ...gone, leftMs: MINUTE_MS }, DEFAULT_POLICY)).toBe(NOW + MINUTE_MS);
    expect(searchVerdict(gone, DEFAULT_POLICY, NOW)).toBe('goes_on');
    expect(searchVerdict(gone, DEFAULT_POLICY, NOW + 3 * HOUR_MS)).toBe('is_out_of_time');
  });

  test('counts its own attempts, also of an offer that was named', () => {
    const named = request({
      choice: { kind: 'offer', offerId: 'alpha-1' },
      replaces: true,
      reservationHours: 4,
    });
    const failed = (attempt: number) =>
      instance({
        attempt,
        tag: `gpub-test01-x-${attempt}`,
        state: 'refused',
        failure: { code: 'no_capacity', message: 'gone' },
      });
    const tried = (count: number): Session => ({
      ...gone,
      request: named,
      instances: [...gone.instances, ...Array.from({ length: count }, (_, n) => failed(n + 2))],
    });
    expect(attemptsOfSearch(tried(2))).toHaveLength(2);
    expect(searchVerdict(tried(2), DEFAULT_POLICY, NOW)).toBe('goes_on');
    expect(searchVerdict(tried(3), DEFAULT_POLICY, NOW)).toBe('has_tried_enough');
  });

  test('for an offer that was named takes its like at 1.2 times its price, and only to replace', () => {
    const [lost] = gone.instances;
    if (!lost) throw new Error('a machine was lost');
    const choice = { kind: 'offer', offerId: lost.offer.id } as const;
    const { price } = lost.offer;
    const at = (id: string, factor: number) =>
      offer({ id, price: { ...price, gpu: Math.floor(price.gpu * factor) } });
    const menu = [at('like', 1.15), at('dear', 1.5), offer({ id: 'other', gpuType: 'RTX 3090' })];
    const found = (wish: ReturnType<typeof request>) =>
      candidates(menu, wish, [lost]).map(({ id }) => id);
    expect(found(request({ choice, replaces: true }))).toEqual(['like']);
    expect(found(request({ choice }))).toEqual([]);
  });

  test('forgets why attempts before the lost machine failed, and never what took that', () => {
    const before = instance({
      failure: { code: 'unavailable', message: 'away' },
      state: 'refused',
    });
    const whole = { ...gone, instances: [before, ...gone.instances] };
    expect(triedSoFar(whole).map(({ failure }) => failure?.code)).toEqual([undefined, 'outbid']);
    expect(interruptionOf(whole)?.code).toBe('outbid');
    expect(triedSoFar({ ...losing(), instances: [before] })[0]?.failure?.code).toBe('unavailable');
  });
});
