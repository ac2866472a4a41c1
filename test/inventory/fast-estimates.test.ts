import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roundedShare } from '../../src/domain/odds/estimate.ts';
import { chanceAt, type Experience, shareLeft } from '../../src/domain/odds/own-chance.ts';
import { placeOf } from '../../src/domain/odds/place.ts';
import type { Offer } from '../../src/domain/offer.ts';
import type { Session } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { LaunchPlaces } from '../../src/inventory/launch-places.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { instance, offer, START, session, sessionId } from '../support/builders.ts';

/** The plain way: each offer is held against every launch near it. */
function plainEstimate(record: TrackRecord, given: Offer, now: number): number {
  const prior = given.availabilityConfidence;
  const near = record.near(placeOf(given));
  const correction = record.correctionAt(given.api, now);
  const left = shareLeft(given, now - given.fetchedAt);
  if (near.length === 0 && !correction && left === 1) return prior;
  const own = (near.length === 0 ? prior : chanceAt(placeOf(given), prior, { near, now })) * left;
  return roundedShare(correction ? correction(own) : own);
}

/** Few enough of each that launches share levels in every way, also such as no marketplace has. */
const few = (name: string, count: number) =>
  fc.option(
    fc.nat({ max: count - 1 }).map((number) => `${name}-${number}`),
    { nil: undefined },
  );
const anyOffer: fc.Arbitrary<Offer> = fc
  .record({
    id: fc.nat({ max: 8 }).map((number) => `alpha-${number}`),
    machineId: few('machine', 4),
    hostId: few('host', 2),
    siteId: few('site', 2),
    gpuType: fc.constantFrom('RTX 4090', 'A100'),
    availabilityConfidence: fc.double({ min: 0, max: 1, noNaN: true }),
    ageMs: fc.nat({ max: HOUR_MS }),
  })
  .map(({ machineId, hostId, siteId, ageMs, ...facts }) =>
    offer({
      ...facts,
      fetchedAt: START - ageMs,
      ...(machineId === undefined ? {} : { machineId }),
      ...(hostId === undefined ? {} : { hostId }),
      ...(siteId === undefined ? {} : { siteId }),
    }),
  );
const anyLaunch = fc.record({
  where: anyOffer,
  ageMs: fc.nat({ max: 60 * HOUR_MS }),
  kind: fc.constantFrom('ran', 'gone', 'broken'),
});
type DrawnLaunch = typeof anyLaunch extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function launched({ where, ageMs, kind }: DrawnLaunch, number: number): Session {
  const at = START - ageMs;
  const failure = { code: kind === 'gone' ? 'no_capacity' : 'no_driver', message: '' } as const;
  const id = sessionId(number);
  return session({
    id,
    instances: [
      instance({
        sessionId: id,
        offer: where,
        state: 'gone',
        launchAttempts: 1,
        intendedAt: at,
        ...(kind === 'ran' ? { runningAt: at } : { failure, terminateAskedAt: at }),
      }),
    ],
  });
}

function recordOf(launches: readonly DrawnLaunch[]): TrackRecord {
  const record = new TrackRecord();
  for (const [number, launch] of launches.entries()) record.learn(launched(launch, number), START);
  return record;
}

const confidences = (offers: readonly Offer[]) =>
  offers.map(({ availabilityConfidence }) => availabilityConfidence);

describe('estimates of many offers at once', () => {
  test('are those that each of them would get alone, from every launch near it', () => {
    fc.assert(
      fc.property(
        fc.array(anyLaunch, { maxLength: 60 }),
        fc.array(anyOffer, { maxLength: 20 }),
        fc.nat({ max: 5 * MINUTE_MS }),
        (launches, offers, laterMs) => {
          const record = recordOf(launches);
          for (const now of [START, START + laterMs]) {
            const plain = offers.map((one) => plainEstimate(record, one, now));
            expect(confidences(record.estimated(offers, now))).toStrictEqual(plain);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('are the same where more was launched at a place than counts', () => {
    fc.assert(
      fc.property(
        fc.array(anyLaunch, { minLength: 250, maxLength: 400, size: 'max' }),
        fc.array(anyOffer, { minLength: 10, maxLength: 20 }),
        (launches, offers) => {
          const record = recordOf(launches);
          const plain = offers.map((one) => plainEstimate(record, one, START));
          expect(confidences(record.estimated(offers, START))).toStrictEqual(plain);
        },
      ),
      { numRuns: 15 },
    );
  });

  test('change with a launch that is judged otherwise', () => {
    const here = offer({ machineId: 'machine-1', hostId: 'host-1', fetchedAt: START });
    const launch = { where: here, ageMs: MINUTE_MS, kind: 'ran' } as const;
    const record = recordOf([launch]);
    const [before] = confidences(record.estimated([here], START));
    record.learn(launched({ ...launch, kind: 'broken' }, 0), START);
    expect(confidences(record.estimated([here], START))).toStrictEqual([
      plainEstimate(record, here, START),
    ]);
    expect(confidences(record.estimated([here], START))).not.toStrictEqual([before]);
  });
});

describe('the work of estimates', () => {
  /** How often a launch is looked at for 500 offers, after so many launches at each of ten hosts. */
  const looksFor = (each: number, ask: (places: LaunchPlaces<Experience>) => void): number => {
    let looks = 0;
    const places = new LaunchPlaces<Experience>();
    for (let number = 0; number < 10 * each; number += 1) {
      const made = { outcome: { kind: 'ran', at: START }, place: placeOf(at(number)) } as const;
      const launch = new Proxy<Experience>(made, {
        get: (target, key) => {
          looks += 1;
          return Reflect.get(target, key);
        },
      });
      places.add(launch);
    }
    looks = 0;
    ask(places);
    return looks;
  };
  const at = (number: number) =>
    offer({
      id: `alpha-${number}`,
      machineId: `machine-${number % 500}`,
      hostId: `host-${number % 10}`,
    });
  const OFFERS = Array.from({ length: 500 }, (_, number) => at(number));
  const fast = (places: LaunchPlaces<Experience>) => {
    for (const one of OFFERS) places.chanceOf(one, START);
  };
  const plain = (places: LaunchPlaces<Experience>) => {
    for (const one of OFFERS) {
      const near = places.near(placeOf(one));
      chanceAt(placeOf(one), one.availabilityConfidence, { near, now: START });
    }
  };

  test('looks at a launch a few times, however many offers are near it', () => {
    expect(looksFor(100, fast)).toBeLessThan(10 * 1_000);
  });

  test('would be seen to grow with offers and launches together', () => {
    expect(looksFor(100, plain)).toBeGreaterThan(10 * 1_000);
  });

  test('grows more slowly than what is remembered', () => {
    expect(looksFor(1_000, fast)).toBeLessThan(5 * looksFor(100, fast));
  });
});
