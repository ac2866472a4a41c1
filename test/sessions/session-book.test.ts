import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Transition } from '../../src/domain/lifecycle/change.ts';
import { beginStop } from '../../src/domain/lifecycle/ending.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import type { Store } from '../../src/ports/store.ts';
import { SessionBook } from '../../src/sessions/session-book.ts';
import { openStore } from '../../src/store/open-store.ts';
import { DEPLOYMENT, request, START, session } from '../support/builders.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { type RecordingRecorder, recordingRecorder } from '../support/recording-recorder.ts';

let store: Store;
let clock: ManualClock;
let recorder: RecordingRecorder;

beforeEach(async () => {
  ({ store } = await openStore({ path: ':memory:', newDeploymentId: () => DEPLOYMENT }));
  clock = manualClock();
  recorder = recordingRecorder();
  await store.create({ session: session(), events: [] });
});

afterEach(() => store.close());

const ID = session().id;
const bookOver = (over: Store = store) => new SessionBook({ store: over, clock, recorder });

/** One more hour reserved, so that lost updates show as lost hours. */
const oneMoreHour: Transition = (found) => ({
  session: {
    ...found,
    request: request({ reservationHours: found.request.reservationHours + 1 }),
  },
  events: [],
});

describe('an update', () => {
  test('is stored under the next version with its events, and told after it is on disk', async () => {
    const stored = await bookOver().update(ID, beginStop('done', START));
    expect(stored).toMatchObject({ version: 2, status: 'stopping' });
    expect(await store.load(ID)).toStrictEqual(stored);
    expect(recorder.events).toStrictEqual(await store.events(ID, 10));
    expect(recorder.events).toHaveLength(1);
  });

  test('that has nothing to do, or no session to do it to, writes and tells nothing', async () => {
    expect(await bookOver().update(ID, () => undefined)).toBeUndefined();
    expect(await bookOver().update('sess-x', oneMoreHour)).toBeUndefined();
    expect((await store.load(ID))?.version).toBe(1);
  });

  test('of many at once loses none: each is run again on what the others wrote', async () => {
    const book = bookOver();
    await Promise.all(Array.from({ length: 8 }, () => book.update(ID, oneMoreHour)));
    expect(await store.load(ID)).toMatchObject({
      version: 9,
      request: { reservationHours: 10 },
    });
  });

  test('beside a parallel stop keeps both, and the stop is asked for once', async () => {
    const book = bookOver();
    await Promise.all([
      book.update(ID, beginStop('done', START)),
      book.update(ID, oneMoreHour),
      book.update(ID, beginStop('deleted', START)),
    ]);
    expect(await store.load(ID)).toMatchObject({
      version: 3,
      status: 'stopping',
      request: { reservationHours: 3 },
    });
    const stops = recorder.events.filter(({ kind }) => kind === 'session_status_changed');
    expect(stops).toHaveLength(1);
  });

  test('that always loses says so instead of trying for ever', async () => {
    let tries = 0;
    const book = bookOver({
      ...store,
      save: async () => {
        tries += 1;
        return 'stale';
      },
    });
    await expect(book.update(ID, oneMoreHour)).rejects.toThrow('changed under 10 writes in a row');
    expect(tries).toBe(10);
    expect(recorder.events).toStrictEqual([]);
  });
});

describe('whoever waits for a session', () => {
  const isStopping = (found: { readonly status: string }): boolean => found.status === 'stopping';

  test('is answered at once when it is so already, and leaves no timer', async () => {
    const book = bookOver();
    await book.update(ID, beginStop('done', START));
    expect(await book.waitFor(ID, isStopping, MINUTE_MS)).toMatchObject({ status: 'stopping' });
    expect(clock.pending).toBe(0);
  });

  test('is answered by the write that makes it so, not by one before it', async () => {
    const book = bookOver();
    const waiting = book.waitFor(ID, isStopping, MINUTE_MS);
    await book.update(ID, oneMoreHour);
    await book.update(ID, beginStop('done', START));
    expect(await waiting).toMatchObject({ version: 3, status: 'stopping' });
    expect(clock.pending).toBe(0);
  });

  test('misses nothing that is written while the first look is under way', async () => {
    let look = (): Promise<unknown> => Promise.resolve();
    const book = bookOver({
      ...store,
      load: async (id) => {
        const found = await store.load(id);
        await look();
        return found;
      },
    });
    look = async () => {
      look = () => Promise.resolve();
      await book.update(ID, beginStop('done', START));
    };
    expect(await book.waitFor(ID, isStopping, MINUTE_MS)).toMatchObject({ status: 'stopping' });
  });

  test('is told how it stands when the time is up', async () => {
    const waiting = bookOver().waitFor(ID, isStopping, MINUTE_MS);
    await clock.advance(MINUTE_MS);
    expect(await waiting).toMatchObject({ status: 'pending' });
    expect(clock.pending).toBe(0);
  });

  test('is told that there is none', async () => {
    expect(await bookOver().waitFor('sess-x', isStopping, MINUTE_MS)).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test('leaves no timer when the store fails', async () => {
    const book = bookOver({ ...store, load: () => Promise.reject(new Error('disk is gone')) });
    await expect(book.waitFor(ID, isStopping, MINUTE_MS)).rejects.toThrow('disk is gone');
    expect(clock.pending).toBe(0);
  });

  test('is one of several, each for another thing', async () => {
    const book = bookOver();
    const first = book.waitFor(ID, ({ version }) => version >= 2, MINUTE_MS);
    const second = book.waitFor(ID, ({ version }) => version >= 3, MINUTE_MS);
    await clock.advance(0);
    await book.update(ID, oneMoreHour);
    expect(await first).toMatchObject({ version: 2 });
    await book.update(ID, oneMoreHour);
    expect(await second).toMatchObject({ version: 3 });
  });

  test('is let go at the release, and nobody waits after it', async () => {
    const book = bookOver();
    const waiting = book.waitFor(ID, isStopping, MINUTE_MS);
    await clock.advance(0);
    book.release();
    expect(await waiting).toMatchObject({ status: 'pending' });
    expect(await book.waitFor(ID, isStopping, MINUTE_MS)).toMatchObject({ status: 'pending' });
    expect(clock.pending).toBe(0);
  });
});
