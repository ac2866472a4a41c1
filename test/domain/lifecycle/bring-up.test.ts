import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/domain/instance.ts';
import { decide, type Sighting } from '../../../src/domain/lifecycle/decide.ts';
import {
  endpointNews,
  recordEndpoint,
  recordService,
} from '../../../src/domain/lifecycle/serving.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { instance, offer, request, START, session } from '../../support/builders.ts';

const NOW = START + 5 * MINUTE_MS;
const ENDPOINT = { host: '192.0.2.1', port: 40_800 };
const SERVER = {
  kind: 'entrypoint',
  image: 'vllm/vllm-openai:v1',
  model: { server: 'vllm', modelId: 'a/b' },
  ports: [8000],
} as const;
const RUNNING = {
  kind: 'seen',
  observation: { id: 'i-1', tag: undefined, phase: 'running' },
  at: NOW,
  troubledForMs: 0,
} as const;

function serving(overrides: Partial<Instance> = {}) {
  const launched = { state: 'launched', providerInstanceId: 'i-1', launchedAt: START } as const;
  const row = instance({ ...launched, readyBy: NOW + MINUTE_MS, ...overrides });
  return session({
    status: 'provisioning',
    request: request({ workload: SERVER }),
    instances: [row],
  });
}

function decided(owner: ReturnType<typeof serving>, view: object = {}) {
  return decide(owner, {
    now: NOW,
    policy: DEFAULT_POLICY,
    sightings: [RUNNING],
    pace: { locateNotBefore: 0, proveNotBefore: 0 },
    isInherited: false,
    isNothingForgotten: false,
    isAgentHeard: true,
    ...view,
  });
}

describe('what a server needs next', () => {
  test('is its place, and no key before that', () => {
    expect(decided(serving())).toEqual({ kind: 'locate', position: 0 });
  });

  test('is nothing while its machine boots', () => {
    const booting: Sighting = {
      ...RUNNING,
      observation: { id: 'i-1', tag: undefined, phase: 'starting' },
    };
    expect(decided(serving(), { sightings: [booting] })).toEqual({
      kind: 'rest',
      until: NOW + MINUTE_MS,
    });
  });

  test('is a look at it as soon as its place is known', () => {
    expect(decided(serving({ endpoint: ENDPOINT }))).toEqual({
      kind: 'prove_service',
      position: 0,
    });
  });

  test('is a rest between two looks', () => {
    const pace = { locateNotBefore: 0, proveNotBefore: NOW + 2 * SECOND_MS };
    expect(decided(serving({ endpoint: ENDPOINT }), { pace })).toEqual({
      kind: 'rest',
      until: NOW + 2 * SECOND_MS,
    });
  });

  test('is its end when its time is over', () => {
    const pace = { locateNotBefore: NOW, proveNotBefore: NOW };
    const owner = serving({ endpoint: ENDPOINT, readyBy: NOW });
    expect(decided(owner, { pace })).toMatchObject({
      kind: 'fail_attempt',
      failure: { code: 'never_ready', message: expect.stringContaining('HTTP') },
    });
  });

  test('is one more look where this process has not looked yet', () => {
    expect(decided(serving({ endpoint: ENDPOINT, readyBy: NOW }))).toMatchObject({
      kind: 'prove_service',
    });
    expect(decided(serving({ readyBy: NOW }))).toMatchObject({ kind: 'locate' });
  });
});

describe('an answer of the workload', () => {
  const proven = { at: NOW, endpoint: ENDPOINT, httpStatus: 200, durationMs: 900 };

  test('starts the session and its reservation', () => {
    const change = recordService(0, proven)(serving({ endpoint: ENDPOINT }));
    expect(change?.session).toMatchObject({
      status: 'running',
      runningAt: NOW,
      expiresAt: NOW + 2 * HOUR_MS,
      instances: [{ runningAt: NOW, endpoint: ENDPOINT }],
    });
    expect(change?.events.map(({ kind }) => kind)).toEqual([
      'service_proven',
      'session_status_changed',
    ]);
  });

  test('counts for nothing when the workload has moved meanwhile', () => {
    const moved = serving({ endpoint: { ...ENDPOINT, port: 1 } });
    expect(recordService(0, proven)(moved)).toBeUndefined();
  });

  test('counts for nothing when the end was asked for, or it runs already', () => {
    const owner = serving({ endpoint: ENDPOINT });
    expect(recordService(0, proven)({ ...owner, stopAskedAt: NOW })).toBeUndefined();
    expect(
      recordService(0, proven)(serving({ endpoint: ENDPOINT, runningAt: NOW })),
    ).toBeUndefined();
  });
});

describe('where the workload is', () => {
  const shown = { ...RUNNING.observation, openPorts: [{ internal: 8000, ...ENDPOINT }] };

  test('is news the first time, and when it has changed', () => {
    const owner = serving();
    const [row] = owner.instances;
    expect(row && endpointNews(owner, row, shown)).toEqual(ENDPOINT);
    const moved = { ...instance({ state: 'launched' }), endpoint: { ...ENDPOINT, port: 1 } };
    expect(endpointNews(owner, moved, shown)).toEqual(ENDPOINT);
    expect(endpointNews(owner, { ...moved, endpoint: ENDPOINT }, shown)).toBeUndefined();
  });

  test('is nobody’s news for a login, for another port, or without ports', () => {
    const owner = serving();
    const row = instance({ state: 'launched' });
    const login = { ...owner, request: request() };
    expect(endpointNews(login, row, shown)).toBeUndefined();
    const other = { ...shown, openPorts: [{ internal: 9000, ...ENDPOINT }] };
    expect(endpointNews(owner, row, other)).toBeUndefined();
    expect(endpointNews(owner, row, RUNNING.observation)).toBeUndefined();
  });

  test('is a port of the machine’s own address, and never one of an address that it shares', () => {
    const owner = serving();
    const own = { ...RUNNING.observation, ownHost: ENDPOINT.host };
    const row = instance({ state: 'launched' });
    expect(endpointNews(owner, row, own)).toEqual({ host: ENDPOINT.host, port: 8000 });
    const sharing = instance({ state: 'launched', offer: offer({ sharesAddress: true }) });
    expect(endpointNews(owner, sharing, own)).toBeUndefined();
    expect(endpointNews(owner, sharing, { ...own, ...shown })).toEqual(ENDPOINT);
  });

  test('is written down once', () => {
    const change = recordEndpoint(0, { endpoint: ENDPOINT, at: NOW })(serving());
    expect(change?.session.instances[0]?.endpoint).toEqual(ENDPOINT);
    expect(change?.events.map(({ kind }) => kind)).toEqual(['service_located']);
    const known = serving({ endpoint: ENDPOINT });
    expect(recordEndpoint(0, { endpoint: ENDPOINT, at: NOW })(known)).toBeUndefined();
  });
});
