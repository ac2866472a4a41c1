import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BrokerEvent } from '../../src/domain/events.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import type { Loop } from '../../src/runtime/loop.ts';
import { startRetention } from '../../src/sessions/retention.ts';
import { openStore } from '../../src/store/open-store.ts';
import { DEPLOYMENT, instance, orphan, START, session, sessionId } from '../support/builders.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

/** Of the database, one after the other. */
const CALLS_A_STEP = 6;

let store: Store;
let loop: Loop | undefined;
beforeEach(async () => {
  ({ store } = await openStore({ path: ':memory:', newDeploymentId: () => DEPLOYMENT }));
});
afterEach(async () => {
  await loop?.stop();
  await store.close();
});

/** A broker that begins so long after the sessions ended. */
async function start(laterMs: number, changes: Changes = {}) {
  const clock = manualClock({ startAt: START + laterMs });
  const recorder = recordingRecorder();
  const { incidents = [], ...policy } = changes;
  loop = startRetention({
    store: changes.store ?? store,
    clock,
    recorder,
    policy: { ...DEFAULT_POLICY, clockEvenForMs: 0, ...policy },
    incidents: () => incidents,
  });
  await clock.advance(0);
  return { clock, recorder };
}

type Changes = Partial<Policy> & {
  readonly store?: Store;
  readonly incidents?: readonly Incident[];
};

async function putEnded(count: number): Promise<void> {
  for (let number = 1; number <= count; number += 1) {
    const id = sessionId(number);
    const machine = instance({ sessionId: id, state: 'gone', goneAt: START });
    await store.create({
      session: session({ id, status: 'stopped', stoppedAt: START, instances: [machine] }),
      events: [{ kind: 'idle_warning_cleared', at: START, sessionId: id }],
    });
  }
}

async function left(): Promise<number> {
  return (await store.page({ limit: 100, offset: 0 })).total;
}

const removals = ({ notes }: ReturnType<typeof recordingRecorder>) =>
  notes.filter(({ kind }) => kind === 'old_data_removed');

test('sessions go 400 days after their end, their events after 90', async () => {
  await putEnded(1);
  const { clock, recorder } = await start(90 * DAY_MS - 1, { retentionIntervalMs: DAY_MS });
  expect(removals(recorder)).toEqual([]);
  await clock.advance(2 * DAY_MS);
  expect(removals(recorder)).toEqual([{ kind: 'old_data_removed', sessions: 0, events: 1 }]);
  await clock.advance(310 * DAY_MS);
  expect(await left()).toBe(0);
  expect(removals(recorder).at(-1)).toEqual({ kind: 'old_data_removed', sessions: 1, events: 0 });
});

test('nothing goes where it is to be kept for ever', async () => {
  await putEnded(1);
  const forEver = { sessionsKeptMs: undefined, eventsKeptMs: undefined };
  const { recorder } = await start(10_000 * DAY_MS, forEver);
  expect(removals(recorder)).toEqual([]);
  expect(await left()).toBe(1);
  expect(await store.events(sessionId(1), 10)).toHaveLength(1);
});

test('few go at a time, and the next ones a second later, until none is due', async () => {
  await putEnded(12);
  const { clock, recorder } = await start(401 * DAY_MS);
  const counts = [await left()];
  for (let second = 0; second < 4; second += 1) {
    await clock.advance(SECOND_MS);
    counts.push(await left());
  }
  expect(counts).toEqual([7, 2, 0, 0, 0]);
  expect(removals(recorder)).toHaveLength(3);
});

test('what a process did not come to the next one goes on with', async () => {
  await putEnded(12);
  await start(401 * DAY_MS);
  await loop?.stop();
  const { clock } = await start(401 * DAY_MS);
  await clock.advance(2 * SECOND_MS);
  expect(await left()).toBe(0);
});

