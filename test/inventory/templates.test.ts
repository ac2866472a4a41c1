import { describe, expect, it } from 'vitest';
import { ProviderFailure } from '../../src/domain/errors.ts';
import type { Template } from '../../src/domain/template.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import {
  listedTemplates,
  requireTemplate,
  templateMatch,
} from '../../src/inventory/require-template.ts';
import { startTemplatePoller } from '../../src/inventory/template-poller.ts';
import { TemplateShelf } from '../../src/inventory/templates.ts';
import { template } from '../support/builders.ts';
import { failure } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

const LISTED = template({ hashId: 'listed00' });
const PUBLISHED = template({ hashId: 'published00', isRecommended: false });

function setUp() {
  const clock = manualClock();
  const market = {
    recommended: [LISTED] as readonly Template[],
    published: [PUBLISHED] as readonly Template[],
    failure: undefined as ProviderFailure | undefined,
    listCalls: 0,
    searches: [] as string[],
    until: Promise.resolve(),
  };
  const catalogue = {
    recommended: async () => {
      market.listCalls += 1;
      if (market.failure) throw market.failure;
      return market.recommended;
    },
    find: async (hashId: string) => {
      market.searches.push(hashId);
      await market.until;
      if (market.failure) throw market.failure;
      return market.published.find((one) => one.hashId === hashId);
    },
  };
  return { clock, market, shelf: new TemplateShelf(catalogue, clock) };
}

describe('the recommended templates', () => {
  it('are being read at first, then there, and stay when the marketplace fails', async () => {
    const { clock, market, shelf } = setUp();
    expect(shelf.list()).toEqual({ kind: 'filling' });
    await shelf.refresh();
    const fetchedAt = clock.now();
    expect(shelf.list()).toEqual({ kind: 'listed', templates: [LISTED], fetchedAt });
    market.failure = failure('unavailable');
    await clock.advance(HOUR_MS);
    await expect(shelf.refresh()).rejects.toThrow(ProviderFailure);
    expect(shelf.list()).toEqual({ kind: 'listed', templates: [LISTED], fetchedAt });
  });

  it('are not to be had when they never could be read', async () => {
    const { market, shelf } = setUp();
    market.failure = failure('unauthorized');
    await expect(shelf.refresh()).rejects.toThrow(ProviderFailure);
    expect(shelf.list()).toEqual({ kind: 'unavailable' });
  });

  it('are unheard of without a marketplace that has some', async () => {
    const shelf = new TemplateShelf(undefined, manualClock());
    await shelf.refresh();
    expect(shelf.list()).toEqual({ kind: 'unsupported' });
    expect(await shelf.find('listed00')).toEqual({ kind: 'unsupported' });
  });

  it('are kept up to a bound', async () => {
    const { market, shelf } = setUp();
    market.recommended = Array.from({ length: 1_500 }, () => LISTED);
    await shelf.refresh();
    expect(listedTemplates(shelf)).toHaveLength(1_000);
  });
});

