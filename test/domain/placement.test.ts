import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAILURE_KINDS } from '../../src/domain/errors.ts';
import type { FailureCode } from '../../src/domain/instance.ts';
import type { Offer } from '../../src/domain/offer.ts';
import { priceWithDisk, totalPerHour } from '../../src/domain/offer.ts';
import {
  askedPrice,
  candidates,
  canKeepDisk,
  hasDisk,
  mayRetry,
  measureOf,
  searchVerdict,
  type Tried,
  takesBid,
} from '../../src/domain/placement.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { expectedCost, rankingTerms } from '../../src/domain/ranking.ts';
import {
  type Choice,
  PREFERENCES,
  type Preference,
  type RetryScope,
  type SessionRequest,
} from '../../src/domain/session.ts';
import { instance, offer, request, START, session } from '../support/builders.ts';

const ANY: Choice = { kind: 'requirements', filter: {}, prefer: 'price' };

function priced(id: string, gpu: number, more: Partial<Offer> = {}): Offer {
  return offer({ id, price: { gpu, cpu: 0, ram: 0, disk: 20_000 }, ...more });
}

function ids(offers: readonly Offer[]): string[] {
  return offers.map(({ id }) => id);
}

describe('an offer is a candidate', () => {
  test('only when it is the one that was asked for', () => {
    const offers = [priced('a', 1), priced('b', 2)];
    const asked = request({ choice: { kind: 'offer', offerId: 'b' } });
    expect(ids(candidates(offers, asked, []))).toStrictEqual(['b']);
  });

  test('only while it is available', () => {
    const gone = priced('a', 1, { available: false });
    expect(candidates([gone], request({ choice: ANY }), [])).toStrictEqual([]);
  });

  test('only with room for the disk, of which the minimum counts where less is asked for', () => {
    const small = priced('a', 1, { maxDiskGb: 100 });
    const wants = (diskGb: number) => request({ choice: ANY, diskGb });
    expect(ids(candidates([small], wants(100), []))).toStrictEqual(['a']);
    expect(ids(candidates([small], wants(101), []))).toStrictEqual([]);
    expect(hasDisk(offer({ minDiskGb: 200, maxDiskGb: 100 }), { diskGb: 50 })).toBe(false);
    const { maxDiskGb: _unknown, ...unlimited } = small;
    expect(hasDisk(unlimited, { diskGb: 9_999 })).toBe(true);
  });

  test('only below the ceiling, at the price that this disk makes', () => {
    const one = priced('a', 80_000, { diskMicroUsdPerGbHour: 400 });
    const wants = (maxPricePerHour: number) =>
      request({ choice: ANY, diskGb: 100, maxPricePerHour });
    expect(ids(candidates([one], wants(120_000), []))).toStrictEqual(['a']);
    expect(ids(candidates([one], wants(119_999), []))).toStrictEqual([]);
  });

  test('only once, and never again on a machine that an earlier attempt was on', () => {
    const tried = priced('a', 1, { machineId: 'm1' });
    const offers = [
      tried,
      priced('b', 2, { machineId: 'm1' }),
      priced('c', 3, { machineId: 'm2' }),
    ];
    expect(ids(candidates(offers, request({ choice: ANY }), [{ offer: tried }]))).toStrictEqual([
      'c',
    ]);
  });

  test('on a machine nobody names, even when the tried one had no name either', () => {
    const offers = [priced('b', 1)];
    expect(
      ids(candidates(offers, request({ choice: ANY }), [{ offer: priced('a', 1) }])),
    ).toStrictEqual(['b']);
  });
});

