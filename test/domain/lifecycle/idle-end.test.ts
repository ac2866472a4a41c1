import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/domain/instance.ts';
import { decide, type Sighting, type View } from '../../../src/domain/lifecycle/decide.ts';
import { beginStop, finish } from '../../../src/domain/lifecycle/ending.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { SESSION_STATUSES, type Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { instance, request, START, session } from '../../support/builders.ts';
import { SEEN } from './decide-space.ts';

const NOW = START + HOUR_MS;
const { heartbeatGapMs } = DEFAULT_POLICY;

const SERVING: Partial<Instance> = {
  state: 'launched',
  phase: 'running',
  runningAt: START,
  providerInstanceId: SEEN.id,
};

/** A session that is to end for idleness now, with what is said here otherwise. */
function idle(fields: Partial<Session> = {}): Session {
  return session({
    status: 'running',
    runningAt: START,
    expiresAt: NOW + HOUR_MS,
    request: request({ idleThresholdMinutes: 30 }),
    idleSince: NOW - 30 * MINUTE_MS,
    lastIdleAt: NOW,
    idleWarnedAt: NOW - 6 * MINUTE_MS,
    idleEndsAt: NOW,
    instances: [instance(SERVING)],
    ...fields,
  });
}

function sighted(phase: 'running' | 'stopped' | 'unknown' | 'starting' | 'failed'): Sighting {
  return { kind: 'seen', observation: { ...SEEN, phase }, at: NOW, troubledForMs: 0 };
}

function view(fields: Partial<View> = {}): View {
  return {
    now: NOW,
    policy: DEFAULT_POLICY,
    sightings: [sighted('running')],
    isInherited: false,
    isNothingForgotten: false,
    isAgentHeard: true,
    pace: { locateNotBefore: 0, proveNotBefore: 0 },
    ...fields,
  };
}

const END = { kind: 'begin_stop', reason: 'idle' };

describe('idleness', () => {
  test('ends a session whose agent has said for the whole threshold that there is no work', () => {
    expect(decide(idle(), view())).toEqual(END);
    const last = NOW - heartbeatGapMs;
    expect(decide(idle({ lastIdleAt: last, idleSince: START, idleEndsAt: last }), view())).toEqual(
      END,
    );
  });

  test.each<[string, Partial<Session>]>([
    ['it is off', { request: request({ idleThresholdMinutes: 0 }) }],
    ['a moment is missing', { idleEndsAt: NOW + 1 }],
    [
      'the agent was last heard too long ago',
      { lastIdleAt: NOW - heartbeatGapMs - 1, idleSince: START, idleEndsAt: START },
    ],
    ['the agent spoke in a future that is far', { lastIdleAt: NOW + heartbeatGapMs + 1 }],
    ['a machine is in trouble', { instances: [instance({ ...SERVING, troubledAt: NOW })] }],
    ['a machine is being ended', { instances: [instance({ ...SERVING, state: 'terminating' })] }],
    ['there is no machine', { instances: [] }],
  ])('ends nothing where %s', (_, fields) => {
    expect(decide(idle(fields), view())).not.toEqual(END);
  });

  test.each<[string, Partial<View>]>([
    ['the agent may have said what is not written down', { isAgentHeard: false }],
    ['nothing is known of the machine', { sightings: [{ kind: 'unknown' }] }],
    ['no machine is looked at', { sightings: [] }],
    ['the machine is missing', { sightings: [{ kind: 'absent', listedAt: NOW, isProven: false }] }],
    ['the machine is gone', { sightings: [{ kind: 'absent', listedAt: NOW, isProven: true }] }],
    ['the machine is not said to run', { sightings: [sighted('unknown')] }],
    ['the machine is starting', { sightings: [sighted('starting')] }],
    ['the machine has stopped', { sightings: [sighted('stopped')] }],
    ['the machine has failed', { sightings: [sighted('failed')] }],
  ])('ends nothing where %s', (_, fields) => {
    expect(decide(idle(), view(fields))).not.toEqual(END);
  });

  test('ends nothing that does not run, and nothing that is to end already', () => {
    for (const status of SESSION_STATUSES.filter((one) => one !== 'running')) {
      expect(decide(idle({ status }), view())).not.toEqual(END);
    }
    const stopping = idle({ stopAskedAt: NOW, stopReason: 'done' });
    expect(decide(stopping, view())).not.toEqual(END);
  });

  test('ends nothing of which nobody was warned', () => {
    const { idleWarnedAt: _warned, idleEndsAt: _end, ...unwarned } = idle();
    expect(decide(unwarned, view())).not.toEqual(END);
  });

  test('gives way to the end of the reservation and to the hard limit', () => {
    const reasonOf = (one: Session) => decide(one, view());
    expect(reasonOf(idle({ expiresAt: NOW }))).toEqual({ kind: 'begin_stop', reason: 'expired' });
    const old = idle({ runningAt: NOW - DEFAULT_POLICY.hardLimitMs });
    expect(reasonOf(old)).toEqual({ kind: 'begin_stop', reason: 'hard_limit' });
  });

  test('is an end that was wanted: stopped, without an error, and the event says why', () => {
    const stopping = beginStop('idle', NOW)(idle());
    expect(stopping?.session).toMatchObject({ status: 'stopping', stopReason: 'idle' });
    expect(stopping?.events).toMatchObject([{ kind: 'session_status_changed', reason: 'idle' }]);
    const ended = stopping && finish(NOW)({ ...stopping.session, instances: [] });
    expect(ended?.session.status).toBe('stopped');
    expect(ended?.session.error).toBeUndefined();
  });
});
