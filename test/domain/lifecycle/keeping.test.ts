import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../src/domain/instance.ts';
import { hardLimitAt } from '../../../src/domain/lifecycle/decide.ts';
import { beginDelete } from '../../../src/domain/lifecycle/deleting.ts';
import { beginStop, finish, latestEnd, recordGone } from '../../../src/domain/lifecycle/ending.ts';
import {
  askStop,
  beginResume,
  discardDisk,
  isKept,
  isResumable,
  keptUntil,
  recordPreserved,
  recordStarted,
  refuseStart,
  runningTimeLeftMs,
} from '../../../src/domain/lifecycle/keeping.ts';
import { addressNews, endpointNews, recordAddress } from '../../../src/domain/lifecycle/serving.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time.ts';
import { instance, request, START, session } from '../../support/builders.ts';

const ADDRESS = { host: '192.0.2.1', port: 22, user: 'root' };
const MOVED = { host: '192.0.2.7', port: 40_022, user: 'root' };
const TAKEN = { code: 'no_capacity', message: 'taken' } as const;

function used(overrides: Partial<Instance> = {}): Instance {
  return instance({
    state: 'launched',
    providerInstanceId: 'i-1',
    launchedAt: START,
    accessGrantedAt: START,
    runningAt: START,
    address: ADDRESS,
    hostKey: 'SHA256:a',
    ...overrides,
  });
}

function keeping(machine: Partial<Instance> = {}, overrides: Partial<Session> = {}): Session {
  return session({
    request: request({ keepsDisk: true, reservationHours: 4 }),
    status: 'running',
    runningAt: START,
    expiresAt: START + 4 * HOUR_MS,
    instances: [used(machine)],
    ...overrides,
  });
}

/** Stopped after so long a run. */
function atRest(ranMs = HOUR_MS, overrides: Partial<Session> = {}): Session {
  const at = START + ranMs;
  const { address: _left, accessGrantedAt: _out, ...machine } = used();
  const rested: Instance = { ...machine, state: 'preserved', preservedAt: at };
  return keeping(
    {},
    {
      ...{ status: 'stopped', stopReason: 'done', stopAskedAt: at, stoppedAt: at },
      ...{ instances: [rested], ...overrides },
    },
  );
}

function resumed(from: Session, at = START + 20 * HOUR_MS): Session {
  const change = beginResume({ at, readyTimeoutMs: MINUTE_MS, policy: DEFAULT_POLICY })(from);
  if (!change) throw new Error('it can be resumed');
  return change.session;
}

function first({ instances }: Session): Instance {
  const [one] = instances;
  if (!one) throw new Error('there is a machine');
  return one;
}

describe('a machine is kept', () => {
  const kept = (of: Session) => isKept(of, first(of));

  test('where somebody used it, in this run or one before, and the request says so', () => {
    const { runningAt: _not, ...never } = used();
    expect(kept(keeping())).toBe(true);
    expect(kept(keeping({}, { request: request() }))).toBe(false);
    expect(kept(keeping({}, { instances: [never] }))).toBe(false);
    expect(kept(keeping({}, { instances: [{ ...never, resumedAt: START }] }))).toBe(true);
  });

  test('until somebody discards it, or its session has failed', () => {
    expect(kept(keeping({}, { discardAskedAt: START }))).toBe(false);
    expect(kept(keeping({}, { status: 'failed' }))).toBe(false);
    expect(kept(keeping({}, { status: 'stopped' }))).toBe(true);
  });

  test('if it is the session’s own, and no stray or former attempt', () => {
    const stray = used({ role: 'stray' });
    const both = keeping({}, { instances: [used(), stray] });
    expect(both.instances.map((one) => isKept(both, one))).toStrictEqual([true, false]);
    const later = keeping({}, { instances: [used(), used({ attempt: 2 })] });
    expect(later.instances.map((one) => isKept(later, one))).toStrictEqual([false, true]);
  });
});

describe('a disk’s age', () => {
  const age = (of: Session) => keptUntil(of, first(of), DEFAULT_POLICY);

  test('counts from its rest, also when the machine is awake again and is being stopped', () => {
    const rested = atRest();
    const until = START + HOUR_MS + DEFAULT_POLICY.preservedMaxAgeMs;
    expect(age(rested)).toBe(until);
    expect(age({ ...rested, instances: [{ ...first(rested), state: 'stopping' }] })).toBe(until);
  });

  test('is none of one that never rested, that runs, or that nobody keeps', () => {
    expect(age(keeping({ state: 'stopping' }))).toBeUndefined();
    expect(age(keeping({ preservedAt: START }))).toBeUndefined();
    expect(age(atRest(HOUR_MS, { discardAskedAt: START }))).toBeUndefined();
  });
});