describe('a clock that was set', () => {
  const { clockEvenForMs } = DEFAULT_POLICY;

  test('removes nothing at the start, and before it has gone evenly for six hours', async () => {
    await putEnded(1);
    const { clock } = await start(401 * DAY_MS, { clockEvenForMs });
    await clock.advance(clockEvenForMs - 1);
    expect(await left()).toBe(1);
    await clock.advance(1);
    expect(await left()).toBe(0);
  });

  test('removes nothing when it is set forward by 400 days for less than that', async () => {
    await putEnded(1);
    const { clock, recorder } = await start(HOUR_MS, { clockEvenForMs });
    await clock.advance(2 * clockEvenForMs);
    clock.jump(400 * DAY_MS);
    await clock.advance(clockEvenForMs - HOUR_MS);
    clock.jump(-400 * DAY_MS);
    await clock.advance(2 * clockEvenForMs);
    expect(removals(recorder)).toEqual([]);
    expect(await left()).toBe(1);
  });

  test('is believed when it stays so', async () => {
    await putEnded(1);
    const { clock } = await start(HOUR_MS, { clockEvenForMs });
    clock.jump(400 * DAY_MS);
    await clock.advance(clockEvenForMs + HOUR_MS);
    expect(await left()).toBe(0);
  });

  test('removes nothing when it is ahead again and again, never for so long', async () => {
    await putEnded(1);
    const { clock, recorder } = await start(HOUR_MS, { clockEvenForMs });
    for (let time = 0; time < 20; time += 1) {
      await clock.advance(clockEvenForMs - HOUR_MS);
      clock.jump(400 * DAY_MS);
      await clock.advance(clockEvenForMs - 2 * HOUR_MS);
      clock.jump(MINUTE_MS / 2 - 400 * DAY_MS);
    }
    expect(removals(recorder)).toEqual([]);
  });

  test.each([
    { what: 'sleeps every few hours', awakeMs: 5 * HOUR_MS, asleepMs: 7 * HOUR_MS },
    { what: 'is fast by a minute an hour', awakeMs: HOUR_MS, asleepMs: MINUTE_MS + SECOND_MS },
  ])('of a machine that $what holds back by hours what is old', async ({ awakeMs, asleepMs }) => {
    await putEnded(1);
    const { clock } = await start(399 * DAY_MS, { clockEvenForMs });
    const liveUntil = async (at: number) => {
      while (clock.now() < at) {
        await clock.advance(awakeMs);
        clock.jump(asleepMs);
      }
    };
    await liveUntil(START + 400 * DAY_MS - asleepMs - awakeMs);
    expect(await left()).toBe(1);
    await liveUntil(START + 401 * DAY_MS + HOUR_MS);
    expect(await left()).toBe(0);
  });

  /** Hour by hour, each with all of its step. */
  const live = async (clock: ManualClock, hours: number) => {
    for (let hour = 0; hour < hours; hour += 1) {
      await clock.advance(HOUR_MS);
      for (let call = 0; call < CALLS_A_STEP; call += 1) await left();
    }
  };

  test('of a machine that is shut down every few hours holds back by hours what is old', async () => {
    await putEnded(1);
    const liveUntil = async (fromHour: number, untilHour: number) => {
      for (let hour = fromHour; hour < untilHour; hour += 12) {
        const { clock } = await start(hour * HOUR_MS, { clockEvenForMs });
        await live(clock, 5);
        await loop?.stop();
      }
    };
    await liveUntil(398 * 24, 400 * 24 - 12);
    expect(await left()).toBe(1);
    await liveUntil(400 * 24 - 12, 402 * 24);
    expect(await left()).toBe(0);
  });

  test('is not remembered for each of many processes that end at once', async () => {
    await putEnded(1);
    for (let hour = 0; hour < 50; hour += 1) {
      const { clock } = await start(401 * DAY_MS + hour * HOUR_MS, { clockEvenForMs });
      await clock.advance(0);
      await loop?.stop();
    }
    expect((await store.clockHistory())?.settings).toHaveLength(2);
    expect(await left()).toBe(1);
  });

  test('removes nothing when it is ahead at every start, and put right before long', async () => {
    await putEnded(1);
    for (let day = 1; day < 10; day += 1) {
      const wrong = await start((400 + day) * DAY_MS, { clockEvenForMs });
      await live(wrong.clock, 1);
      await loop?.stop();
      const { clock } = await start((400 + day) * DAY_MS + 2 * HOUR_MS, { clockEvenForMs });
      await live(clock, 1);
      clock.jump(-400 * DAY_MS);
      await live(clock, 8);
      await loop?.stop();
    }
    expect(await left()).toBe(1);
  });
});

test('events of no session stay while an incident lasts that began among them', async () => {
  await store.append([raised(START), cleared(START + 1), raised(START + DAY_MS)]);
  const incidents: Incident[] = [
    { facts: { kind: 'store_failing' }, place: undefined, since: START + DAY_MS },
  ];
  const { clock, recorder } = await start(200 * DAY_MS, { incidents });
  expect(removals(recorder)).toMatchObject([{ events: 2 }]);
  incidents.pop();
  await clock.advance(HOUR_MS);
  expect(removals(recorder)).toMatchObject([{ events: 2 }, { events: 1 }]);
});

test('events of no session stay while an incident lasts that an earlier process told of', async () => {
  await store.append([raised(START), raised(START + DAY_MS)]);
  const incidents: Incident[] = [
    { facts: { kind: 'store_failing' }, place: undefined, since: START + 200 * DAY_MS },
  ];
  const { recorder } = await start(200 * DAY_MS, { incidents });
  expect(removals(recorder)).toEqual([]);
});

test('events of no session stay while a machine is written down that nobody wants', async () => {
  await store.append([raised(START)]);
  await store.saveOrphan(orphan({ detectedAt: START, state: 'ignored' }), []);
  const { clock, recorder } = await start(200 * DAY_MS);
  expect(removals(recorder)).toEqual([]);
  await store.dropOrphan(orphan({ detectedAt: START, state: 'ignored', version: 1 }), []);
  await clock.advance(HOUR_MS);
  expect(removals(recorder)).toMatchObject([{ events: 1 }]);
});

test('that the database takes nothing is told, and tried again', async () => {
  await putEnded(1);
  let isFull = true;
  const full: Store = {
    ...store,
    forgetSessions: (query) =>
      isFull ? Promise.reject(new Error('disk is full')) : store.forgetSessions(query),
  };
  const { clock, recorder } = await start(401 * DAY_MS, { store: full });
  expect(recorder.notes).toContainEqual(
    expect.objectContaining({ kind: 'loop_failed', loop: 'retention' }),
  );
  isFull = false;
  await clock.advance(HOUR_MS);
  expect(await left()).toBe(0);
});

function raised(at: number): BrokerEvent {
  return { kind: 'incident_raised', at, incident: { kind: 'store_failing' } };
}

function cleared(at: number): BrokerEvent {
  return { kind: 'incident_cleared', at, incident: { kind: 'store_failing' }, lastedMs: 1 };
}
