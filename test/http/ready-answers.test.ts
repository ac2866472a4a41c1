import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { SECOND_MS } from '../../src/domain/time.ts';
import { KeptAnswers } from '../../src/http/kept-answers.ts';
import { OfferRows } from '../../src/http/views/offer-rows.ts';
import { offersView, offerView } from '../../src/http/views/offer-view.ts';
import { SORT_KEYS } from '../../src/inventory/menu.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { manualClock } from '../support/manual-clock.ts';
import { offersArbitrary } from './filter-arbitraries.ts';
import { NOW, offer, world } from './http-world.ts';

function stocked() {
  const clock = manualClock({ startAt: NOW });
  const sources = [{ api: 'vastai', name: 'vastai' }];
  const shelf = new Shelf({ sources, clock, policy: DEFAULT_POLICY, record: new TrackRecord() });
  shelf.stock('vastai', [offer(), offer({ id: 'vastai-2', gpuType: 'H100' })], NOW);
  let queries = 0;
  const menu = {
    query: (query: Parameters<Shelf['query']>[0]) => {
      queries += 1;
      return shelf.query(query);
    },
    get: (id: string) => shelf.get(id),
    health: () => shelf.health(),
    edition: () => shelf.edition(),
  };
  const { inject } = world({ menu, now: () => clock.now() });
  return { clock, shelf, inject, queries: () => queries };
}

