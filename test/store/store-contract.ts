import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import type { BrokerEvent } from '../../src/domain/events.ts';
import { INSTANCE_STATES, type Instance } from '../../src/domain/instance.ts';
import { SESSION_STATUSES, type Session } from '../../src/domain/session.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { IdempotencyClaim, Store } from '../../src/ports/store.ts';
import { instance, offer, request, START, session, sessionId } from '../support/builders.ts';
import { anySession } from '../support/session-arbitrary.ts';
import { describeActivity } from './activity-contract.ts';
import { describeForgetting } from './forget-contract.ts';
import { describeMoney } from './money-contract.ts';
import { describeOrphans } from './orphan-contract.ts';

const NOW = START + 3 * HOUR_MS;

/** What every store has to keep. `open` gives an empty one. */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`${name}: store contract`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const put = (fields: Partial<Session>, claim?: IdempotencyClaim) =>
      store.create({
        session: session(fields),
        events: [],
        ...(claim && { idempotency: claim }),
      });

    describe('reading and writing whole', () => {
      test('loads what was created', async () => {
        const created = session({ instances: [instance()] });
        await store.create({ session: created, events: [] });
        expect(await store.load(created.id)).toStrictEqual(created);
      });

      test('knows nothing of a session that was never created', async () => {
        expect(await store.load(sessionId(99))).toBeUndefined();
        expect(await store.sessionCost(sessionId(99), NOW)).toBeUndefined();
      });

      test('keeps every field of a session and an instance that can be given', async () => {
        await store.create({ session: session({ id: everyField.id }), events: [] });
        await store.save(everyField, []);
        expect(await store.load(everyField.id)).toStrictEqual({ ...everyField, version: 2 });
      });

      test('loads any session as it was saved', async () => {
        let number = 0;
        await fc.assert(
          fc.asyncProperty(anySession(), anySession(), async (first, second) => {
            number += 1;
            const id = sessionId(number);
            const created = own(first, id);
            await store.create({ session: created, events: [] });
            expect(await store.load(id)).toStrictEqual(created);
            const next = atLeastAsMany(own(second, id), created);
            expect(await store.save(next, [])).toBe('saved');
            expect(await store.load(id)).toStrictEqual({ ...next, version: 2 });
          }),
          { numRuns: 60 },
        );
      });

      test.each(SESSION_STATUSES)('takes a session that is %s', async (status) => {
        await put({ status });
        expect((await store.load(sessionId()))?.status).toBe(status);
      });

      test.each(INSTANCE_STATES)('takes an instance that is %s', async (state) => {
        await put({ instances: [instance({ state })] });
        expect((await store.load(sessionId()))?.instances[0]?.state).toBe(state);
      });

      test('takes a stray under the tag of its attempt, and no second attempt under one tag', async () => {
        const stray = instance({ role: 'stray', providerInstanceId: '2' });
        await put({ instances: [instance(), stray] });
        expect((await store.load(sessionId()))?.instances).toHaveLength(2);
        await expect(put({ id: sessionId(2), instances: [instance()] })).rejects.toThrow();
        expect(await store.load(sessionId(2))).toBeUndefined();
      });

      test('lets a stray come to stand before a later attempt', async () => {
        const [first, second] = [instance({ attempt: 1 }), instance({ attempt: 2 })];
        await put({ instances: [first, second] });
        const moved = session({ instances: [first, instance({ role: 'stray' }), second] });
        expect(await store.save(moved, [])).toBe('saved');
        expect((await store.load(moved.id))?.instances).toStrictEqual(moved.instances);
      });

      test('refuses to forget an instance that it has once been given', async () => {
        const full = session({ instances: [instance()] });
        await store.create({ session: full, events: [] });
        await expect(store.save({ ...full, instances: [] }, [])).rejects.toThrow(/instances/);
        expect(await store.load(full.id)).toStrictEqual(full);
      });
    });

    describe('versions', () => {
      test('grow by one with each save', async () => {
        await put({});
        expect(await store.save(session({ status: 'running' }), [])).toBe('saved');
        expect(await store.load(sessionId())).toMatchObject({ version: 2, status: 'running' });
      });

      test('a save from an older version changes nothing and leaves no event', async () => {
        await put({});
        await store.save(session({ status: 'running' }), [extended(1)]);
        const late = await store.save(session({ status: 'failed' }), [extended(2)]);
        expect(late).toBe('stale');
        expect(await store.load(sessionId())).toMatchObject({ version: 2, status: 'running' });
        expect(await store.events(sessionId(), 10)).toEqual([extended(1)]);
      });

      test('of several saves at once from one version exactly one wins', async () => {
        await put({});
        const saves = Array.from({ length: 8 }, (_, at) => store.save(session(), [extended(at)]));
        const results = await Promise.all(saves);
        expect(results.filter((result) => result === 'saved')).toHaveLength(1);
        expect(await store.events(sessionId(), 10)).toHaveLength(1);
      });

      test('a save of an unknown session is stale', async () => {
        expect(await store.save(session(), [])).toBe('stale');
      });
    });

    describe('events', () => {
      test('come back in order, at most as many as asked for', async () => {
        await store.create({ session: session(), events: [extended(3), extended(1)] });
        await store.save(session(), [extended(2)]);
        expect(await store.events(sessionId(), 10)).toEqual([3, 1, 2].map(extended));
        expect(await store.events(sessionId(), 2)).toEqual([3, 1].map(extended));
      });

      test('are written with the change that they tell of, or not at all', async () => {
        await put({});
        const unstorable: Instance = instance({ diskGb: -1 });
        await expect(
          store.save(session({ status: 'running', instances: [unstorable] }), [extended(1)]),
        ).rejects.toThrow();
        expect(await store.load(sessionId())).toStrictEqual(session());
        expect(await store.events(sessionId(), 10)).toEqual([]);
      });

      test('of no session are kept and belong to nobody', async () => {
        await store.append([orphan]);
        await put({});
        expect(await store.events(sessionId(), 10)).toEqual([]);
      });

      test('an empty append does nothing', async () => {
        await expect(store.append([])).resolves.toBeUndefined();
      });
    });

    describe('idempotency', () => {
      const claim: IdempotencyClaim = { key: 'k1', bodyHash: 'a', expiresAt: START + DAY_MS };

      test('a known key with the same body names the first session and inserts nothing', async () => {
        expect(await put({ id: sessionId(1) }, claim)).toEqual({ kind: 'created' });
        const again = await put({ id: sessionId(2) }, claim);
        expect(again).toEqual({ kind: 'replayed', sessionId: sessionId(1) });
        expect(await store.load(sessionId(2))).toBeUndefined();
      });

      test('a known key with another body is a conflict and inserts nothing', async () => {
        await put({ id: sessionId(1) }, claim);
        const other = await put({ id: sessionId(2) }, { ...claim, bodyHash: 'b' });
        expect(other).toEqual({ kind: 'idempotency_conflict' });
        expect(await store.load(sessionId(2))).toBeUndefined();
      });

      test('of many creates at once with one key exactly one makes a session', async () => {
        const results = await Promise.all(
          Array.from({ length: 10 }, (_, index) => put({ id: sessionId(index + 1) }, claim)),
        );
        expect(results.filter((result) => result.kind === 'created')).toHaveLength(1);
        expect(results.filter((result) => result.kind === 'replayed')).toHaveLength(9);
        expect((await store.page({ limit: 100, offset: 0 })).total).toBe(1);
      });

      test('a key outlives its expiry while its session is open', async () => {
        await put({ id: sessionId(1) }, claim);
        const late = { id: sessionId(2), createdAt: START + 2 * DAY_MS };
        expect(await put(late, claim)).toEqual({ kind: 'replayed', sessionId: sessionId(1) });
      });

      test('a key is free again once it expired and its session ended', async () => {
        await put({ id: sessionId(1), status: 'stopped' }, claim);
        const early = { id: sessionId(2), createdAt: START + DAY_MS - 1 };
        expect(await put(early, claim)).toMatchObject({ kind: 'replayed' });
        expect(await put({ ...early, createdAt: START + DAY_MS }, claim)).toEqual({
          kind: 'created',
        });
      });

      const refused = (more: Partial<Instance> = {}): Partial<Session> => ({
        status: 'failed',
        stopAskedAt: START + 1_000,
        stopReason: 'launch_failed',
        instances: [
          instance({
            state: 'refused',
            failure: { code: 'insufficient_funds', message: 'no credit' },
            ...more,
          }),
        ],
      });

      test('a key whose session was refused and left nothing goes to the next one, and to one only', async () => {
        await put(refused(), claim);
        expect(await store.findClaim(claim, START)).toBeUndefined();
        const results = await Promise.all([2, 3, 4].map((n) => put({ id: sessionId(n) }, claim)));
        expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(1);
        const next = await store.findClaim(claim, START);
        expect(next).toMatchObject({ kind: 'replayed' });
        expect(next).not.toMatchObject({ sessionId: sessionId() });
      });

      test.each([
        ['is asked with another body', refused(), { kind: 'idempotency_conflict' }],
        ['left a machine', refused({ state: 'terminating' }), { kind: 'replayed' }],
        [
          'never confirmed the launch',
          refused({ state: 'absent', failure: UNCONFIRMED }),
          { kind: 'replayed' },
        ],
        ['was ended', { ...refused(), stopReason: 'deleted' as const }, { kind: 'replayed' }],
        ['came late', { ...refused(), stopAskedAt: START + HOUR_MS }, { kind: 'replayed' }],
      ])('a key whose session %s stays with it', async (why, fields, expected) => {
        await put(fields, claim);
        const bodyHash = why.includes('body') ? 'b'.repeat(64) : claim.bodyHash;
        expect(await store.findClaim({ ...claim, bodyHash }, START)).toMatchObject(expected);
        expect(await put({ id: sessionId(2) }, { ...claim, bodyHash })).toMatchObject(expected);
        expect(await store.load(sessionId(2))).toBeUndefined();
      });

      test('a key is free when its time is over and its session has ended, before anybody creates', async () => {
        await put({ status: 'stopped' }, claim);
        expect(await store.findClaim(claim, claim.expiresAt - 1)).toMatchObject({
          kind: 'replayed',
        });
        expect(await store.findClaim(claim, claim.expiresAt)).toBeUndefined();
      });

      test('creates without a key are never taken for one another', async () => {
        expect(await put({ id: sessionId(1) })).toEqual({ kind: 'created' });
        expect(await put({ id: sessionId(2) })).toEqual({ kind: 'created' });
      });
    });

    describe('attempts of the past', () => {
      const attempt = (number: number, fields: Partial<Instance> = {}): Partial<Session> => ({
        id: sessionId(number),
        instances: [
          instance({ sessionId: sessionId(number), intendedAt: START + number, ...fields }),
        ],
      });
      const tagsSince = async (since: number, limit = 10, offset = 0) =>
        (await store.attemptsSince({ since, limit, offset })).map((one) => one.attempt.tag);

      test('are told newest first, from a moment on, in pages', async () => {
        const tags = [];
        for (const number of [1, 2, 3, 4]) {
          const made = attempt(number);
          await put(made);
          tags.push(made.instances?.[0]?.tag);
        }
        expect(await tagsSince(START + 2)).toStrictEqual([tags[3], tags[2], tags[1]]);
        expect(await tagsSince(START, 2)).toStrictEqual([tags[3], tags[2]]);
        expect(await tagsSince(START, 2, 2)).toStrictEqual([tags[1], tags[0]]);
      });

      test('say what became of them, of which offer, and what was ordered', async () => {
        const failure = { code: 'never_ready', message: 'no login' } as const;
        const odds = { prior: 0.6, own: 0.4 };
        const made = attempt(1, { failure, offer: offer({ odds }), terminateAskedAt: START + 9 });
        const asked = request({ readyTimeoutMs: MINUTE_MS });
        await put({ ...made, request: asked });
        const [found] = await store.attemptsSince({ since: START, limit: 1, offset: 0 });
        expect(found).toMatchObject({
          attempt: { failure, offer: { odds }, terminateAskedAt: START + 9, launchAttempts: 0 },
          order: { workload: { kind: 'ssh' }, readyTimeoutMs: MINUTE_MS },
        });
        expect(found?.attempt).not.toHaveProperty('runningAt');
      });

      test('leave out second machines under the same tag', async () => {
        await put(attempt(1, { role: 'stray' }));
        expect(await tagsSince(START)).toStrictEqual([]);
      });
    });

    describe('pages', () => {
      test('are newest first, do not overlap, and count all that match', async () => {
        for (const number of [1, 2, 3, 4, 5]) {
          await put({ id: sessionId(number), createdAt: START + Math.floor(number / 2) });
        }
        const first = await store.page({ limit: 2, offset: 0 });
        const second = await store.page({ limit: 2, offset: 2 });
        const third = await store.page({ limit: 2, offset: 4 });
        const ids = [first, second, third].flatMap((page) => page.sessions.map(({ id }) => id));
        expect(ids).toEqual([5, 4, 3, 2, 1].map(sessionId));
        expect([first.total, second.total, third.total]).toEqual([5, 5, 5]);
      });

      test('are narrowed by consumer, status and the provider of the current attempt', async () => {
        const beta = offer({ provider: 'beta', api: 'beta-1' });
        const id = sessionId(2);
        await put({ id: sessionId(1), status: 'running', instances: [instance()] });
        await put({
          id,
          request: request({ consumerId: 'consumer-2' }),
          instances: [
            instance({ sessionId: id, state: 'refused' }),
            instance({ sessionId: id, attempt: 2, offer: beta }),
          ],
        });
        const idsOf = async (query: object) => {
          const page = await store.page({ limit: 10, offset: 0, ...query });
          expect(page.total).toBe(page.sessions.length);
          return page.sessions.map((found) => found.id);
        };
        expect(await idsOf({ consumerId: 'consumer-2' })).toEqual([id]);
        expect(await idsOf({ status: 'running' })).toEqual([sessionId(1)]);
        expect(await idsOf({ provider: 'alpha' })).toEqual([sessionId(1)]);
        expect(await idsOf({ provider: 'beta' })).toEqual([id]);
        expect(await idsOf({ provider: 'beta', status: 'running' })).toEqual([]);
      });
    });

    describe('open sessions', () => {
      test('are those not ended or with an instance not final, oldest first', async () => {
        await put({ id: sessionId(1), createdAt: START + 5, status: 'running' });
        await put({ id: sessionId(2), status: 'stopped' });
        await put({
          id: sessionId(3),
          status: 'failed',
          instances: [of(3, { state: 'terminating' })],
        });
        await put({ id: sessionId(4), status: 'failed', instances: [of(4, { state: 'gone' })] });
        expect(await store.openIds()).toEqual([sessionId(3), sessionId(1)]);
      });

      test('are no longer open after the save that ends them', async () => {
        const running = session({
          status: 'stopping',
          instances: [instance({ state: 'terminating' })],
        });
        await store.create({ session: running, events: [] });
        const ended = {
          ...running,
          status: 'stopped' as const,
          instances: [instance({ state: 'gone' })],
        };
        await store.save(ended, []);
        expect(await store.openIds()).toEqual([]);
      });

      test('at an API are those that have any instance there', async () => {
        const beta = offer({ provider: 'beta', api: 'beta-1' });
        await put({ id: sessionId(1), instances: [of(1, {}), of(1, { attempt: 2, offer: beta })] });
        await put({ id: sessionId(2), instances: [of(2, { offer: beta })] });
        await put({ id: sessionId(3), status: 'stopped', instances: [of(3, { state: 'gone' })] });
        const idsAt = async (api: string) => (await store.openAt(api)).map(({ id }) => id);
        expect(await idsAt('alpha')).toEqual([sessionId(1)]);
        expect(await idsAt('beta-1')).toEqual([sessionId(1), sessionId(2)]);
        expect(await idsAt('gamma')).toEqual([]);
      });
    });

    describe('costs', () => {
      const line = (fields: Partial<CostEntry>): CostEntry => ({
        part: 'gpu',
        rateMicroUsdPerHour: 1_000_000,
        startedAt: START,
        ...fields,
      });
      const costs = (from: number, to: number, consumerId?: string) =>
        store.costs({ window: { from, to }, ...(consumerId !== undefined && { consumerId }) }, NOW);

      test('are the parts of all lines inside the window; hours are those with a GPU', async () => {
        const disk = line({
          part: 'disk',
          rateMicroUsdPerHour: 100_000,
          endedAt: START + 2 * HOUR_MS,
        });
        const gpu = line({ startedAt: START + HOUR_MS, endedAt: START + 2 * HOUR_MS });
        await put({ instances: [instance({ costs: [disk, gpu] })] });
        const row = { sessionId: sessionId(), provider: 'alpha', gpuType: 'RTX 4090' };
        expect(await costs(START, START + DAY_MS)).toEqual([
          { ...row, cost: 1_200_000, billedMs: HOUR_MS },
        ]);
        expect(await costs(START + 90 * MINUTE_MS, START + DAY_MS)).toEqual([
          { ...row, cost: 550_000, billedMs: 30 * MINUTE_MS },
        ]);
      });

      test('of a disk alone, kept while the machine is stopped, are no hours', async () => {
        const disk = line({ part: 'disk', rateMicroUsdPerHour: 100_000 });
        await put({ instances: [instance({ state: 'preserved', costs: [disk] })] });
        expect(await costs(START, START + DAY_MS)).toMatchObject([{ cost: 300_000, billedMs: 0 }]);
      });

      test('of an open line run until now', async () => {
        await put({ instances: [instance({ costs: [line({})] })] });
        expect(await costs(START, START + DAY_MS)).toMatchObject([
          { cost: 3_000_000, billedMs: 3 * HOUR_MS },
        ]);
        expect(await store.sessionCost(sessionId(), NOW)).toBe(3_000_000);
      });

      test('leave out sessions with no charged time in the window', async () => {
        const over = line({ endedAt: START + HOUR_MS });
        await put({ id: sessionId(1), instances: [of(1, { costs: [over] })] });
        await put({ id: sessionId(2), instances: [of(2, { costs: [line({ endedAt: START })] })] });
        await put({ id: sessionId(3) });
        expect(await costs(START + HOUR_MS, START + DAY_MS)).toEqual([]);
        expect(await costs(START - DAY_MS, START)).toEqual([]);
        expect(await costs(NOW, NOW + DAY_MS)).toEqual([]);
      });

      test('stand apart by session, provider and GPU type, with a gap between attempts not billed', async () => {
        const beta = offer({ provider: 'beta', gpuType: 'H100' });
        const first = line({ endedAt: START + HOUR_MS });
        const again = line({ startedAt: START + 2 * HOUR_MS, endedAt: START + 3 * HOUR_MS });
        await put({
          instances: [
            instance({ costs: [first] }),
            instance({ attempt: 2, costs: [again] }),
            instance({ attempt: 3, offer: beta, costs: [first] }),
          ],
        });
        expect(await costs(START, START + DAY_MS)).toEqual([
          {
            sessionId: sessionId(),
            provider: 'alpha',
            gpuType: 'RTX 4090',
            cost: 2_000_000,
            billedMs: 2 * HOUR_MS,
          },
          {
            sessionId: sessionId(),
            provider: 'beta',
            gpuType: 'H100',
            cost: 1_000_000,
            billedMs: HOUR_MS,
          },
        ]);
      });

      test('are narrowed by consumer', async () => {
        const mine = request({ consumerId: 'consumer-2' });
        await put({ id: sessionId(1), instances: [of(1, { costs: [line({})] })] });
        await put({ id: sessionId(2), request: mine, instances: [of(2, { costs: [line({})] })] });
        const rows = await costs(START, START + DAY_MS, 'consumer-2');
        expect(rows.map((row) => row.sessionId)).toEqual([sessionId(2)]);
      });

      test('of windows that touch add up to the whole, to the micro-dollar', async () => {
        let number = 0;
        const property = fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(9_999_999), fc.nat(100_000_000), fc.nat(50_000_000)), {
            minLength: 1,
            maxLength: 5,
          }),
          fc.nat(200_000_000),
          async (lines, cutMs) => {
            number += 1;
            const consumerId = `c${number}`;
            const ledger = lines.map(([rate, startMs, lengthMs]) => ({
              part: 'gpu' as const,
              rateMicroUsdPerHour: rate,
              startedAt: START + startMs,
              endedAt: START + startMs + lengthMs,
            }));
            await put({
              id: sessionId(number),
              request: request({ consumerId }),
              instances: [of(number, { costs: ledger })],
            });
            const sum = async (from: number, to: number) =>
              (await costs(from, to, consumerId)).reduce((total, row) => total + row.cost, 0);
            const parts =
              (await sum(START, START + cutMs)) + (await sum(START + cutMs, START + 10 * DAY_MS));
            expect(parts).toBe(await store.sessionCost(sessionId(number), NOW));
          },
        );
        await fc.assert(property, { numRuns: 40 });
      });
    });

    describeOrphans(() => store);
    describeMoney(() => store);
    describeActivity(() => store);
    describeForgetting(() => store);

    test('lets what has begun finish before it closes, and refuses what comes after', async () => {
      const begun = put({});
      const closed = store.close();
      await expect(begun).resolves.toEqual({ kind: 'created' });
      await closed;
      await expect(store.openIds()).rejects.toThrow(/closed/);
    });
  });
}

