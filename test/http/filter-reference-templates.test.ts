import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer } from '../../src/domain/offer.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import type { Template } from '../../src/domain/template.ts';
import type { TemplateCondition, TemplateOperator } from '../../src/domain/template-filter.ts';
import type { MenuQuery } from '../../src/inventory/menu.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { factsOf } from '../../src/providers/vastai/offer-facts.ts';
import { manualClock } from '../support/manual-clock.ts';
import { offersArbitrary, searchArbitrary } from './filter-arbitraries.ts';
import { expectedOffers, type Search } from './filter-reference.ts';
import { NOW, world } from './http-world.ts';
import {
  EMPTY_FILTERS,
  extraFiltersArbitrary,
  MALFORMED_FILTERS,
  rowArbitrary,
} from './template-arbitraries.ts';
import { isShownBy, type Row } from './template-reference.ts';

const RUNS = 500;
const HASH = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
const NAMES = ['vastai', 'tensordock'];

/** An offer with the marketplace's own row of it, where the marketplace has templates. */
interface Listed {
  readonly offer: Offer;
  readonly row: Row | undefined;
}

/** A template is of one marketplace; to name another beside it is refused. */
const search = searchArbitrary.map(({ provider, ...others }): Search => {
  return provider === 'vastai' ? { ...others, provider } : others;
});

const listing: fc.Arbitrary<readonly Listed[]> = fc
  .tuple(offersArbitrary, fc.array(rowArbitrary, { minLength: 40, maxLength: 40 }))
  .map(([offers, rows]) => offers.map((offer, index) => listed(offer, rows[index] ?? {})));

function listed(offer: Offer, row: Row): Listed {
  if (offer.provider !== 'vastai') return { offer, row: undefined };
  const wire = { ...row, id: 1, gpu_name: String(row['gpu_name']) };
  const numbers = { num_gpus: Number(row['num_gpus']), gpu_ram: Number(row['gpu_ram']) };
  return { offer: { ...offer, facts: factsOf({ ...wire, ...numbers }) }, row };
}

type Change = (conditions: readonly TemplateCondition[]) => readonly TemplateCondition[];

/** `change` is how a broken menu would misread what the template asks. */
function asker(change: Change = (conditions) => conditions) {
  let shelf = shelfOf([]);
  let template: Template | undefined;
  const { inject } = world({
    menu: {
      query: (query) => shelf.query(misread(query, change)),
      get: (id) => shelf.get(id),
      health: () => shelf.health(),
      edition: () => shelf.edition(),
    },
    templates: {
      list: () => ({ kind: 'listed', templates: [], fetchedAt: NOW }),
      find: async (hash) =>
        template && hash === HASH ? { kind: 'found', template } : { kind: 'unknown' },
    },
  });
  return {
    ask: async (search: Readonly<Record<string, string>>) => {
      const query = new URLSearchParams({ ...search, template_hash_id: HASH });
      return inject(`/offers?${query.toString()}`);
    },
    set: (offers: readonly Offer[], extraFilters: string | undefined) => {
      shelf = shelfOf(offers);
      template = templateOf(extraFilters);
    },
  };
}

function misread(query: MenuQuery, change: Change): MenuQuery {
  const filters = query.filters.map((filter) => {
    const { template } = filter;
    const conditions = template && change(template.conditions);
    return conditions ? { ...filter, template: { ...template, conditions } } : filter;
  });
  return { ...query, filters };
}

function shelfOf(offers: readonly Offer[]): Shelf {
  const sources = NAMES.map((name) => ({ api: name, name }));
  const shelf = new Shelf({
    sources,
    clock: manualClock({ startAt: NOW }),
    policy: DEFAULT_POLICY,
    record: new TrackRecord(),
  });
  for (const name of NAMES) {
    const own = offers.filter(({ provider }) => provider === name);
    shelf.stock(name, own, NOW);
  }
  return shelf;
}

