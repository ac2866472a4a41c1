import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OfferFacts } from '../../src/domain/offer.ts';
import { failedFields, matchesFilter } from '../../src/domain/offer-filter.ts';
import {
  meetsTemplate,
  parseTemplateFilter,
  TEMPLATE_OPERATORS,
} from '../../src/domain/template-filter.ts';
import { offer } from '../support/builders.ts';

const FACTS: OfferFacts = {
  gpu_name: 'RTX 4090',
  num_gpus: 2,
  gpu_ram: 24_564,
  cuda_max_good: 12.8,
  driver_version: '570.86.15',
  os_version: '22.04',
  cpu_arch: 'amd64',
  static_ip: true,
  has_avx: 1,
  geolocation: 'CA',
  bw_nvlink: 0,
  hostname: null,
};

function meets(filter: unknown, facts: OfferFacts | undefined = FACTS): boolean {
  const parsed = parseTemplateFilter(JSON.stringify(filter));
  if (parsed.kind === 'malformed') throw new Error(parsed.problem);
  return meetsTemplate(facts, parsed.kind === 'none' ? [] : parsed.conditions);
}

describe('what a template asks for', () => {
  it.each([undefined, '', '  ', 'null', ' null\n', '{}', '{"gpu_ram":{}}'])(
    'is nothing when its filter is %j',
    (text) => {
      expect(parseTemplateFilter(text)).toEqual({ kind: 'none' });
    },
  );

  it.each([
    '{"external":{"eq":false}}',
    '{"external":true}',
    '{"type":"on-demand","order":[["score","desc"]],"limit":64,"disable_bundling":true}',
  ])('is nothing when its filter holds only what is no filter: %s', (text) => {
    expect(parseTemplateFilter(text)).toEqual({ kind: 'none' });
  });

  it('is every condition, in order', () => {
    const text = '{"cuda_max_good":{"gte":12.4,"lt":13},"cpu_arch":{"in":["amd64"]}}';
    expect(parseTemplateFilter(text)).toEqual({
      kind: 'conditions',
      conditions: [
        { field: 'cuda_max_good', operator: 'gte', wanted: 12.4 },
        { field: 'cuda_max_good', operator: 'lt', wanted: 13 },
        { field: 'cpu_arch', operator: 'in', wanted: ['amd64'] },
      ],
    });
  });

  it('takes the short spelling of "not in"', () => {
    const conditions = [{ field: 'gpu_name', operator: 'notin', wanted: ['A'] }];
    expect(parseTemplateFilter('{"gpu_name":{"nin":["A"]}}')).toEqual({
      kind: 'conditions',
      conditions,
    });
  });

  it.each([
    ['{"gpu_name":"RTX 4090", num_gpus>=2}', 'is not a JSON object'],
    ['[]', 'is not a JSON object'],
    ['7', 'is not a JSON object'],
    ['"{}"', 'is not a JSON object'],
    ['{"num_gpus":1}', 'has no comparison for "num_gpus"'],
    ['{"num_gpus":null}', 'has no comparison for "num_gpus"'],
    ['{"num_gpus":["eq",1]}', 'has no comparison for "num_gpus"'],
    ['{"num_gpus":{"atleast":1}}', 'has the unknown operator "atleast" for "num_gpus"'],
    ['{"num_gpus":{"__proto__":1}}', 'has the unknown operator "__proto__" for "num_gpus"'],
    ['{"num_gpus":{"constructor":1}}', 'has the unknown operator "constructor" for "num_gpus"'],
    ['{"num_gpus":{"in":1}}', 'has no list of values at "in" for "num_gpus"'],
    ['{"num_gpus":{"notin":[[1]]}}', 'has no list of values at "notin" for "num_gpus"'],
    ['{"num_gpus":{"eq":[1]}}', 'has no single value at "eq" for "num_gpus"'],
    ['{"num_gpus":{"eq":{}}}', 'has no single value at "eq" for "num_gpus"'],
    ['{"num_gpus":{"gte":null}}', 'has nothing to compare with at "gte" for "num_gpus"'],
    [`{"${'x'.repeat(100)}":1}`, `has no comparison for "${'x'.repeat(40)}"`],
    [`{"a":{"eq":"${'x'.repeat(20_000)}"}}`, 'is longer than 20000 characters'],
  ])('cannot be told from %s', (text, problem) => {
    expect(parseTemplateFilter(text)).toEqual({ kind: 'malformed', problem });
  });

  it('cannot be told from more conditions than a person writes', () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`f${n}`, { eq: n }]));
    expect(parseTemplateFilter(JSON.stringify(many)).kind).toBe('malformed');
  });

  it.each(['in', 'notin', 'nin'])(
    'cannot be told from a longer list than a person writes: %s',
    (word) => {
      const list = (length: number) =>
        JSON.stringify({ geolocation: { [word]: Array.from({ length }, () => 'SE') } });
      expect(parseTemplateFilter(list(250)).kind).toBe('conditions');
      expect(parseTemplateFilter(list(400)).kind).toBe('malformed');
    },
  );

  it('is read or refused, whatever the text, and what is read can be held against an offer', () => {
    const operator = fc.constantFrom(...TEMPLATE_OPERATORS, 'nin', 'like', '__proto__');
    const filter = fc.dictionary(
      fc.oneof(fc.constantFrom(...Object.keys(FACTS)), fc.string()),
      fc.dictionary(operator, fc.jsonValue(), { maxKeys: 3 }),
      { maxKeys: 4 },
    );
    const text = fc.oneof(fc.string(), fc.json(), filter.map(asJson));
    fc.assert(
      fc.property(text, (filters) => {
        const parsed = parseTemplateFilter(filters);
        if (parsed.kind === 'conditions') {
          expect(typeof meetsTemplate(FACTS, parsed.conditions)).toBe('boolean');
        }
        expect(['none', 'conditions', 'malformed']).toContain(parsed.kind);
      }),
      { numRuns: 2_000 },
    );
  });
});