/** Typed so that a field which is added to the domain has to be added here, and then has to be stored. */
const everyInstanceField: Required<Instance> = {
  ...instance(),
  role: 'attempt',
  providerInstanceId: '4711',
  address: { host: '10.0.0.1', port: 2222, user: 'root' },
  endpoint: { host: '10.0.0.1', port: 30080 },
  hostKey: 'SHA256:abc',
  machine: {
    gpus: [
      {
        name: 'NVIDIA H100 80GB HBM3',
        memoryTotalMb: 81_559,
        memoryUsedMb: 4,
        utilizationPercent: 0,
        temperatureC: 31,
        powerW: 70,
      },
    ],
    driverVersion: '570.86.15',
    cudaVersion: '12.8',
    diskFreeBytes: 50_000_000_000,
    work: {
      uptimeSeconds: 61,
      cpuCount: 16,
      cpuBusySeconds: 12.5,
      networkBytes: 1_000,
      diskBytes: 2_000,
      logins: 0,
      gpuProcesses: 0,
    },
  },
  mismatches: [{ kind: 'gpu_count', offered: '2', found: '1' }],
  hostKeyChangedAt: START + 12,
  loginLostAt: START + 13,
  unreachableAt: START + 14,
  bidPerHour: 310_000,
  settleBy: START + 1,
  launchedAt: START + 2,
  firstSeenAt: START + 3,
  accessGrantedAt: START + 4,
  runningAt: START + 5,
  preservedAt: START + 10,
  resumedAt: START + 11,
  troubledAt: START + 6,
  terminateAskedAt: START + 7,
  notBefore: START + 8,
  goneAt: START + 9,
  failure: { code: 'instance_lost', message: 'It vanished.' },
  costs: [{ part: 'gpu', rateMicroUsdPerHour: 1, startedAt: START, endedAt: START + 1 }],
};