describe('a site seen through two APIs', () => {
  const SITE = { provider: 'p', siteKey: 's1' };
  const preferred = priced('new', 2, { ...SITE, api: 'p-one' });
  const other = priced('old', 1, { ...SITE, api: 'p-two', minBid: 1, preservable: true });
  const both = [preferred, other];
  const chosen = (overrides: Parameters<typeof request>[0] = {}, attempts: readonly Tried[] = []) =>
    ids(candidates(both, request({ choice: ANY, ...overrides }), attempts));

  test('is the preferred API’s, dearer or not', () => {
    expect(chosen()).toStrictEqual(['new']);
  });

  test('is the other’s where the preferred one’s offer would not serve', () => {
    expect(chosen({ bidPerHour: 1 })).toStrictEqual(['old']);
    expect(chosen({ keepsDisk: true })).toStrictEqual(['old']);
  });

  test.each([
    ['unauthorized', ['old']],
    ['unavailable', ['old']],
    ['no_capacity', []],
    ['never_ready', []],
  ] as const)('after %s at the preferred one leaves %j', (code, left) => {
    const attempts = [{ offer: preferred, failure: { code, message: 'no' } }];
    expect(chosen({}, attempts)).toStrictEqual(left);
  });

  test('has several offers of the one API, such as hosts', () => {
    const hosts = [priced('h1', 1, { ...SITE, api: 'p-two' }), other];
    expect(ids(candidates(hosts, request({ choice: ANY }), []))).toStrictEqual(['h1', 'old']);
  });
});

describe('after an attempt that failed for more than its offer', () => {
  const tried = priced('a1', 1, { provider: 'p', api: 'p-one' });
  const offers = [
    tried,
    priced('a2', 2, { provider: 'p', api: 'p-one' }),
    priced('a3', 3, { provider: 'p', api: 'p-two' }),
    priced('b', 4, { provider: 'q', api: 'q' }),
  ];
  test.each([
    ['insufficient_funds', ['b']],
    ['unauthorized', ['a3', 'b']],
    ['unavailable', ['a3', 'b']],
    ['no_capacity', ['a2', 'a3', 'b']],
    ['rate_limited', ['a2', 'a3', 'b']],
    ['never_ready', ['a2', 'a3', 'b']],
  ] as const)('%s leaves %j to choose among', (code, left) => {
    const attempts = [{ offer: tried, failure: { code, message: 'no' } }];
    expect(ids(candidates(offers, request({ choice: ANY }), attempts))).toStrictEqual(left);
  });

  test('what it ruled out stays ruled out when a later one fails for another reason', () => {
    const attempts = [
      { offer: tried, failure: { code: 'insufficient_funds' as const, message: 'no' } },
      { offer: priced('c', 1), failure: { code: 'no_capacity' as const, message: 'no' } },
    ];
    expect(ids(candidates(offers, request({ choice: ANY }), attempts))).toStrictEqual(['b']);
  });
});

describe('what stands close to a machine that failed', () => {
  const ANYWHERE = request({ choice: ANY });
  const leftAfter = (tried: Offer, code: FailureCode, menu: readonly Offer[]) =>
    ids(candidates(menu, ANYWHERE, [{ offer: tried, failure: { code, message: 'no' } }]));
  const owned = priced('a1', 1, { hostId: 'h1', machineId: 'm1' });
  const sibling = priced('a2', 2, { hostId: 'h1', machineId: 'm2' });
  const other = priced('b', 3, { hostId: 'h2', machineId: 'm3' });

  test('comes after all others: another machine of its owner', () => {
    expect(leftAfter(owned, 'never_ready', [sibling, other])).toStrictEqual(['b', 'a2']);
    expect(leftAfter(owned, 'rate_limited', [sibling, other])).toStrictEqual(['a2', 'b']);
  });

  test('comes after all others: the same model at its site, and no other model', () => {
    const site = (id: string, gpu: number, more: Partial<Offer> = {}) =>
      priced(id, gpu, { siteId: 's1', ...more });
    const tried = site('x', 1);
    const twin = site('y', 2);
    const elsewise = site('z', 2, { gpuType: 'A100' });
    expect(leftAfter(tried, 'no_driver', [twin, elsewise, other])).toStrictEqual(['z', 'b', 'y']);
  });

  test('is left out where a site has not so many GPUs: more of the same model', () => {
    const count = (gpuCount: number) =>
      priced(`s-x${gpuCount}`, gpuCount, { siteKey: `s|${gpuCount}`, providerId: 's', gpuCount });
    const menu = [count(1), count(4), count(8)];
    expect(leftAfter(count(2), 'no_capacity', menu)).toStrictEqual(['s-x1']);
    expect(leftAfter(count(2), 'never_ready', menu)).toStrictEqual(['s-x1', 's-x4', 's-x8']);
  });
});