function asJson(value: unknown): string {
  return JSON.stringify(value);
}

describe('an offer beside a template', () => {
  it.each([
    [{ num_gpus: { eq: 2 } }, true],
    [{ num_gpus: { eq: '2' } }, true],
    [{ num_gpus: { eq: ' 2.0 ' } }, true],
    [{ num_gpus: { eq: '' } }, false],
    [{ num_gpus: { eq: null } }, false],
    [{ num_gpus: { eq: '0x2' } }, false],
    [{ num_gpus: { neq: '2' } }, false],
    [{ num_gpus: { neq: 1 } }, true],
    [{ num_gpus: { gt: 2 } }, false],
    [{ num_gpus: { gte: '2' } }, true],
    [{ num_gpus: { lt: 2 } }, false],
    [{ num_gpus: { lte: 2 } }, true],
    [{ num_gpus: { gte: 1, lte: 4 } }, true],
    [{ num_gpus: { gte: 1, lte: 1 } }, false],
    [{ num_gpus: { in: [1, '2'] } }, true],
    [{ num_gpus: { in: [] } }, false],
    [{ num_gpus: { notin: [1, 4] } }, true],
    [{ num_gpus: { nin: ['2'] } }, false],
    [{ num_gpus: { notin: [] } }, true],
    [{ gpu_name: { eq: 'RTX 4090' } }, true],
    [{ gpu_name: { eq: 'RTX_4090' } }, false],
    [{ gpu_name: { in: ['RTX 3090', 'RTX 4090'] } }, true],
    [{ gpu_name: { notin: ['RTX 4090D'] } }, true],
    [{ gpu_name: { gte: 5 } }, false],
    [{ gpu_name: { lt: 5 } }, false],
    [{ cpu_arch: { in: ['arm64', 'amd64'] } }, true],
    [{ cpu_arch: { gt: 'amd63' } }, true],
    [{ cuda_max_good: { gte: 12.9 } }, false],
    [{ cuda_max_good: { gte: '12.8' } }, true],
    [{ os_version: { gte: '20.04' } }, true],
    [{ os_version: { gte: 24.04 } }, false],
    [{ driver_version: { gte: '535.86.05' } }, true],
    [{ driver_version: { gte: '570.124.06' } }, false],
    [{ driver_version: { gte: 535_086_005 } }, true],
    [{ static_ip: { eq: true } }, true],
    [{ static_ip: { eq: 'true' } }, true],
    [{ static_ip: { eq: 1 } }, true],
    [{ static_ip: { eq: false } }, false],
    [{ static_ip: { in: [true, false] } }, true],
    [{ has_avx: { eq: true } }, true],
    [{ bw_nvlink: { eq: false } }, true],
    [{ geolocation: { in: ['US', 'CA'] } }, true],
    [{ geolocation: { notin: ['CA'] } }, false],
    [{ num_gpus: { eq: 2 }, gpu_ram: { gte: 40_000 } }, false],
    [{ unheard_of: { eq: 1 } }, true],
    [{ hostname: { eq: 'x' } }, true],
    [{ constructor: { eq: 1 } }, true],
    [{ ['__proto__']: { eq: 1 } }, true],
  ])('%j: %s', (filter, expected) => {
    expect(meets(filter)).toBe(expected);
  });

  it('meets none when its marketplace has no templates, not even one that asks for nothing', () => {
    expect(meetsTemplate(undefined, [])).toBe(false);
  });

  const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom('a', 'b', '3', true));

  it('meets exactly one of each pair of opposites, of numbers', () => {
    const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(number, number, (fact, wanted) => {
        const facts = { field: fact };
        const holds = (operator: string) => meets({ field: { [operator]: wanted } }, facts);
        expect(holds('eq')).not.toBe(holds('neq'));
        expect(holds('gt')).not.toBe(holds('lte'));
        expect(holds('lt')).not.toBe(holds('gte'));
        expect(holds('gte')).toBe(holds('gt') || holds('eq'));
      }),
    );
  });

  it('is among a list when it equals one of it, and else not', () => {
    fc.assert(
      fc.property(value, fc.array(value), (fact, list) => {
        const facts = { field: fact };
        const isAmong = list.some((one) => meets({ field: { eq: one } }, facts));
        expect(meets({ field: { in: list } }, facts)).toBe(isAmong);
        expect(meets({ field: { notin: list } }, facts)).toBe(!isAmong);
      }),
    );
  });

  it('meets a filter when it meets each of its conditions alone', () => {
    const condition = fc.record({
      field: fc.constantFrom('a', 'b', 'c', 'missing'),
      operator: fc.constantFrom(...TEMPLATE_OPERATORS.filter((one) => !one.endsWith('in'))),
      wanted: value,
    });
    const facts = fc.record({ a: value, b: value, c: value });
    fc.assert(
      fc.property(facts, fc.array(condition), (known, conditions) => {
        const each = conditions.every((one) => meetsTemplate(known, [one]));
        expect(meetsTemplate(known, conditions)).toBe(each);
      }),
    );
  });

  it('is never refused for a field that it says nothing of', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TEMPLATE_OPERATORS), fc.array(value), (operator, list) => {
        const wanted = operator.endsWith('in') ? list : (list[0] ?? 1);
        expect(meetsTemplate({ other: 1 }, [{ field: 'field', operator, wanted }])).toBe(true);
        expect(meetsTemplate({ field: null }, [{ field: 'field', operator, wanted }])).toBe(true);
      }),
    );
  });
});

describe('a template as a filter of the menu', () => {
  const template = {
    hashId: 'a1',
    conditions: [{ field: 'gpu_ram', operator: 'gte', wanted: 30_000 }],
  } as const;
  const small = offer({ id: 'alpha-1', facts: { gpu_ram: 24_564 } });
  const large = offer({ id: 'alpha-2', facts: { gpu_ram: 81_559 } });
  const elsewhere = offer({ id: 'beta-1' });

  it('keeps the offers that it runs on', () => {
    const kept = [small, large, elsewhere].filter((one) => matchesFilter(one, { template }));
    expect(kept).toEqual([large]);
    expect(failedFields(small, { template })).toEqual(['template']);
  });
});
