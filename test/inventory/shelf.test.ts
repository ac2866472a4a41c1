import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { offersOn } from '../../src/inventory/found-offers.ts';
import type { MenuQuery } from '../../src/inventory/menu.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { instance, offer, session, sessionId } from '../support/builders.ts';
import { manualClock } from '../support/manual-clock.ts';

const ALPHA = { api: 'alpha', name: 'alpha' };
const BETA_NEW = { api: 'beta-new', name: 'beta' };
const BETA_OLD = { api: 'beta-old', name: 'beta' };
const EVERYTHING: MenuQuery = {
  filters: [],
  sort: 'price_per_hour',
  descending: false,
  limit: 100,
  offset: 0,
};

function setUp(sources = [ALPHA]) {
  const clock = manualClock();
  const shelf = new Shelf({ sources, clock, policy: DEFAULT_POLICY, record: new TrackRecord() });
  const ids = () => offersOn(shelf.query(EVERYTHING)).map(({ id }) => id);
  const stock = (api: string, ...names: string[]) =>
    shelf.stock(
      api,
      names.map((id) => offer({ id, api, fetchedAt: clock.now() })),
      clock.now(),
    );
  return { clock, shelf, ids, stock };
}

test('before the first refresh there is nothing on the menu, and it says so', () => {
  const { shelf } = setUp();
  expect(shelf.query(EVERYTHING)).toMatchObject({
    positions: [],
    total: 0,
    ageMs: 0,
    staleProviders: ['alpha'],
  });
  expect(shelf.health()).toStrictEqual({
    status: 'down',
    providers: [{ name: 'alpha', api: 'alpha', status: 'down', offers: 0 }],
  });
});

describe('while a provider does not answer', () => {
  test('its last good offers stay, with their age, and it is called stale at once', async () => {
    const { clock, shelf, ids, stock } = setUp();
    stock('alpha', 'a');
    expect(shelf.query(EVERYTHING).staleProviders).toStrictEqual([]);
    await clock.advance(2 * MINUTE_MS);
    shelf.fail('alpha', 'unavailable');
    expect(ids()).toStrictEqual(['a']);
    expect(shelf.query(EVERYTHING)).toMatchObject({
      ageMs: 2 * MINUTE_MS,
      staleProviders: ['alpha'],
    });
    expect(shelf.health().providers).toMatchObject([
      { status: 'stale', offers: 1, error: 'unavailable' },
    ]);
  });

  test('its offers are dropped when they are too old, and not a moment before', async () => {
    const { clock, shelf, ids, stock } = setUp();
    stock('alpha', 'a');
    await clock.advance(DEFAULT_POLICY.offersMaxAgeMs - 1);
    expect(ids()).toStrictEqual(['a']);
    await clock.advance(1);
    expect(ids()).toStrictEqual([]);
    expect(shelf.get('a')).toBeUndefined();
    expect(shelf.all()).toStrictEqual([]);
    expect(shelf.query(EVERYTHING).ageMs).toBe(0);
    expect(shelf.health()).toMatchObject({ status: 'down', providers: [{ offers: 0 }] });
  });

  test('a row that was read earlier than its list is dropped at its own age', async () => {
    const { clock, shelf, ids } = setUp();
    const early = offer({ id: 'early', api: 'alpha', fetchedAt: clock.now() });
    await clock.advance(4 * MINUTE_MS);
    const late = offer({ id: 'late', api: 'alpha', fetchedAt: clock.now() });
    shelf.stock('alpha', [early, late], clock.now());
    await clock.advance(DEFAULT_POLICY.offersMaxAgeMs - 4 * MINUTE_MS - 1);
    expect(ids()).toStrictEqual(['early', 'late']);
    await clock.advance(1);
    expect(ids()).toStrictEqual(['late']);
  });

  test('one that was not refreshed for three intervals is stale without an error, too', async () => {
    const { clock, shelf, stock } = setUp();
    stock('alpha', 'a');
    await clock.advance(3 * DEFAULT_POLICY.offersRefreshMs);
    expect(shelf.health().status).toBe('ok');
    await clock.advance(1);
    expect(shelf.health().status).toBe('degraded');
  });

  test('the next good answer makes it fresh again', async () => {
    const { clock, shelf, ids, stock } = setUp();
    stock('alpha', 'a');
    shelf.fail('alpha', 'unavailable');
    await clock.advance(MINUTE_MS);
    stock('alpha', 'b');
    expect(ids()).toStrictEqual(['b']);
    expect(shelf.health()).toMatchObject({ status: 'ok' });
    expect(shelf.health().providers[0]).not.toHaveProperty('error');
    expect(shelf.query(EVERYTHING)).toMatchObject({ ageMs: 0, staleProviders: [] });
  });

  test('the others are shown as ever, and the menu is degraded, not down', async () => {
    const { clock, shelf, ids, stock } = setUp([ALPHA, BETA_NEW]);
    stock('alpha', 'a');
    await clock.advance(DEFAULT_POLICY.offersMaxAgeMs);
    stock('beta-new', 'b');
    expect(ids()).toStrictEqual(['b']);
    expect(shelf.health()).toMatchObject({
      status: 'degraded',
      providers: [{ status: 'down' }, { status: 'ok' }],
    });
    expect(shelf.query(EVERYTHING)).toMatchObject({ ageMs: 0, staleProviders: ['alpha'] });
  });
});