describe('a card of another maker than the images are made for', () => {
  const amd = priced('amd', 1, { gpuType: 'Instinct MI300X', gpuVendor: 'amd', vramGb: 192 });
  const nvidia = priced('nvidia', 2, { gpuVendor: 'nvidia' });
  const wants = (choice: Choice) => ids(candidates([amd, nvidia], request({ choice }), []));

  test('is rented where its type is named, and not for being the best that fits', () => {
    expect(wants({ kind: 'requirements', filter: {}, prefer: 'vram' })).toStrictEqual(['nvidia']);
    const named = { gpuTypes: ['MI300X', '4090'] };
    expect(wants({ kind: 'requirements', filter: named, prefer: 'vram' })).toStrictEqual([
      'amd',
      'nvidia',
    ]);
    expect(wants({ kind: 'offer', offerId: 'amd' })).toStrictEqual(['amd']);
  });

  test('does not stand in for one that was named', () => {
    const choice = { kind: 'offer-or-like', offerId: 'n', scope: 'any', maxRetries: 3 } as const;
    const named = { choice: { ...choice, named: measureOf(nvidia) } };
    const tried = [{ offer: priced('n', 2, { gpuVendor: 'nvidia' }) }];
    expect(ids(candidates([amd, nvidia], request(named), tried))).toStrictEqual(['nvidia']);
  });
});

describe('a replacement for a given offer', () => {
  const first = priced('first', 80_000, { gpuType: 'RTX 4090', vramGb: 24, gpuCount: 2 });
  const choiceOf = (scope: RetryScope) =>
    ({ kind: 'offer-or-like', offerId: 'first', scope, maxRetries: 3 }) as const;
  const likes = (scope: RetryScope) => request({ choice: choiceOf(scope) });

  test('is looked for only after the given one was tried', () => {
    const offers = [first, priced('other', 1, { gpuCount: 2 })];
    expect(ids(candidates(offers, likes('any'), []))).toStrictEqual(['first']);
    expect(ids(candidates(offers, likes('any'), [{ offer: first }]))).toStrictEqual(['other']);
  });

  test.each([
    ['same_gpu', 100_000, 20_000],
    ['same_vram', 130_000, 20_000],
    ['any', 180_000, 20_000],
  ] as const)('%s costs at most its factor on the given price', (scope, gpu, disk) => {
    const price = { gpu, cpu: 0, ram: 0, disk };
    const allowed = offer({ ...first, id: 'b', price });
    const dearer = offer({ ...first, id: 'c', price: { ...price, gpu: gpu + 1 } });
    expect(ids(candidates([allowed, dearer], likes(scope), [{ offer: first }]))).toStrictEqual([
      'b',
    ]);
  });

  test.each([
    ['same_gpu', { gpuType: 'RTX 3090' }, false],
    ['same_gpu', { gpuType: 'RTX 4090' }, true],
    ['same_vram', { gpuType: 'RTX 3090' }, true],
    ['same_vram', { gpuType: 'A100', vramGb: 80 }, true],
    ['same_vram', { gpuType: 'RTX 4080', vramGb: 16 }, false],
    ['any', { gpuType: 'RTX 4080', vramGb: 16 }, true],
    ['any', { gpuCount: 1 }, false],
    ['same_gpu', { gpuCount: 4 }, true],
  ] as const)('%s and %j: %s', (scope, change, isLike) => {
    const other = offer({ ...first, id: 'other', ...change });
    expect(candidates([other], likes(scope), [{ offer: first }])).toHaveLength(isLike ? 1 : 0);
  });

  test('is measured against the offer that was asked for, though that was never tried', () => {
    const substitute = offer({ ...first, id: 'b', price: { ...first.price, gpu: 100_000 } });
    const dear = offer({ ...first, id: 'c', price: { ...first.price, gpu: 100_001 } });
    const named = { ...choiceOf('same_gpu'), named: measureOf(first) };
    const tried = [{ offer: substitute }];
    expect(ids(candidates([dear], likes('same_gpu'), tried))).toStrictEqual(['c']);
    expect(candidates([dear], request({ choice: named }), tried)).toStrictEqual([]);
    expect(ids(candidates([first], request({ choice: named }), tried))).toStrictEqual(['first']);
  });

  test('is measured against the offer that was asked for, not against the last one tried', () => {
    const dearer = offer({ ...first, id: 'b', price: { ...first.price, gpu: 99_000 } });
    const dearest = offer({ ...first, id: 'c', price: { ...first.price, gpu: 110_000 } });
    expect(
      candidates([dearest], likes('same_gpu'), [{ offer: first }, { offer: dearer }]),
    ).toStrictEqual([]);
  });
});