describe('offers that were turned into text ahead of time', () => {
  it('read as their views do, and say nothing that the schema does not list', async () => {
    const server = stocked();
    const page = fc.record({
      sort: fc.constantFrom(...SORT_KEYS),
      limit: fc.integer({ min: 1, max: 50 }),
      offset: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(offersArbitrary, page, async (offers, { sort, limit, offset }) => {
        server.shelf.stock('vastai', offers, NOW);
        const answer = await server.inject(`/offers?sort=${sort}&limit=${limit}&offset=${offset}`);
        const query = { filters: [], sort, descending: false, limit, offset };
        expect(answer.json()).toStrictEqual({ ...offersView(server.shelf.query(query)) });
        const [first] = offers;
        const one = await server.inject(`/offers/${first?.id}`);
        expect(one.json()).toStrictEqual(first && { ...offerView(first) });
        expect(answer.body + one.body).not.toContain('adapter');
      }),
      { numRuns: 150 },
    );
  });

  it('say in the page that some are missing', async () => {
    const { clock, shelf, inject } = stocked();
    await clock.advance(SECOND_MS);
    shelf.fail('vastai', 'unavailable');
    expect((await inject('/offers')).json()).toMatchObject({
      partial: true,
      stale_providers: ['vastai'],
    });
  });
});

describe('an answer that is asked for again', () => {
  it('is sent again without another look at the menu, byte for byte, with its age', async () => {
    const { clock, inject, queries } = stocked();
    const first = await inject('/offers?gpu_type=4090');
    await inject('/offers?gpu_type=4090');
    await clock.advance(7 * SECOND_MS);
    const again = await inject('/offers?gpu_type=4090');
    expect(queries()).toBe(2);
    expect(again.body).toBe(first.body);
    expect(again.headers['etag']).toBe(first.headers['etag']);
    expect([first.headers['age'], again.headers['age']]).toStrictEqual(['30', '37']);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
  });

  it('is spared its body where the caller has it, and has none for HEAD', async () => {
    const { inject, queries } = stocked();
    const { headers } = await inject('/offers');
    await inject('/offers');
    const sameTag = { 'if-none-match': String(headers['etag']) };
    const spared = await inject({ url: '/offers', headers: sameTag });
    expect([spared.statusCode, spared.body]).toStrictEqual([304, '']);
    const head = await inject({ method: 'HEAD', url: '/offers' });
    expect([head.statusCode, head.body]).toStrictEqual([200, '']);
    expect(queries()).toBe(3);
  });

  it.each<[string, (shelf: Shelf) => void]>([
    ['other offers came', (shelf) => shelf.stock('vastai', [offer({ id: 'vastai-3' })], NOW)],
    ['one was taken', (shelf) => shelf.take('vastai-2')],
    ['the provider failed', (shelf) => shelf.fail('vastai', 'unavailable')],
  ])('is made anew as soon as %s', async (_what, change) => {
    const { shelf, inject, queries } = stocked();
    const before = await inject('/offers');
    await inject('/offers');
    change(shelf);
    const after = await inject('/offers');
    expect(queries()).toBe(3);
    expect(after.body).not.toBe(before.body);
    expect(after.headers['etag']).not.toBe(before.headers['etag']);
  });

  it('is made anew when time alone has made the offers stale', async () => {
    const { clock, inject } = stocked();
    for (let times = 0; times < 3; times += 1) {
      expect((await inject('/offers')).json()).not.toHaveProperty('partial');
    }
    await clock.advance(3 * DEFAULT_POLICY.offersRefreshMs + 1);
    expect((await inject('/offers')).json()).toMatchObject({ partial: true });
  });
});

describe('a page whose memory is lent', () => {
  const page = (id: string, offers = 1) => ({
    listed: Array.from({ length: offers }, () => offer({ id })),
    positions: Array.from({ length: offers }, (_, position) => position),
    total: offers,
    ageMs: 0,
    staleProviders: [],
  });
  const rows = () => new OfferRows({ offer: JSON.stringify, page: JSON.stringify });

  it('stays as it is for as long as it is not given back', () => {
    const made = rows();
    const pages = ['a', 'b', 'c', 'd', 'e'].map((id) => [id, made.page(page(id)).body] as const);
    for (const [id, body] of pages) {
      expect(JSON.parse(body.toString())).toMatchObject({ offers: [{ id }], total: 1 });
    }
  });

  it('gives its memory to the next one once it is', () => {
    const made = rows();
    const first = made.page(page('a'));
    expect(first.giveBack).toBeDefined();
    first.giveBack?.();
    expect(made.page(page('b')).body.buffer).toBe(first.body.buffer);
  });

  it('has memory of its own where it is large', () => {
    const large = rows().page(page('a', 200));
    expect(large.giveBack).toBeUndefined();
    expect(JSON.parse(large.body.toString())).toMatchObject({ total: 200 });
  });

  it('is kept as it was, whatever comes to stand in that memory', () => {
    const made = rows();
    const kept = new KeptAnswers<object>();
    const state = {};
    const first = made.page(page('a'));
    for (let times = 0; times < 2; times += 1) kept.keep('/offers', state, first);
    first.giveBack?.();
    made.page(page('b'));
    expect(kept.find('/offers', state)?.body.toString()).toContain('"id":"a"');
  });
});

describe('kept answers', () => {
  const STATE = {};
  const ANSWER = { body: Buffer.from('a'), digest: 'd', giveBack: undefined };

  function keepTwice(kept: KeptAnswers<object>, target: string, answer = ANSWER): void {
    for (let times = 0; times < 2; times += 1) kept.keep(target, STATE, answer);
  }

  it('are those that were asked for a second time', () => {
    const kept = new KeptAnswers<object>();
    kept.keep('/offers', STATE, ANSWER);
    expect(kept.find('/offers', STATE)).toBeUndefined();
    kept.keep('/offers', STATE, ANSWER);
    expect(kept.find('/offers', STATE)).toStrictEqual(ANSWER);
  });

  it('are forgotten with the state that they were made of', () => {
    const kept = new KeptAnswers<object>();
    keepTwice(kept, '/offers');
    expect(kept.find('/offers', {})).toBeUndefined();
    kept.keep('/offers?limit=1', {}, ANSWER);
    expect(kept.find('/offers', STATE)).toBeUndefined();
  });

  it('are of a bounded number and size', () => {
    const kept = new KeptAnswers<object>();
    for (let number = 0; number <= 200; number += 1) keepTwice(kept, `/offers?offset=${number}`);
    expect(kept.find('/offers?offset=0', STATE)).toBeUndefined();
    expect(kept.find('/offers?offset=1', STATE)).toBeDefined();
    keepTwice(kept, '/large', { ...ANSWER, body: Buffer.alloc(80_001) });
    keepTwice(kept, `/${'a'.repeat(500)}`);
    expect(kept.find('/large', STATE)).toBeUndefined();
    expect(kept.find(`/${'a'.repeat(500)}`, STATE)).toBeUndefined();
  });
});