test('an empty answer is an answer: the menu is empty and fresh', () => {
  const { shelf, ids, stock } = setUp();
  stock('alpha', 'a');
  stock('alpha');
  expect(ids()).toStrictEqual([]);
  expect(shelf.health().status).toBe('ok');
});

test('the age is that of the oldest part that is shown', async () => {
  const { clock, shelf, stock } = setUp([ALPHA, BETA_NEW]);
  stock('alpha', 'a');
  await clock.advance(MINUTE_MS);
  stock('beta-new', 'b');
  await clock.advance(MINUTE_MS);
  expect(shelf.query(EVERYTHING).ageMs).toBe(2 * MINUTE_MS);
});

test('a clock that was set back makes nothing younger than now', () => {
  const { clock, shelf, stock } = setUp();
  stock('alpha', 'a');
  clock.jump(-MINUTE_MS);
  expect(shelf.query(EVERYTHING).ageMs).toBe(0);
});

test('the age is that of the oldest row, where its list was read later', async () => {
  const { clock, shelf } = setUp([ALPHA, BETA_NEW]);
  const early = offer({ id: 'early', api: 'alpha', fetchedAt: clock.now() });
  await clock.advance(4 * MINUTE_MS);
  const late = offer({ id: 'late', api: 'alpha', fetchedAt: clock.now() });
  shelf.stock('alpha', [early, late], clock.now());
  shelf.stock('beta-new', [], clock.now());
  expect(shelf.query(EVERYTHING).ageMs).toBe(4 * MINUTE_MS);
  shelf.withdraw('early');
  expect(shelf.query(EVERYTHING).ageMs).toBe(0);
});

test('the age of an empty menu is that of the oldest list', async () => {
  const { clock, shelf, stock } = setUp([ALPHA, BETA_NEW]);
  stock('alpha');
  await clock.advance(MINUTE_MS);
  stock('beta-new');
  expect(shelf.query(EVERYTHING).ageMs).toBe(MINUTE_MS);
});