/** Lower is better. */
const RANK: Readonly<Record<Preference, (one: Offer, wanted: SessionRequest) => number>> = {
  expected_cost: (one, wanted) =>
    expectedCost(one, askedPrice(one, wanted), rankingTerms(wanted)).total,
  price: (one, { diskGb }) => totalPerHour(priceWithDisk(one, diskGb)),
  reliability: (one) => -one.reliability,
  vram: (one) => -one.vramGb,
};

describe('candidates come best first', () => {
  const someOffers = fc.uniqueArray(
    fc
      .record({
        number: fc.nat(1_000),
        gpu: fc.integer({ min: 1, max: 5 }),
        reliability: fc.constantFrom(0.5, 0.9, 0.99),
        vramGb: fc.constantFrom(16, 24, 80),
      })
      .map(({ number, gpu, ...more }) => priced(`o${number}`, gpu, more)),
    { selector: ({ id }) => id, maxLength: 12 },
  );

  test('by the preference, then the price with this disk, whatever order the menu is in', () => {
    const prefer = fc.constantFrom(...PREFERENCES);
    fc.assert(
      fc.property(someOffers, prefer, (offers, preference) => {
        const wanted: SessionRequest = request({
          choice: { kind: 'requirements', filter: {}, prefer: preference },
        });
        const chosen = candidates(offers, wanted, []);
        expect(ids(candidates(offers.toReversed(), wanted, []))).toStrictEqual(ids(chosen));
        expect(chosen).toHaveLength(offers.length);
        const ranks = chosen.map((one) => RANK[preference](one, wanted));
        expect(ranks).toStrictEqual(ranks.toSorted((left, right) => left - right));
      }),
    );
  });

  test('at equal price the more reliable, then the lower id', () => {
    const offers = [
      priced('b', 1, { reliability: 0.9 }),
      priced('c', 1, { reliability: 0.99 }),
      priced('a', 1, { reliability: 0.9 }),
    ];
    expect(ids(candidates(offers, request({ choice: ANY }), []))).toStrictEqual(['c', 'a', 'b']);
  });
});

