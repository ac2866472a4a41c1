import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/domain/instance.ts';
import { decide } from '../../../src/domain/lifecycle/decide.ts';
import type { View } from '../../../src/domain/lifecycle/decision.ts';
import { type Proving, recordProof } from '../../../src/domain/lifecycle/proving.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import type { Session, SessionRequest } from '../../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { instance, offer, request, START, session } from '../../support/builders.ts';
import { REPORT } from '../../support/fake-shell.ts';

const NOW = START + 5 * MINUTE_MS;
const READY_BY = NOW + MINUTE_MS;
const DRIVER_TIMEOUT_MS = 20 * MINUTE_MS;
const NO_GPUS = { ...REPORT, gpus: undefined, driverVersion: undefined, cudaVersion: undefined };

function booting(asked: Partial<SessionRequest> = {}, row: Partial<Instance> = {}): Session {
  return session({
    status: 'provisioning',
    request: request({ readiness: 'gpu', ...asked }),
    instances: [
      instance({
        state: 'launched',
        providerInstanceId: 'i-1',
        accessGrantedAt: START,
        address: { host: '192.0.2.1', port: 22, user: 'root' },
        readyBy: READY_BY,
        ...row,
      }),
    ],
  });
}

function proof(change: Partial<Proving> = {}): Proving {
  return {
    at: NOW,
    hostKey: 'SHA256:abc',
    durationMs: 900,
    driverTimeoutMs: DRIVER_TIMEOUT_MS,
    report: REPORT,
    ...change,
  };
}

function proven(owner: Session, change: Partial<Proving> = {}): Session {
  return recordProof(0, proof(change))(owner)?.session ?? owner;
}

function decided(owner: Session, now = NOW, pace: Partial<View['pace']> = {}) {
  return decide(owner, {
    now,
    policy: DEFAULT_POLICY,
    sightings: [{ kind: 'unknown' }],
    pace: { locateNotBefore: now, proveNotBefore: now, ...pace },
    isInherited: false,
    isNothingForgotten: false,
    isAgentHeard: true,
  });
}

const unread = (): Proving => {
  const { report: _none, ...rest } = proof();
  return rest;
};

describe('a login to a machine that is what was offered', () => {
  test.each(['login', 'gpu'] as const)('is enough to run, with readiness %s', (readiness) => {
    const change = recordProof(0, proof())(booting({ readiness }));
    expect(change?.session).toMatchObject({
      status: 'running',
      instances: [{ runningAt: NOW, hostKey: 'SHA256:abc', mismatches: [] }],
    });
    expect(change?.session.instances[0]?.machine).toEqual({ ...REPORT, work: undefined });
    expect(change?.events.map(({ kind }) => kind)).toEqual([
      'machine_seen',
      'login_proven',
      'session_status_changed',
    ]);
  });
});

describe('a login to a machine that is less', () => {
  const two = { offer: offer({ gpuCount: 2, cudaVersion: '13.0' }) };

  test('runs where a login is all that was asked for, and what it lacks is kept', () => {
    const change = recordProof(0, proof())(booting({ readiness: 'login' }, two));
    expect(change?.session).toMatchObject({
      status: 'running',
      instances: [{ mismatches: [{ kind: 'gpu_count' }, { kind: 'cuda_version' }] }],
    });
    expect(change?.events[0]).toMatchObject({
      kind: 'machine_seen',
      mismatches: ['gpu_count', 'cuda_version'],
    });
  });

  test('is looked at again where GPUs were asked for', () => {
    const seen = proven(booting({}, two));
    expect(seen.status).toBe('provisioning');
    expect(decided(seen)).toEqual({ kind: 'prove_login', position: 0 });
  });

  test('runs where the next look finds all that was offered', () => {
    const seen = proven(booting({}, two));
    const [gpu] = REPORT.gpus ?? [];
    if (!gpu) throw new Error('it has one');
    const whole = { ...REPORT, gpus: [gpu, gpu] };
    expect(proven(seen, { report: whole }).status).toBe('running');
  });

  test.each([
    ['at once where looks apart in time have found that', NOW, { isSurelyWrong: true }],
    ['when its time is over', READY_BY, {}],
  ] as const)('fails the attempt %s', (_when, now, pace) => {
    expect(decided(proven(booting({}, two)), now, pace)).toEqual({
      kind: 'fail_attempt',
      position: 0,
      failure: {
        code: 'wrong_machine',
        message:
          'the machine is not what was offered: gpu_count is 1 and was offered as 2; cuda_version is 12.8 and was offered as 13.0',
      },
    });
  });

  test('runs all the same where it is behind in its CUDA version or its disk alone', () => {
    const old = { offer: offer({ cudaVersion: '13.0' }) };
    const report = { ...REPORT, diskFreeBytes: 1e9 };
    expect(proven(booting({}, old), { report })).toMatchObject({
      status: 'running',
      instances: [{ mismatches: [{ kind: 'cuda_version' }, { kind: 'disk_gb' }] }],
    });
  });
});