function templateOf(extraFilters: string | undefined): Template {
  const template = {
    id: 1,
    hashId: HASH,
    name: 'T',
    image: 'i',
    usesSsh: true,
    isRecommended: true,
  };
  return extraFilters === undefined ? template : { ...template, extraFilters };
}

function idsOf(answer: { json(): { readonly offers: readonly { readonly id: string }[] } }) {
  return answer.json().offers.map(({ id }) => id);
}

interface Limits {
  readonly numRuns: number;
  readonly endOnFailure?: true;
}

async function agree({ ask, set }: ReturnType<typeof asker>, limits: Limits): Promise<void> {
  const drawn = [listing, extraFiltersArbitrary, search] as const;
  const property = fc.asyncProperty(...drawn, async (list, filters, asked) => {
    set(
      list.map(({ offer }) => offer),
      JSON.stringify(filters),
    );
    const answer = await ask(asked);
    expect(answer.statusCode, answer.body).toBe(200);
    const shown = list.filter(({ row }) => row !== undefined && isShownBy(row, filters));
    const expected = expectedOffers(
      shown.map(({ offer }) => offer),
      asked,
    );
    expect({ ids: idsOf(answer), total: answer.json().total }).toEqual(expected);
  });
  await fc.assert(property, limits);
}

describe('GET /offers by a template', () => {
  const { ask, set } = asker();

  it('finds what the marketplace itself would show by the filter, in the same order', async () => {
    await expect(agree(asker(), { numRuns: RUNS })).resolves.toBeUndefined();
  });

  it.each<[string, Change]>([
    ['forgets the filter', () => []],
    ['looks at the first condition alone', (conditions) => conditions.slice(0, 1)],
    ['reads "at least" as "more than"', (conditions) => respelt(conditions, 'gte', 'gt')],
    ['reads "not among" as "among"', (conditions) => respelt(conditions, 'notin', 'in')],
    ['reads "is not" as "is"', (conditions) => respelt(conditions, 'neq', 'eq')],
    ['does not know what a place is called', (conditions) => conditions.map(misnamed)],
  ])('tells a menu that %s', async (_what, change) => {
    const limits = { numRuns: 5 * RUNS, endOnFailure: true } as const;
    await expect(agree(asker(change), limits)).rejects.toThrow('Property failed');
  });

  it.each(EMPTY_FILTERS)(
    'finds all of the marketplace when it asks for nothing: %j',
    async (text) => {
      await fc.assert(
        fc.asyncProperty(listing, search, async (list, asked) => {
          set(
            list.map(({ offer }) => offer),
            text,
          );
          const own = list.filter(({ row }) => row !== undefined).map(({ offer }) => offer);
          expect(idsOf(await ask(asked))).toEqual(expectedOffers(own, asked).ids);
        }),
        { numRuns: 20 },
      );
    },
  );

  it.each(MALFORMED_FILTERS)('is 422 when its filter cannot be read: %s', async (text) => {
    set([], text);
    const answer = await ask({});
    expect(answer.statusCode, answer.body).toBe(422);
  });

  it('is mostly about filters that let something pass and hold something back', () => {
    const drawn = fc.sample(fc.tuple(listing, extraFiltersArbitrary), { numRuns: 500, seed: 1 });
    const telling = drawn.filter(([list, filters]) => {
      const rows = list.map(({ row }) => row).filter((row) => row !== undefined);
      const shown = rows.filter((row) => isShownBy(row, filters));
      return shown.length > 0 && shown.length < rows.length;
    });
    expect(telling.length).toBeGreaterThan(120);
  });
});

function respelt(
  conditions: readonly TemplateCondition[],
  operator: TemplateOperator,
  instead: TemplateOperator,
): readonly TemplateCondition[] {
  return conditions.map((condition) =>
    condition.operator === operator ? { ...condition, operator: instead } : condition,
  );
}

/** The names that the marketplace's own tool has for some columns. */
function misnamed(condition: TemplateCondition): TemplateCondition {
  return condition.field === 'geolocation' ? { ...condition, field: 'country' } : condition;
}
