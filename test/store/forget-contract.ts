import { describe, expect, test } from 'vitest';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import type { BrokerEvent } from '../../src/domain/events.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Session } from '../../src/domain/session.ts';
import { DAY_MS, HOUR_MS, utcDayStart } from '../../src/domain/time.ts';
import type { ForgetSessionsQuery, ReconciledCharge, Store } from '../../src/ports/store.ts';
import { instance, orphan, request, START, session, sessionId } from '../support/builders.ts';

const ENDED = START + 2 * HOUR_MS;
const NOW = ENDED + 500 * DAY_MS;
const EVERYTHING: ForgetSessionsQuery = {
  endedBefore: NOW - 400 * DAY_MS,
  now: NOW,
  bills: { goneAfter: NOW - 7 * DAY_MS, settleMs: DAY_MS },
  limit: 10,
};
const MONTH = { from: utcDayStart(START), to: utcDayStart(START) + 30 * DAY_MS };

/** What every store has to do when old things are to go. `current` gives one that is empty before each test. */
export function describeForgetting(current: () => Store): void {
  const put = async (number = 1, { of, ...fields }: Fields = {}): Promise<Session> => {
    const made = ended(number, { of, ...fields });
    await current().create({ session: made, events: [told(number, ENDED)] });
    return made;
  };
  const forget = async (query: Partial<ForgetSessionsQuery> = {}) =>
    (await current().forgetSessions({ ...EVERYTHING, ...query })).ids;

  test('how the clock went is kept as it was last told', async () => {
    expect(await current().clockHistory()).toBeUndefined();
    for (const upMs of [1, 2]) {
      const history = { upMs, settings: [{ aheadMs: START, sinceMs: 0.5 }] };
      await current().keepClockHistory(history);
      expect(await current().clockHistory()).toEqual(history);
    }
  });

  describe('forgetting a session', () => {
    test('takes it away with everything of it but what it cost', async () => {
      const { id } = await put();
      await current().saveCharges([charge()]);
      const before = await allFigures(current());
      expect(await forget()).toEqual([id]);
      expect(await current().load(id)).toBeUndefined();
      expect(await current().events(id, 10)).toEqual([]);
      expect(await current().page({ limit: 10, offset: 0 })).toEqual({ sessions: [], total: 0 });
      expect(await allFigures(current())).toEqual(before);
      expect(before).toMatchObject({ sums: { sessions: 1 }, ofSession: 800_000 });
    });

    test('keeps its cost also where it was never taken into the sums of the days', async () => {
      const { id } = await put();
      const [plain] = await current().costs({ window: MONTH }, NOW);
      await forget();
      const { parts } = await current().costSums({ window: MONTH }, NOW);
      expect(parts).toMatchObject([{ cost: plain?.cost, billedMs: plain?.billedMs }]);
      expect(await current().sessionCost(id, NOW)).toBe(plain?.cost);
    });

    test('is not told of a session that is written later', async () => {
      const made = await put();
      await forget();
      expect(await current().save(made, [])).toBe('stale');
      expect(await current().load(made.id)).toBeUndefined();
    });

    test('begins with the oldest, takes no more than asked for, and says whether there may be more', async () => {
      for (const number of [1, 2, 3]) await put(number, { createdAt: START - number * HOUR_MS });
      const query = { ...EVERYTHING, limit: 2 };
      expect(await current().forgetSessions(query)).toEqual({
        ids: [sessionId(3), sessionId(2)],
        isMoreDue: true,
      });
      expect(await current().forgetSessions(query)).toEqual({
        ids: [sessionId(1)],
        isMoreDue: false,
      });
    });

    test('takes one with very many events in several steps', async () => {
      const { id } = await put();
      const events = Array.from({ length: 1_200 }, () => told(1, ENDED));
      await current().append(events);
      expect(await current().forgetSessions(EVERYTHING)).toEqual({ ids: [], isMoreDue: true });
      expect(await current().load(id)).toBeDefined();
      await forget();
      expect(await forget()).toEqual([id]);
    });

    test('leaves others and what they cost alone', async () => {
      await put(1);
      const kept = await put(2, { stoppedAt: NOW - 399 * DAY_MS });
      await forget();
      expect(await current().load(kept.id)).toEqual(kept);
      expect(await current().events(kept.id, 10)).toHaveLength(1);
      expect(await current().costs({ window: MONTH }, NOW)).toHaveLength(1);
    });
  });

  describe('a session is not forgotten', () => {
    const cases: readonly (readonly [string, Fields])[] = [
      ['while it runs', { status: 'running', of: { state: 'launched' } }],
      ['while its machine is not proven gone', { of: { state: 'terminating' } }],
      ['while a launch of it may have happened', { status: 'failed', of: { state: 'unsettled' } }],
      ['while its disk is kept', { of: { state: 'preserved' } }],
      ['while a line of its ledger runs', { of: { costs: [RUNNING] } }],
      ['when it ended only lately', { stoppedAt: NOW - DAY_MS }],
      ['when a machine of it was gone only lately', { of: { goneAt: NOW - 30 * DAY_MS } }],
    ];
    test.each(cases)('%s', async (_when, fields) => {
      const { id } = await put(1, fields);
      expect(await forget()).toEqual([]);
      expect(await current().load(id)).toBeDefined();
    });

    test('while its bill is asked for, or may change', async () => {
      await put();
      const bills = { goneAfter: ENDED - 1, settleMs: DAY_MS };
      expect(await forget({ bills })).toEqual([]);
      await current().saveCharges([charge({ readAt: ENDED + HOUR_MS })]);
      expect(await forget({ bills })).toEqual([]);
      await current().saveCharges([charge({ readAt: ENDED + 2 * DAY_MS })]);
      expect(await forget({ bills })).toEqual([sessionId(1)]);
    });

    test('while the same request is answered with it', async () => {
      const claim = { key: 'k', bodyHash: 'h', expiresAt: NOW + 1 };
      await current().create({ session: ended(1), events: [], idempotency: claim });
      expect(await forget()).toEqual([]);
      expect(await forget({ now: NOW + 1 })).toEqual([sessionId(1)]);
      expect(await current().findClaim(claim, NOW + 1)).toBeUndefined();
    });

    test('while a machine that nobody wants stands under its tag', async () => {
      const { instances } = await put();
      const standing = orphan({ tag: instances[0]?.tag ?? '', state: 'ignored' });
      await current().saveOrphan(standing, []);
      expect(await forget()).toEqual([]);
      await current().dropOrphan({ ...standing, version: 1 }, []);
      expect(await forget()).toEqual([sessionId(1)]);
    });
  });

  describe('forgetting events', () => {
    const before = NOW - 90 * DAY_MS;
    const query = {
      now: NOW,
      before,
      ofNoSessionBefore: before,
      lasting: [],
      after: 0,
      limit: 100,
    };
    const raised = (at: number): BrokerEvent => ({
      kind: 'incident_raised',
      at,
      incident: { kind: 'store_failing' },
    });

    test('takes the story of a session that ended long ago, and leaves the session', async () => {
      const { id } = await put();
      expect(await current().forgetEvents(query)).toEqual({ count: 1 });
      expect(await current().events(id, 10)).toEqual([]);
      expect(await current().load(id)).toBeDefined();
    });

    test('leaves the whole story of a session that is not over, or has not been for so long', async () => {
      await put(1, { status: 'running', of: { state: 'launched' } });
      await put(2, { stoppedAt: before });
      expect(await current().forgetEvents(query)).toEqual({ count: 0 });
      expect(await current().events(sessionId(1), 10)).toHaveLength(1);
      expect(await current().events(sessionId(2), 10)).toHaveLength(1);
    });

    test('takes those of no session up to a moment of their own', async () => {
      await current().append([raised(START), raised(START + DAY_MS)]);
      const ofNoSessionBefore = START + 1;
      expect(await current().forgetEvents({ ...query, ofNoSessionBefore })).toEqual({ count: 1 });
      expect(await current().forgetEvents(query)).toEqual({ count: 1 });
    });

    describe('keeps what was told since an incident that lasts began', () => {
      const day = (count: number) => START + count * DAY_MS;
      const place = { provider: 'alpha', api: 'alpha' };
      const failing = { kind: 'list_failing', failure: 'unavailable' } as const;
      const lasting = [{ facts: failing, place, since: NOW }];
      const begun = (at: number, api = 'alpha'): BrokerEvent => ({
        kind: 'incident_raised',
        at,
        incident: failing,
        ...place,
        api,
      });
      const over = (at: number, api = 'alpha'): BrokerEvent => ({
        ...begun(at, api),
        kind: 'incident_cleared',
        incident: failing,
        lastedMs: 1,
      });

      test('also where an earlier process told of it first', async () => {
        await current().append([raised(day(0)), begun(day(1)), raised(day(2)), begun(NOW)]);
        expect(await current().forgetEvents({ ...query, lasting })).toEqual({ count: 1 });
        expect(await current().forgetEvents(query)).toEqual({ count: 2 });
      });

      test('and not what was told of one that was over, is elsewhere, or is of another kind', async () => {
        await current().append([
          begun(day(1)),
          over(day(2)),
          begun(day(3), 'beta'),
          raised(day(4)),
        ]);
        await current().append([begun(NOW), over(NOW, 'beta')]);
        expect(await current().forgetEvents({ ...query, lasting })).toEqual({ count: 4 });
      });

      test('where it concerns the broker itself', async () => {
        await current().append([begun(day(0)), raised(day(1))]);
        const own = [{ facts: { kind: 'store_failing' }, place: undefined, since: NOW }] as const;
        expect(await current().forgetEvents({ ...query, lasting: own })).toEqual({ count: 1 });
      });
    });

    test('goes on where the last step ended, behind what has to stay', async () => {
      await put(1, { status: 'running', of: { state: 'launched' } });
      await put(2);
      await put(3);
      const first = await current().forgetEvents({ ...query, limit: 2 });
      expect(first).toMatchObject({ count: 1, next: expect.any(Number) });
      const second = await current().forgetEvents({ ...query, limit: 2, after: first.next ?? 0 });
      expect(second).toEqual({ count: 1 });
    });

    test('looks no further where nothing is old enough', async () => {
      await current().append([raised(NOW), raised(NOW), raised(START)]);
      expect(await current().forgetEvents({ ...query, limit: 2 })).toEqual({ count: 0 });
    });

    test('looks past what a clock that was ahead has dated later than now', async () => {
      await current().append([raised(NOW + 1), raised(NOW + 1), raised(START)]);
      const { next = 0 } = await current().forgetEvents({ ...query, limit: 2 });
      expect(await current().forgetEvents({ ...query, limit: 2, after: next })).toEqual({
        count: 1,
      });
    });
  });
}