describe('a stop', () => {
  test('is asked for what is kept, and takes its address when it is seen', () => {
    const asked = askStop(0, START, 7)(keeping({ troubledAt: START }));
    expect(asked?.session.instances).toMatchObject([{ state: 'stopping', notBefore: START + 7 }]);
    const rested = asked && recordPreserved(0, START + 1)(asked.session);
    const row = rested && first(rested.session);
    expect(row).toMatchObject({ state: 'preserved', preservedAt: START + 1, hostKey: 'SHA256:a' });
    for (const field of ['address', 'endpoint', 'accessGrantedAt', 'troubledAt']) {
      expect(row).not.toHaveProperty(field);
    }
  });

  test('keeps the age of a disk that rested before', () => {
    const again = askStop(0, START + 9 * HOUR_MS, 7)(atRest());
    const rested = again && recordPreserved(0, START + 10 * HOUR_MS)(again.session);
    expect(rested?.session.instances[0]?.preservedAt).toBe(START + HOUR_MS);
  });

  test.each([
    ['is not wanted as kept', keeping({}, { request: request() })],
    ['is being ended', keeping({ state: 'terminating' })],
    ['is gone', keeping({ state: 'gone' })],
  ])('is not asked for what %s', (_what, of) => {
    expect(askStop(0, START, 7)(of)).toBeUndefined();
  });
});

describe('a session that keeps its disk is finished', () => {
  test.each(['done', 'outbid', 'launch_failed'] as const)(
    'as stopped, whatever ended it: %s',
    (stopReason) => {
      const stopping = { ...atRest(), status: 'stopping' as const, stopReason };
      expect(finish(START)(stopping)?.session.status).toBe('stopped');
    },
  );

  test('not before its machine rests', () => {
    const rested = { ...atRest(), status: 'stopping' as const };
    for (const state of ['launched', 'stopping', 'resuming', 'terminating'] as const) {
      const busy = { ...rested, instances: [{ ...first(rested), state }] };
      expect(finish(START)(busy)).toBeUndefined();
    }
  });
});

describe('a delete', () => {
  test('ends and discards in one step, whatever was wished for before', () => {
    expect(beginDelete(START)(keeping())?.session).toMatchObject({
      status: 'stopping',
      stopReason: 'deleted',
      discardAskedAt: START,
    });
    const stopping = beginStop('done', START)(keeping())?.session ?? keeping();
    expect(beginDelete(START + 1)(stopping)?.session).toMatchObject({
      stopReason: 'done',
      stopAskedAt: START,
      discardAskedAt: START + 1,
    });
    expect(beginDelete(START)(atRest())?.session).toMatchObject({
      status: 'stopped',
      discardAskedAt: START,
    });
  });

  test('again changes nothing, and of a session without a kept disk it only ends', () => {
    const deleted = beginDelete(START)(atRest())?.session ?? atRest();
    expect(beginDelete(START + 1)(deleted)).toBeUndefined();
    expect(discardDisk('max_age', START)(deleted)).toBeUndefined();
    const plain = keeping({}, { request: request() });
    expect(beginDelete(START)(plain)?.session).not.toHaveProperty('discardAskedAt');
  });

  test('is the moment from which a kept machine is unwanted, for the leak that is counted', () => {
    const at = START + 50 * HOUR_MS;
    const kept = { ...atRest(), discardAskedAt: at };
    const gone = recordGone(0, { at: at + 5_000, endedAt: at })(kept);
    expect(gone?.events).toMatchObject([{ kind: 'instance_gone', leakedMs: 5_000 }]);
    const vanished = recordGone(0, { at, endedAt: at })(atRest());
    expect(vanished?.events).toMatchObject([{ leakedMs: 0 }]);
  });
});