describe('another attempt may follow', () => {
  const like = (maxRetries: number): Choice => ({
    kind: 'offer-or-like',
    offerId: 'alpha-1',
    scope: 'any',
    maxRetries,
  });
  const failed = (code: FailureCode | undefined, attempts: number, choice: Choice) =>
    session({
      request: request({ choice }),
      instances: Array.from({ length: attempts }, (_, index) =>
        instance({
          attempt: index + 1,
          state: 'refused',
          ...(code === undefined ? {} : { failure: { code, message: 'no' } }),
        }),
      ),
    });

  const ELSEWHERE_BETTER: readonly FailureCode[] = [
    'no_capacity',
    'not_found',
    'rate_limited',
    'unavailable',
    'malformed',
    'launch_unconfirmed',
    'never_ready',
    'instance_failed',
    'instance_lost',
    'instance_stopped',
    'price_changed',
    'unauthorized',
    'insufficient_funds',
  ];
  const EVERYWHERE_THE_SAME: readonly FailureCode[] = FAILURE_KINDS.filter(
    (kind) => !ELSEWHERE_BETTER.includes(kind),
  );

  test.each(ELSEWHERE_BETTER)('after %s, which another machine may not have', (code) => {
    expect(mayRetry(failed(code, 1, ANY), DEFAULT_POLICY, START)).toBe(true);
    expect(mayRetry(failed(code, 1, like(1)), DEFAULT_POLICY, START)).toBe(true);
  });

  test.each([...EVERYWHERE_THE_SAME, undefined])('not after %s', (code) => {
    expect(mayRetry(failed(code, 1, ANY), DEFAULT_POLICY, START)).toBe(false);
    expect(mayRetry(failed(code, 1, like(5)), DEFAULT_POLICY, START)).toBe(false);
  });

  test.each(['never_ready', 'instance_failed', 'instance_stopped'] as const)(
    'a server that was silent on two machines is not tried on a third: %s',
    (code) => {
      const workload = { kind: 'entrypoint', image: 'nginx', ports: [80] } as const;
      const endpoint = { host: '192.0.2.1', port: 80 };
      const asked = (attempts: number, choice: Choice) => {
        const login = failed(code, attempts, choice);
        return { ...login, request: { ...login.request, workload } };
      };
      const silent = (attempts: number, choice: Choice) => {
        const made = asked(attempts, choice);
        return { ...made, instances: made.instances.map((one) => ({ ...one, endpoint })) };
      };
      expect(mayRetry(asked(3, ANY), DEFAULT_POLICY, START)).toBe(true);
      expect(mayRetry(asked(4, ANY), DEFAULT_POLICY, START)).toBe(false);
      expect(mayRetry(silent(1, ANY), DEFAULT_POLICY, START)).toBe(true);
      expect(mayRetry(silent(2, ANY), DEFAULT_POLICY, START)).toBe(false);
      expect(mayRetry(silent(2, like(5)), DEFAULT_POLICY, START)).toBe(false);
      expect(mayRetry(failed(code, 2, ANY), DEFAULT_POLICY, START)).toBe(true);
    },
  );

  test('never for one given offer', () => {
    const choice: Choice = { kind: 'offer', offerId: 'alpha-1' };
    expect(mayRetry(failed('no_capacity', 1, choice), DEFAULT_POLICY, START)).toBe(false);
  });

  test.each([0, 1, 3, 5])('as often as asked for and no more: %i retries', (maxRetries) => {
    const may = (attempts: number) =>
      mayRetry(failed('no_capacity', attempts, like(maxRetries)), DEFAULT_POLICY, START);
    expect(may(maxRetries)).toBe(maxRetries > 0);
    expect(may(maxRetries + 1)).toBe(false);
  });

  test('of a broker that chooses for itself, up to the policy', () => {
    const may = (attempts: number) =>
      mayRetry(failed('unavailable', attempts, ANY), DEFAULT_POLICY, START);
    expect(may(DEFAULT_POLICY.maxAttempts - 1)).toBe(true);
    expect(may(DEFAULT_POLICY.maxAttempts)).toBe(false);
  });

  test('until the time of the search is over, which the request may make shorter', () => {
    const tried = failed('no_capacity', 1, ANY);
    const end = START + DEFAULT_POLICY.searchMs;
    expect(mayRetry(tried, DEFAULT_POLICY, end - 1)).toBe(true);
    expect(searchVerdict(tried, DEFAULT_POLICY, end)).toBe('is_out_of_time');
    const hasty = { ...tried, request: { ...tried.request, searchTimeoutMs: 60_000 } };
    expect(mayRetry(hasty, DEFAULT_POLICY, START + 59_999)).toBe(true);
    expect(mayRetry(hasty, DEFAULT_POLICY, START + 60_000)).toBe(false);
  });

  test('not while an attempt is open, not before the first, and never once it ran', () => {
    const failure = { code: 'never_ready' as const, message: 'no' };
    const open = session({
      request: request({ choice: ANY }),
      instances: [instance({ state: 'terminating', failure })],
    });
    expect(mayRetry(open, DEFAULT_POLICY, START)).toBe(false);
    expect(mayRetry(session({ request: request({ choice: ANY }) }), DEFAULT_POLICY, START)).toBe(
      false,
    );
    const ran = { ...failed('instance_lost', 1, ANY), runningAt: START };
    expect(mayRetry(ran, DEFAULT_POLICY, START)).toBe(false);
  });

  test('a stray is no attempt: it uses up no retry', () => {
    const tried = failed('no_capacity', 1, like(1));
    const withStray = {
      ...tried,
      instances: [...tried.instances, instance({ role: 'stray', state: 'gone' })],
    };
    expect(mayRetry(withStray, DEFAULT_POLICY, START)).toBe(true);
  });
});