describe('a withdrawn offer', () => {
  test('is off the menu at once, though a stale list still has it, and comes back after a while', async () => {
    const { clock, shelf, ids, stock } = setUp();
    stock('alpha', 'a', 'b');
    shelf.withdraw('a');
    expect(ids()).toStrictEqual(['b']);
    expect(shelf.get('a')).toBeUndefined();
    stock('alpha', 'a', 'b');
    expect(ids()).toStrictEqual(['b']);
    await clock.advance(5 * MINUTE_MS - 1);
    expect(ids()).toStrictEqual(['b']);
    await clock.advance(1);
    expect(ids()).toStrictEqual(['a', 'b']);
  });

  test('that nobody has is no mistake', () => {
    const { shelf, ids, stock } = setUp();
    shelf.withdraw('z');
    stock('alpha', 'a');
    expect(ids()).toStrictEqual(['a']);
  });

  test('is one of a bounded number: the oldest ones come back first', () => {
    const { shelf, ids, stock } = setUp();
    stock('alpha', 'a');
    shelf.withdraw('a');
    for (let number = 0; number < 5_000; number += 1) shelf.withdraw(`other-${number}`);
    expect(ids()).toStrictEqual(['a']);
  });
});

describe('one site seen through two APIs', () => {
  const twin = (id: string, api: string, siteKey: string) => offer({ id, api, siteKey });

  test("is shown once, as the first API's offer, whichever answered first", () => {
    const { clock, shelf, ids } = setUp([BETA_NEW, BETA_OLD]);
    shelf.stock('beta-old', [twin('old', 'beta-old', 's1')], clock.now());
    expect(ids()).toStrictEqual(['old']);
    shelf.stock('beta-new', [twin('new', 'beta-new', 's1')], clock.now());
    expect(ids()).toStrictEqual(['new']);
  });

  test('is shown through the second while the first is too old', async () => {
    const { clock, shelf, ids } = setUp([BETA_NEW, BETA_OLD]);
    shelf.stock('beta-new', [twin('new', 'beta-new', 's1')], clock.now());
    await clock.advance(DEFAULT_POLICY.offersMaxAgeMs);
    const fetchedAt = clock.now();
    shelf.stock('beta-old', [{ ...twin('old', 'beta-old', 's1'), fetchedAt }], fetchedAt);
    expect(ids()).toStrictEqual(['old']);
  });

  test('keeps all offers of the one API, such as one for each number of GPUs', () => {
    const { clock, shelf, ids } = setUp([BETA_NEW, BETA_OLD]);
    const offers = [twin('x1', 'beta-new', 's1'), twin('x2', 'beta-new', 's1')];
    shelf.stock('beta-new', offers, clock.now());
    expect(ids()).toStrictEqual(['x1', 'x2']);
  });

  test('has the other API’s offer as well for choosing, behind the menu’s', () => {
    const { clock, shelf, ids } = setUp([BETA_NEW, BETA_OLD]);
    shelf.stock(
      'beta-old',
      [twin('old', 'beta-old', 's1'), twin('own', 'beta-old', 's2')],
      clock.now(),
    );
    shelf.stock('beta-new', [twin('new', 'beta-new', 's1')], clock.now());
    expect(ids()).toStrictEqual(['new', 'own']);
    expect(shelf.choices().map(({ id }) => id)).toStrictEqual(['new', 'own', 'old']);
    for (const { id } of shelf.choices()) expect(shelf.get(id)?.id).toBe(id);
  });

  test('does not come back through the other door when it was withdrawn', () => {
    const { clock, shelf, ids } = setUp([BETA_NEW, BETA_OLD]);
    shelf.stock('beta-new', [twin('new', 'beta-new', 's1')], clock.now());
    shelf.stock('beta-old', [twin('old', 'beta-old', 's1')], clock.now());
    shelf.withdraw('new');
    expect(ids()).toStrictEqual([]);
    expect(shelf.choices()).toStrictEqual([]);
    expect(['new', 'old'].map((id) => shelf.get(id))).toStrictEqual([undefined, undefined]);
  });

  test('names its marketplace once among the stale', () => {
    const { shelf } = setUp([BETA_NEW, BETA_OLD]);
    expect(shelf.query(EVERYTHING).staleProviders).toStrictEqual(['beta']);
  });
});