describe('a login to a machine without a driver', () => {
  test('gives the driver its time, from the first look on', () => {
    const seen = proven(booting(), { report: NO_GPUS });
    expect(seen).toMatchObject({
      status: 'provisioning',
      instances: [{ hostKey: 'SHA256:abc', readyBy: NOW + DRIVER_TIMEOUT_MS }],
    });
    expect(decided(seen)).toEqual({ kind: 'prove_login', position: 0 });
    const later = { at: NOW + 5 * SECOND_MS, report: NO_GPUS };
    expect(recordProof(0, proof(later))(seen)).toBeUndefined();
  });

  test('gives it no more than that, whatever was left for the login', () => {
    const seen = proven(booting(), { report: NO_GPUS, driverTimeoutMs: 30 * SECOND_MS });
    expect(seen.instances[0]?.readyBy).toBe(NOW + 30 * SECOND_MS);
  });

  test('has no more time than the consumer has set for the whole', () => {
    const seen = proven(booting({ readyTimeoutMs: 3 * MINUTE_MS }), { report: NO_GPUS });
    expect(seen.instances[0]?.readyBy).toBe(READY_BY);
  });

  test('runs as soon as one answers', () => {
    const seen = proven(booting(), { report: NO_GPUS });
    const change = recordProof(0, proof({ at: NOW + MINUTE_MS }))(seen);
    expect(change?.session).toMatchObject({ status: 'running', instances: [{ mismatches: [] }] });
    expect(change?.events[0]).toMatchObject({ kind: 'machine_seen', mismatches: [] });
  });

  test('fails as that when the time is over, though the login was lost meanwhile', () => {
    const seen = proven(booting(), { report: NO_GPUS });
    expect(decided(seen, NOW + DRIVER_TIMEOUT_MS)).toMatchObject({
      kind: 'fail_attempt',
      failure: { code: 'no_driver' },
    });
  });

  test('runs at once where a login is all that was asked for', () => {
    expect(proven(booting({ readiness: 'login' }), { report: NO_GPUS })).toMatchObject({
      status: 'running',
      instances: [{ mismatches: [{ kind: 'driver' }] }],
    });
  });
});

describe('a login to a machine that does not say what it is', () => {
  test('is enough where nothing more was asked for', () => {
    const change = recordProof(0, unread())(booting({ readiness: 'login' }));
    expect(change?.session.status).toBe('running');
    expect(change?.session.instances[0]).not.toHaveProperty('machine');
  });

  test('is tried again until the time is over, and told as that', () => {
    const seen = recordProof(0, unread())(booting())?.session ?? booting();
    expect(seen).toMatchObject({ status: 'provisioning', instances: [{ hostKey: 'SHA256:abc' }] });
    expect(recordProof(0, unread())(seen)).toBeUndefined();
    expect(decided(seen)).toMatchObject({ kind: 'prove_login' });
    expect(decided(seen, READY_BY)).toMatchObject({
      kind: 'fail_attempt',
      failure: { code: 'never_ready', message: expect.stringContaining('a login works') },
    });
  });
});

test('a session that is to end, or runs already, is left as it is', () => {
  expect(recordProof(0, proof())({ ...booting(), stopAskedAt: NOW })).toBeUndefined();
  expect(recordProof(0, proof())(booting({}, { runningAt: NOW }))).toBeUndefined();
});
