import fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../src/domain/time.ts';
import type { ServedRequest } from '../../src/http/server-parts.ts';
import type { Menu } from '../../src/inventory/menu.ts';
import { OfferIndex } from '../../src/inventory/offer-index.ts';
import { NOW, offer, type World, type WorldOptions, world } from './http-world.ts';

const TARGETS = [
  '/offers',
  '/offers?limit=1',
  '/offers?gpu_type=RTX%204090&max_price=0.5',
  '/api/v1/inventory?sort=-reliability',
  '/offers?limit=0',
  '/offers?max_price=%zz',
  '/offers?colour=red',
  '/offers?limit=1&limit=2',
  '/offers/vastai-12345',
  '/offers/vastai-nothing',
  '/offers/vastai-12345?x=1',
  '/health',
  '/health?x=1',
];
/** It makes no other answer of any of these, except that it is made the usual way. */
const BODY = { payload: 'nobody reads this', headers: { 'content-type': 'text/plain' } };
const TOKENS = [{ name: 'ci', token: 'ci-secret-token' }];

const request = fc.record({
  method: fc.constantFrom('GET' as const, 'HEAD' as const),
  url: fc.constantFrom(...TARGETS),
  headers: fc.record(
    {
      'if-none-match': fc.constantFrom('*', '"other"', 'W/"other", *'),
      'x-request-id': fc.constantFrom('mine', 'not fit for logs'),
      authorization: fc.constantFrom('Bearer ci-secret-token', 'Bearer guess'),
      host: fc.constantFrom('localhost', 'evil.example'),
      origin: fc.constantFrom('http://localhost', 'http://evil.example'),
      'sec-fetch-site': fc.constantFrom('none', 'cross-site'),
    },
    { requiredKeys: [] },
  ),
});
type Request = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

const withBody = (one: Request) => ({
  ...one,
  ...BODY,
  headers: { ...BODY.headers, ...one.headers },
});

function recorded({ method, route, status }: ServedRequest) {
  return { method, route, status };
}

function told({ statusCode, headers, body }: LightMyRequestResponse) {
  const { date: _date, connection: _connection, ...rest } = headers;
  return { statusCode, headers: rest, body };
}

const OFFERS = [offer(), offer({ id: 'vastai-2', gpuType: 'H100', reliability: 0.5 })];
const AGE_MS = 30_000;

/** A menu that stays as it is, so that what was answered may be given again. */
function lasting(options: WorldOptions = {}): World & { readonly queries: () => number } {
  const index = new OfferIndex(OFFERS);
  const edition = { oldestAt: NOW - AGE_MS };
  const provider = { name: 'vastai', api: 'vastai', status: 'ok', offers: 2 } as const;
  const health = { status: 'ok', providers: [provider] } as const;
  let queries = 0;
  const menu: Menu = {
    query: (query) => {
      queries += 1;
      return { ...index.query(query), ageMs: AGE_MS, staleProviders: [] };
    },
    get: (id) => OFFERS.find((one) => one.id === id),
    health: () => health,
    edition: () => edition,
  };
  return { ...world({ menu, ...options }), queries: () => queries };
}

const SETTINGS: readonly (readonly [string, WorldOptions])[] = [
  ['of a broker that everybody may ask', {}],
  ['with tokens and a rate limit', { tokens: TOKENS, rateLimitPerMinute: 4 }],
  ['while the broker starts', { startAt: 'starting' }],
];

describe('an answer that is given at once', () => {
  it.each(SETTINGS)('is the one that is made the usual way, %s', async (_what, options) => {
    let nowMs = 0;
    const both = { ...options, monotonicMs: () => nowMs };
    const [atOnce, usual] = [lasting(both), lasting(both)];
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 8 }), async (asked) => {
        nowMs += MINUTE_MS;
        for (const one of asked) {
          expect(told(await atOnce.inject(one))).toStrictEqual(
            told(await usual.inject(withBody(one))),
          );
        }
      }),
      { numRuns: 40 },
    );
    expect(atOnce.served.map(recorded)).toStrictEqual(usual.served.map(recorded));
  });

  it('is told from the usual one by this test', async () => {
    const [atOnce, usual] = [lasting(), lasting()];
    for (let times = 0; times < 4; times += 1) {
      await atOnce.inject('/offers');
      await usual.inject({ url: '/offers', ...BODY });
    }
    expect([atOnce.queries(), usual.queries()]).toStrictEqual([2, 4]);
  });
});