test('of two offers with one id the first is kept', () => {
  const { clock, shelf, ids } = setUp([ALPHA, BETA_NEW]);
  shelf.stock('alpha', [offer({ id: 'a', gpuCount: 1 })], clock.now());
  shelf.stock('beta-new', [offer({ id: 'a', gpuCount: 8 })], clock.now());
  expect(ids()).toStrictEqual(['a']);
  expect(shelf.get('a')?.gpuCount).toBe(1);
});

test('stock of an API that is not configured is a mistake in the program', () => {
  const { shelf } = setUp();
  expect(() => shelf.stock('gamma', [], 0)).toThrow('no stock for gamma');
});

describe('an offer that left the menu', () => {
  test('is told apart from one that never was on it, for ten minutes', async () => {
    const { clock, shelf, stock } = setUp();
    stock('alpha', 'sold', 'rented', 'here');
    expect(shelf.goneFrom('here')).toBeUndefined();
    shelf.withdraw('rented');
    stock('alpha', 'here');
    expect(['sold', 'rented', 'here', 'never'].map((id) => shelf.goneFrom(id))).toStrictEqual([
      'alpha',
      'alpha',
      undefined,
      undefined,
    ]);
    await clock.advance(10 * MINUTE_MS - 1);
    expect(shelf.goneFrom('sold')).toBe('alpha');
    await clock.advance(1);
    expect(shelf.goneFrom('sold')).toBeUndefined();
  });

  test('is not gone any more when it comes back', () => {
    const { shelf, stock } = setUp();
    stock('alpha', 'a');
    stock('alpha');
    expect(shelf.goneFrom('a')).toBe('alpha');
    stock('alpha', 'a');
    expect(shelf.goneFrom('a')).toBeUndefined();
  });

  test('is forgotten when very many have left after it', () => {
    const { shelf, stock } = setUp();
    stock('alpha', 'first');
    stock('alpha', ...Array.from({ length: 5_000 }, (_, number) => `o${number}`));
    expect(shelf.goneFrom('first')).toBe('alpha');
    stock('alpha');
    expect(shelf.goneFrom('first')).toBeUndefined();
    expect(shelf.goneFrom('o4999')).toBe('alpha');
  });
});