const everyField: Required<Session> = {
  ...session(),
  request: request({
    choice: {
      kind: 'requirements',
      filter: { gpuTypes: ['H100'], minVramGb: 80 },
      prefer: 'price',
    },
    keepsDisk: true,
    bidPerHour: 310_000,
    sshPublicKey: 'ssh-ed25519 AAAA',
    maxPricePerHour: 1,
    readyTimeoutMs: 2,
  }),
  sealedPrivateKey: 'v1.sealed',
  runningAt: START + 1,
  stopAskedAt: START + 2,
  stopReason: 'deleted',
  stoppedAt: START + 3,
  discardAskedAt: START + 7,
  ranBeforeMs: 60_000,
  agentTokenHash: 'c0ffee',
  lastActiveAt: START + 4,
  idleSince: START + 5,
  lastIdleAt: START + 6,
  idleWarnedAt: START + 8,
  idleEndsAt: START + 10,
  interruptedAt: START + 9,
  leftMs: 1_000,
  formerEnd: { expiresAt: START + 15, stopReason: 'done', reservationHours: 3 },
  error: { code: 'never_ready', message: 'It never came up.' },
  instances: [everyInstanceField],
};

const orphan: BrokerEvent = {
  kind: 'orphan_detected',
  at: START,
  provider: 'alpha',
  api: 'alpha',
  tag: 'gpub-test01-0000000000000009-1',
  providerInstanceId: '9',
};

const UNCONFIRMED = { code: 'launch_unconfirmed', message: 'Nothing appeared.' } as const;

function extended(at: number): BrokerEvent {
  return { kind: 'session_extended', at, sessionId: sessionId(), expiresAt: at };
}

function of(number: number, fields: Partial<Instance>): Instance {
  return instance({ ...fields, sessionId: sessionId(number) });
}

/** The same session under another id, tags included. */
function own(any: Session, id: string): Session {
  const instances = any.instances.map((each) => ({
    ...each,
    sessionId: id,
    tag: instance({ sessionId: id, attempt: each.attempt }).tag,
  }));
  return { ...any, id, instances };
}

/** A later state never has fewer instances than an earlier one. */
function atLeastAsMany(next: Session, before: Session): Session {
  const missing = before.instances.slice(next.instances.length);
  return { ...next, instances: [...next.instances, ...missing] };
}