describe('a resume', () => {
  test('forgets the former run’s end, and keeps what is to be used again', () => {
    const failed = { ...first(atRest()), failure: TAKEN };
    const told = { error: TAKEN, idleSince: START, lastIdleAt: START, lastActiveAt: START };
    const before = atRest(HOUR_MS, { ...told, instances: [failed] });
    const now = resumed(before);
    for (const field of [
      ...['stopAskedAt', 'stopReason', 'stoppedAt', 'runningAt', 'error'],
      ...['idleSince', 'lastIdleAt', 'lastActiveAt'],
    ]) {
      expect(now).not.toHaveProperty(field);
    }
    for (const field of ['failure', 'preservedAt', 'runningAt']) {
      expect(first(now)).not.toHaveProperty(field);
    }
    expect(now).toMatchObject({ status: 'provisioning', publicKey: before.publicKey });
    expect(first(now)).toMatchObject({ state: 'resuming', hostKey: 'SHA256:a', tag: failed.tag });
  });

  test.each([
    ['runs', keeping()],
    ['is stopping', { ...atRest(), status: 'stopping' as const }],
    ['is to lose its disk', atRest(HOUR_MS, { discardAskedAt: START })],
    ['has no machine any more', atRest(HOUR_MS, { instances: [used({ state: 'gone' })] })],
    ['is being stopped again', atRest(HOUR_MS, { instances: [used({ state: 'stopping' })] })],
    ['has failed', atRest(HOUR_MS, { status: 'failed' })],
  ])('is not possible of a session that %s', (_what, of) => {
    expect(isResumable(of)).toBe(false);
    const how = { at: START, readyTimeoutMs: 1, policy: DEFAULT_POLICY };
    expect(beginResume(how)(of)).toBeUndefined();
  });

  test.each([
    [HOUR_MS, 4],
    [8 * HOUR_MS, 4],
    [8 * HOUR_MS + 1, 3],
    [10.5 * HOUR_MS, 1],
    [11 * HOUR_MS, 1],
  ])('after %i ms of running has whole hours again: %i', (ranMs, hours) => {
    const at = START + 20 * HOUR_MS;
    const now = resumed(atRest(ranMs), at);
    expect(now.request.reservationHours).toBe(hours);
    expect(now.ranBeforeMs).toBe(ranMs);
    expect(now.expiresAt).toBe(at + MINUTE_MS + hours * HOUR_MS);
    const left = DEFAULT_POLICY.hardLimitMs - ranMs;
    expect(latestEnd(now, DEFAULT_POLICY)).toBe(at + MINUTE_MS + left);
    expect(hardLimitAt({ ...now, runningAt: at }, DEFAULT_POLICY)).toBe(at + left);
  });

  test('adds each run to those before, and a start that was refused is no run', () => {
    const ranTwice = atRest(HOUR_MS, { ranBeforeMs: 3 * HOUR_MS });
    expect(runningTimeLeftMs(ranTwice, DEFAULT_POLICY)).toBe(8 * HOUR_MS);
    const refused = refuseStart(0, { at: START, failure: TAKEN })(resumed(ranTwice))?.session;
    expect(refused && runningTimeLeftMs(refused, DEFAULT_POLICY)).toBe(8 * HOUR_MS);
  });

  test('of which the start is refused is over as it was before, and can be resumed', () => {
    const before = atRest();
    const at = START + 30 * HOUR_MS;
    const over = refuseStart(0, { at, failure: TAKEN })(resumed(before))?.session;
    if (!over) throw new Error('a refusal changes the rows');
    const { instances: _now, version: _v, ...plain } = over;
    const { instances: _then, version: _w, ...plainBefore } = before;
    expect(plain).toStrictEqual(plainBefore);
    expect(first(over)).toMatchObject({ state: 'preserved', preservedAt: at, failure: TAKEN });
    expect(isResumable(over)).toBe(true);
  });

  test('that is asked to end while its start is refused ends for that', () => {
    const at = START + 30 * HOUR_MS;
    const asked = beginStop('done', at)(resumed(atRest()))?.session;
    const refused = asked && refuseStart(0, { at, failure: TAKEN })(asked)?.session;
    const over = refused && finish(at)(refused)?.session;
    expect(over).toMatchObject({ status: 'stopped', stopReason: 'done', stopAskedAt: at });
  });
});

describe('where a resumed machine is', () => {
  const up = recordStarted(0, START)(resumed(atRest()))?.session ?? keeping();
  const news = (of: Session, phase: 'stopped' | 'starting' | 'running', address = ADDRESS) =>
    addressNews(of, first(of), { id: 'i-1', tag: 'x', phase, address });

  test('is not what was shown of it before it runs again', () => {
    expect(first(up)).not.toHaveProperty('address');
    expect([news(up, 'stopped'), news(up, 'starting')]).toStrictEqual([undefined, undefined]);
    expect(news(up, 'running')).toStrictEqual(ADDRESS);
  });

  test('follows what is shown until it serves, and gets no more time for that', () => {
    const found = { address: ADDRESS, at: START, proofTimeoutMs: 5 };
    const located = recordAddress(0, found)(up)?.session ?? up;
    expect(first(located).readyBy).toBe(START + 5);
    expect(news(located, 'running')).toBeUndefined();
    expect(news(located, 'running', MOVED)).toStrictEqual(MOVED);
    const moved = recordAddress(0, { ...found, address: MOVED, at: START + 3 })(located)?.session;
    expect(moved && first(moved)).toMatchObject({ address: MOVED, readyBy: START + 5 });
    const serves = { ...located, instances: [{ ...first(located), runningAt: START }] };
    expect(news(serves, 'running', MOVED)).toBeUndefined();
  });

  test('of a server is not where another one may answer by now', () => {
    const workload = { kind: 'entrypoint', image: 'example/server', ports: [8000] } as const;
    const server = { ...up, request: { ...up.request, workload } };
    const openPorts = [{ internal: 8000, host: '192.0.2.1', port: 30_080 }];
    const shown = (phase: 'stopped' | 'running') =>
      endpointNews(server, first(server), { id: 'i-1', tag: 'x', phase, openPorts });
    expect(shown('stopped')).toBeUndefined();
    expect(shown('running')).toStrictEqual({ host: '192.0.2.1', port: 30_080 });
  });
});