describe('what became of launches', () => {
  const failures = (machineId: string, count: number): TrackRecord => {
    const record = new TrackRecord();
    for (let number = 1; number <= count; number += 1) {
      const attempt = instance({
        sessionId: sessionId(number),
        offer: offer({ id: `m${number}`, api: 'alpha', machineId }),
        launchAttempts: 1,
        failure: { code: 'never_ready', message: '' },
      });
      record.learn(session({ id: sessionId(number), instances: [attempt] }), attempt.intendedAt);
    }
    return record;
  };
  const setUpWith = (record: TrackRecord) => {
    const clock = manualClock();
    const shelf = new Shelf({ sources: [ALPHA], clock, policy: DEFAULT_POLICY, record });
    const rows = [
      offer({ id: 'a', api: 'alpha', machineId: 'bad', fetchedAt: clock.now() }),
      offer({ id: 'b', api: 'alpha', machineId: 'bad', gpuCount: 2, fetchedAt: clock.now() }),
      offer({ id: 'c', api: 'alpha', machineId: 'good', fetchedAt: clock.now() }),
    ];
    shelf.stock('alpha', rows, clock.now());
    return { clock, shelf, rows };
  };

  test('is what filters and order go by, on the menu, by id and for choosing', () => {
    const { shelf } = setUpWith(failures('bad', 1));
    const filters = [{ minAvailabilityConfidence: 0.6 }];
    const confident = offersOn(shelf.query({ ...EVERYTHING, filters }));
    expect(confident.map(({ id }) => id)).toStrictEqual(['c']);
    const sorted = shelf.query({
      ...EVERYTHING,
      sort: 'availability_confidence',
      descending: true,
    });
    expect(offersOn(sorted).map(({ id }) => id)).toStrictEqual(['c', 'a', 'b']);
    for (const id of ['a', 'b']) {
      const confidence = shelf.get(id)?.availabilityConfidence;
      expect(confidence).toBeLessThan(0.5);
      const chosen = shelf.choices().find((one) => one.id === id);
      expect(chosen?.availabilityConfidence).toBe(confidence);
    }
  });

  test('takes every offer of a machine that failed twice off the menu, everywhere', () => {
    const { shelf } = setUpWith(failures('bad', 2));
    expect(offersOn(shelf.query(EVERYTHING))).toMatchObject([{ id: 'c' }]);
    expect(shelf.query(EVERYTHING).total).toBe(1);
    expect(shelf.get('a')).toBeUndefined();
    expect(shelf.choices().map(({ id }) => id)).toStrictEqual(['c']);
    expect(shelf.listed('a')).toMatchObject({ id: 'a' });
  });

  test('is shown to whoever asks next, in a new edition', () => {
    const record = failures('bad', 1);
    const { shelf, clock } = setUpWith(record);
    expect(shelf.get('a')).toBeDefined();
    const edition = shelf.edition();
    const attempt = instance({
      sessionId: sessionId(9),
      offer: offer({ id: 'a', api: 'alpha', machineId: 'bad' }),
      launchAttempts: 1,
      failure: { code: 'instance_failed', message: '' },
    });
    record.learn(session({ id: sessionId(9), instances: [attempt] }), clock.now());
    shelf.reconsider();
    expect(shelf.edition()).not.toBe(edition);
    expect(shelf.get('a')).toBeUndefined();
    expect(shelf.goneFrom('a')).toBe('alpha');
  });

  test('an offer that is not refreshed falls, a minute at a time', async () => {
    const { shelf, clock } = setUpWith(new TrackRecord());
    const confidences: (number | undefined)[] = [];
    for (let minute = 0; minute < 9; minute += 1) {
      confidences.push(shelf.get('c')?.availabilityConfidence);
      await clock.advance(MINUTE_MS);
    }
    expect(confidences.slice(0, 3)).toStrictEqual([0.9, 0.9, 0.9]);
    expect(confidences.slice(2)).toStrictEqual(
      [...new Set(confidences.slice(2))].toSorted((left, right) => (right ?? 0) - (left ?? 0)),
    );
  });

  test('of an offer that is gone it is told until when', async () => {
    const { shelf, clock } = setUpWith(new TrackRecord());
    shelf.withdraw('a');
    shelf.take('b');
    expect([...shelf.withdrawn()]).toStrictEqual([['a', clock.now() + 5 * MINUTE_MS]]);
    await clock.advance(5 * MINUTE_MS);
    expect(shelf.withdrawn().size).toBe(0);
  });
});

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const act = fc.oneof(
  fc.record({ kind: fc.constant('stock' as const), names: fc.subarray(NAMES) }),
  fc.record({
    kind: fc.constantFrom('withdraw' as const, 'take' as const),
    id: fc.constantFrom(...NAMES),
  }),
  fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 6 }) }),
);

test('what is taken off one by one is off as it is from a menu that is made anew', async () => {
  const seen = ({ shelf, ids }: ReturnType<typeof setUp>) => ({
    ids: ids(),
    all: shelf.all().map(({ id }) => id),
    one: NAMES.map((id) => [shelf.get(id)?.id, shelf.goneFrom(id)]),
    health: shelf.health(),
    oldestAt: shelf.edition().oldestAt,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act), async (acts) => {
      const [byOne, anew] = [setUp(), setUp()];
      for (const one of acts) {
        for (const { clock, shelf, stock } of [byOne, anew]) {
          if (one.kind === 'stock') stock('alpha', ...one.names);
          else if (one.kind === 'wait') await clock.advance(one.minutes * MINUTE_MS);
          else shelf[one.kind](one.id);
        }
        anew.shelf.reconsider();
        expect(seen(byOne)).toStrictEqual(seen(anew));
      }
    }),
    { numRuns: 200 },
  );
});