describe('a template by its hash', () => {
  it('is found in the list without a search', async () => {
    const { market, shelf } = setUp();
    await shelf.refresh();
    expect(await shelf.find('listed00')).toEqual({ kind: 'found', template: LISTED });
    expect(market.searches).toEqual([]);
  });

  it('is searched for once, remembered for an hour, and known still when the marketplace fails', async () => {
    const { clock, market, shelf } = setUp();
    const found = { kind: 'found', template: PUBLISHED };
    expect(await shelf.find('published00')).toEqual(found);
    await clock.advance(HOUR_MS - 1);
    expect(await shelf.find('published00')).toEqual(found);
    expect(market.searches).toHaveLength(1);
    market.failure = failure('unavailable');
    await clock.advance(1);
    expect(await shelf.find('published00')).toEqual(found);
    expect(market.searches).toHaveLength(2);
  });

  it('is believed to be unknown for a minute only', async () => {
    const { clock, market, shelf } = setUp();
    expect(await shelf.find('nobody000')).toEqual({ kind: 'unknown' });
    await clock.advance(MINUTE_MS - 1);
    expect(await shelf.find('nobody000')).toEqual({ kind: 'unknown' });
    expect(market.searches).toHaveLength(1);
    market.published = [template({ hashId: 'nobody000' })];
    await clock.advance(1);
    expect(await shelf.find('nobody000')).toMatchObject({ kind: 'found' });
  });

  it.each(['', 'short', 'has space', '../../secrets', 'x'.repeat(129), 'ünïcode0'])(
    'is unknown without a search when it can be no hash: %j',
    async (hashId) => {
      const { market, shelf } = setUp();
      expect(await shelf.find(hashId)).toEqual({ kind: 'unknown' });
      expect(market.searches).toEqual([]);
    },
  );

  it('is searched for once for everybody who asks meanwhile', async () => {
    const { market, shelf } = setUp();
    const findings = await Promise.all([1, 2, 3].map(() => shelf.find('published00')));
    expect(findings.map(({ kind }) => kind)).toEqual(['found', 'found', 'found']);
    expect(market.searches).toHaveLength(1);
  });

  it('is not to be had when the marketplace fails', async () => {
    const { market, shelf } = setUp();
    market.failure = failure('rate_limited');
    expect(await shelf.find('published00')).toEqual({ kind: 'unavailable' });
  });

  it('keeps nobody waiting beyond a quarter of a minute, and is there for the next', async () => {
    const { clock, market, shelf } = setUp();
    let answerNow = (): void => {};
    market.until = new Promise((resolve) => {
      answerNow = resolve;
    });
    const impatient = shelf.find('published00');
    await clock.advance(15 * SECOND_MS);
    expect(await impatient).toEqual({ kind: 'unavailable' });
    answerNow();
    expect(await shelf.find('published00')).toMatchObject({ kind: 'found' });
    expect(market.searches).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('is not searched for when five others are', async () => {
    const { market, shelf } = setUp();
    let answerNow = (): void => {};
    market.until = new Promise((resolve) => {
      answerNow = resolve;
    });
    const others = [1, 2, 3, 4, 5].map((number) => shelf.find(`otherone${number}`));
    expect(await shelf.find('published00')).toEqual({ kind: 'unavailable' });
    answerNow();
    await Promise.all(others);
    expect(await shelf.find('published00')).toMatchObject({ kind: 'found' });
  });
});

describe('what callers are told', () => {
  it('is the template and what it asks of an offer', async () => {
    const { shelf } = setUp();
    const found = await requireTemplate(shelf, 'published00');
    expect(found).toEqual(PUBLISHED);
    expect(templateMatch({ ...found, extraFilters: '{"num_gpus":{"eq":"1"}}' })).toEqual({
      hashId: 'published00',
      conditions: [{ field: 'num_gpus', operator: 'eq', wanted: '1' }],
    });
    expect(templateMatch({ ...found, extraFilters: 'null' }).conditions).toEqual([]);
  });

  it('is a code for each reason', async () => {
    const { market, shelf } = setUp();
    expect(() => listedTemplates(shelf)).toThrow(expect.objectContaining({ code: 'not_ready' }));
    await expect(requireTemplate(shelf, 'nobody000')).rejects.toMatchObject({ code: 'not_found' });
    market.failure = failure('unavailable');
    await expect(requireTemplate(shelf, 'another000')).rejects.toMatchObject({
      code: 'provider_unavailable',
      details: { retry_suggested: true },
    });
    await expect(shelf.refresh()).rejects.toThrow();
    expect(() => listedTemplates(shelf)).toThrow(
      expect.objectContaining({ code: 'provider_unavailable' }),
    );
    const none = new TemplateShelf(undefined, manualClock());
    expect(() => listedTemplates(none)).toThrow('no marketplace that has templates');
    expect(() => templateMatch(template({ extraFilters: '{' }))).toThrow(
      expect.objectContaining({ code: 'no_matching_offer' }),
    );
  });
});

describe('the reading in the background', () => {
  it('is done at once, every hour, and sooner after a failure', async () => {
    const { clock, market, shelf } = setUp();
    const recorder = recordingRecorder();
    const poller = startTemplatePoller({ shelf, clock, recorder });
    await clock.advance(0);
    expect(market.listCalls).toBe(1);
    market.failure = failure('unavailable');
    const gapsMinutes: number[] = [];
    for (let last = clock.now(); gapsMinutes.length < 9; last = clock.now()) {
      if (gapsMinutes.length === 8) market.failure = undefined;
      const calls = market.listCalls;
      while (market.listCalls === calls) await clock.advance(MINUTE_MS);
      gapsMinutes.push((clock.now() - last) / MINUTE_MS);
    }
    expect(gapsMinutes).toEqual([60, 1, 2, 4, 8, 16, 32, 60, 60]);
    await clock.advance(HOUR_MS - 1);
    const calls = market.listCalls;
    await clock.advance(1);
    expect(market.listCalls).toBe(calls + 1);
    expect(recorder.notes).toEqual([]);
    await poller.stop();
    expect(clock.pending).toBe(0);
  });
});
