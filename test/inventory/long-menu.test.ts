import { describe, expect, test } from 'vitest';
import { placeOf } from '../../src/domain/odds/place.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { Session } from '../../src/domain/session.ts';
import { MAX_AT_ONCE } from '../../src/inventory/judged-list.ts';
import { LaunchPlaces } from '../../src/inventory/launch-places.ts';
import { startPoller } from '../../src/inventory/poller.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { instance, offer, START, session, sessionId } from '../support/builders.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

/** Three parts, and more than enough hosts for one to be in the last of them. */
const SIZE = 2 * MAX_AT_ONCE + 300;
const POLICY = DEFAULT_POLICY;
const PARTS_MS = 2;

function menu(prior: number): readonly Offer[] {
  return Array.from({ length: SIZE }, (_, number) =>
    offer({
      id: `alpha-${number}`,
      machineId: `machine-${number}`,
      hostId: `host-${Math.floor(number / 6)}`,
      siteId: `site-${number % 25}`,
      availabilityConfidence: prior,
    }),
  );
}

let made = 0;

function failed(where: Offer, at: number): Session {
  made += 1;
  const id = sessionId(made);
  const failure = { code: 'no_driver', message: '' } as const;
  const ended = { state: 'gone', launchAttempts: 1, intendedAt: at, terminateAskedAt: at } as const;
  const attempt = instance({ sessionId: id, offer: where, failure, ...ended });
  return session({ id, instances: [attempt] });
}

function setUp() {
  const clock = manualClock();
  const record = new TrackRecord();
  const provider = fakeProvider({ clock, menu: menu(0.9) });
  const shelf = new Shelf({ sources: [provider], clock, policy: POLICY, record });
  const parts = { provider, shelf, clock, recorder: recordingRecorder(), policy: POLICY };
  const start = () => startPoller({ ...parts, random: { next: () => 0.5, token: () => '' } });
  const fail = (where: Offer): void => {
    record.learn(failed(where, clock.now()), clock.now());
    shelf.reconsider();
  };
  /** Offers on the menu that are not shown with what the record has to say of them in one go. */
  const unlike = (given: readonly Offer[]): number => {
    const whole = new Map(record.estimated([...given], clock.now()).map((one) => [one.id, one]));
    return shelf
      .all()
      .filter(
        ({ id, availabilityConfidence }) =>
          whole.get(id)?.availabilityConfidence !== availabilityConfidence,
      ).length;
  };
  return { clock, record, provider, shelf, start, fail, unlike };
}

const LAST = menu(0.9).at(-1) ?? offer();

describe('a long menu', () => {
  test('is swapped in when all of it is judged, and nobody sees a part', async () => {
    const { clock, shelf, start, unlike, fail } = setUp();
    fail(LAST);
    const poller = start();
    await clock.advance(0);
    expect(shelf.all()).toStrictEqual([]);
    await clock.advance(PARTS_MS - 1);
    expect(shelf.all()).toStrictEqual([]);
    await clock.advance(1);
    expect(shelf.all()).toHaveLength(SIZE);
    expect(unlike(menu(0.9))).toBe(0);
    expect(shelf.get(LAST.id)?.availabilityConfidence).toBeLessThan(0.6);
    await poller.stop();
  });

  test('has nothing back that was taken, or failed twice, while the next one was judged', async () => {
    const { clock, shelf, start, fail } = setUp();
    const poller = start();
    await clock.advance(PARTS_MS);
    await clock.advance(POLICY.offersRefreshMs);
    shelf.take('alpha-7');
    shelf.withdraw('alpha-8');
    fail(LAST);
    fail(LAST);
    expect(shelf.get(LAST.id)).toBeUndefined();
    expect(shelf.health().providers[0]?.lastSuccessAt).toBe(START);
    await clock.advance(PARTS_MS);
    expect(shelf.health().providers[0]?.lastSuccessAt).toBeGreaterThan(START);
    expect(['alpha-7', 'alpha-8', LAST.id].map((id) => shelf.get(id))).toStrictEqual([
      undefined,
      undefined,
      undefined,
    ]);
    await poller.stop();
  });

  test('after a failure shows the machine and its host at once for what they are', () => {
    const { clock, shelf, fail } = setUp();
    shelf.stock('alpha', menu(0.9), clock.now());
    fail(LAST);
    const near = shelf.all().filter(({ hostId }) => hostId === LAST.hostId);
    expect(near.length).toBeGreaterThan(1);
    for (const one of near) expect(one.availabilityConfidence).toBeLessThan(0.9);
    expect(shelf.get(LAST.id)?.availabilityConfidence).toBeLessThan(0.6);
    expect(shelf.all()).toHaveLength(SIZE);
  });

  test('after a failure shows all that follows from it with the next questions', async () => {
    const { clock, shelf, fail, unlike } = setUp();
    const given = menu(0.9);
    shelf.stock('alpha', given, clock.now());
    fail(LAST);
    const left = [unlike(given)];
    for (let question = 0; question < 3; question += 1) {
      await clock.advance(1);
      left.push(unlike(given));
    }
    expect(left[0]).toBeGreaterThan(0);
    expect(left.toSorted((one, other) => other - one)).toStrictEqual(left);
    expect(left.at(-1)).toBe(0);
  });

  test('is left alone when all of it is judged', async () => {
    const { clock, shelf, fail } = setUp();
    shelf.stock('alpha', menu(0.9), clock.now());
    fail(LAST);
    for (let question = 0; question < 5; question += 1) {
      shelf.all();
      await clock.advance(1);
    }
    const stand = shelf.stand();
    await clock.advance(1_000);
    expect(shelf.stand()).toBe(stand);
  });
});

test('launches at one place are taken in one by one, and not all of them again with each', () => {
  const places = new LaunchPlaces();
  const place = placeOf(LAST);
  // With a copy of all before for each of them it is 100 GB that are copied, and the test's time runs out.
  for (let number = 0; number < 50_000; number += 1) {
    places.add({ place, outcome: { kind: 'ran', at: START + number } });
  }
  expect(places.at('offer', LAST.id)).toHaveLength(50_000);
});