type Fields = Partial<Session> & { readonly of?: Partial<Instance> | undefined };

const LINE = {
  part: 'gpu',
  rateMicroUsdPerHour: 400_000,
  startedAt: START,
  endedAt: ENDED,
} as const;

const RUNNING: CostEntry = { part: 'gpu', rateMicroUsdPerHour: 400_000, startedAt: START };

function ended(number: number, { of, ...fields }: Fields = {}): Session {
  const id = sessionId(number);
  const machine = instance({
    sessionId: id,
    state: 'gone',
    providerInstanceId: `i${number}`,
    goneAt: ENDED,
    costs: [LINE],
    ...of,
  });
  return session({ id, status: 'stopped', stoppedAt: ENDED, instances: [machine], ...fields });
}

function told(number: number, at: number): BrokerEvent {
  return { kind: 'idle_warning_cleared', at, sessionId: sessionId(number) };
}

function charge(overrides: Partial<ReconciledCharge> = {}): ReconciledCharge {
  return {
    provider: 'alpha',
    providerInstanceId: 'i1',
    sessionId: sessionId(1),
    endedAt: ENDED,
    billed: 810_000,
    traffic: 5_000,
    estimated: 800_000,
    readAt: ENDED + 2 * DAY_MS,
    ...overrides,
  };
}

/** All that can be asked of what was spent. */
async function allFigures(store: Store) {
  const { consumerId } = request();
  const query = { window: MONTH, consumerId };
  return {
    sums: await store.costSums({ window: MONTH }, NOW),
    ofConsumer: await store.costSums(query, NOW),
    ofSession: await store.sessionCost(sessionId(1), NOW),
    charged: await store.reconciledCosts({ window: MONTH }),
    chargedToConsumer: await store.reconciledCosts(query),
    chargedForSession: await store.reconciledCosts({ sessionId: sessionId(1) }),
  };
}