describe('an offer for a bid', () => {
  const auctioned = priced('a', 380_000, { minBid: 120_000 });

  test('takes one of at least its least bid, and none where no bids are known to be taken', () => {
    expect(takesBid(auctioned, { bidPerHour: 120_000 })).toBe(true);
    expect(takesBid(auctioned, { bidPerHour: 119_999 })).toBe(false);
    expect(takesBid(priced('b', 1), { bidPerHour: 9_000_000 })).toBe(false);
    // More than it costs on demand is a slip of the pen.
    expect(takesBid(auctioned, { bidPerHour: 380_000 })).toBe(true);
    expect(takesBid(auctioned, { bidPerHour: 380_001 })).toBe(false);
    expect(takesBid(auctioned, {})).toBe(true);
  });

  test('costs the bid and the disk that is asked for, and nothing for vCPUs and RAM', () => {
    const site = offer({ price: { gpu: 5, cpu: 3, ram: 2, disk: 20_000 } });
    expect(askedPrice(site, { diskGb: 100, bidPerHour: 150_000 })).toStrictEqual({
      ...{ gpu: 150_000, cpu: 0, ram: 0 },
      disk: 40_000,
    });
    expect(askedPrice(site, { diskGb: 100 })).toStrictEqual(priceWithDisk(site, 100));
  });

  test('is chosen by what it costs then: the dearest on demand may be the cheapest', () => {
    const dear = priced('dear', 900_000, { minBid: 100_000 });
    const bigDisk = priced('disk', 800_000, { minBid: 100_000, diskMicroUsdPerGbHour: 900 });
    const bid = request({ choice: ANY, bidPerHour: 150_000 });
    const offers = [bigDisk, dear, priced('none', 1), priced('high', 1, { minBid: 150_001 })];
    expect(ids(candidates(offers, bid, []))).toStrictEqual(['dear', 'disk']);
    const ceiling = { ...bid, maxPricePerHour: 170_000 };
    expect(ids(candidates(offers, ceiling, []))).toStrictEqual(['dear']);
  });
});

describe('an offer for a disk that is to be kept', () => {
  const keepable = priced('a', 2, { preservable: true });

  test('is one whose machine can be stopped; without that wish any will do', () => {
    expect(canKeepDisk(keepable, { keepsDisk: true })).toBe(true);
    expect(canKeepDisk(priced('b', 1), { keepsDisk: true })).toBe(false);
    expect(canKeepDisk(priced('b', 1), {})).toBe(true);
    const offers = [priced('b', 1), keepable];
    expect(ids(candidates(offers, request({ choice: ANY, keepsDisk: true }), []))).toStrictEqual([
      'a',
    ]);
    expect(ids(candidates(offers, request({ choice: ANY }), []))).toStrictEqual(['b', 'a']);
  });

  test('is not looked for again once the session was resumed: its disk is on one machine', () => {
    const failure = { code: 'no_capacity', message: 'taken' } as const;
    const gone = instance({ state: 'gone', failure });
    const owner = session({ request: request({ choice: ANY, keepsDisk: true }) });
    expect(mayRetry({ ...owner, instances: [gone] }, DEFAULT_POLICY, START)).toBe(true);
    const resumed = { ...gone, resumedAt: START };
    expect(mayRetry({ ...owner, instances: [resumed] }, DEFAULT_POLICY, START)).toBe(false);
  });
});

test.each([
  ['image_unavailable', false],
  ['outbid', true],
  ['contract_expired', true],
  ['price_changed', true],
] as const)('after %s another offer is tried: %s', (code, mayTry) => {
  const failed = instance({ state: 'gone', failure: { code, message: 'so it is' } });
  const owner = session({ request: request({ choice: ANY }), instances: [failed] });
  expect(mayRetry(owner, DEFAULT_POLICY, START)).toBe(mayTry);
});
