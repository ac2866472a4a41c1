import { parse } from 'node:querystring';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OfferFilter } from '../../src/domain/offer-filter.ts';
import { type OffersQuery, pageQuery } from '../../src/http/requests/menu-query.ts';
import { MenuQueryReader } from '../../src/http/requests/menu-query-reader.ts';
import { filterProblems, offerFilter } from '../../src/http/requests/offer-filter.ts';
import { offersQuery } from '../../src/http/schemas/offer-schemas.ts';
import { coerceQuery } from '../../src/http/validation/query-coercion.ts';
import type { MenuQuery } from '../../src/inventory/menu.ts';

const SCHEMA = offersQuery(['vastai', 'tensordock']);

const isOffersQuery = new Ajv2020({ keywords: ['x-meaning'] }).compile<OffersQuery>(SCHEMA);

function validQuery(search: string): OffersQuery | undefined {
  const query = coerceQuery(parse(search), SCHEMA);
  return isOffersQuery(query) ? query : undefined;
}

type Read = Omit<MenuQuery, 'filters'> & { readonly filter: OfferFilter };

/** The whole query at once, as it is read everywhere else. */
function readPlainly(search: string): Read | undefined {
  const query = validQuery(search);
  const isValid = query !== undefined && filterProblems(query).length === 0;
  return isValid ? { filter: offerFilter(query), ...pageQuery(query) } : undefined;
}

function whole({ filters, ...page }: MenuQuery): Read {
  return { filter: Object.assign({}, ...filters), ...page };
}

const parameter = fc.constantFrom(
  ...['provider=vastai', 'provider=nobody', 'provider=', 'provider'],
  ...[
    'gpu_type=4090',
    'gpu_type=RTX%204090,A100',
    'gpu_type=a++b',
    'gpu_type=,',
    'gpu%5Ftype=H100',
  ],
  ...['location=US', 'location=NY,US', 'location=%2C', 'location=a=b'],
  ...['min_vram=24', 'min_vram=24.5', 'min_vram=-1', 'min_vram=1e3', 'max_price=0', 'max_price=2'],
  ...['min_gpu_count=2', 'gpu_count=2', 'gpu_count=3', 'min_reliability=0.9', 'min_reliability=2'],
  ...['min_availability_confidence=0.5', 'min_cuda=12.10', 'min_cuda=12.1.1', 'nothing=1'],
  ...[
    'sort=-reliability',
    'sort=vram_gb',
    'sort=price',
    'limit=1',
    'limit=0',
    'offset=3',
    'offset=x',
  ],
  ...['min_vram=0', 'min_vram=100000', 'min_vram=100001', 'min_vram=024', 'min_vram=', 'min_vram'],
  ...[
    'max_price=0.0000001',
    'max_price=100000',
    'max_price=100000.1',
    'max_price=-0',
    'max_price=+1',
  ],
  ...['min_gpu_count=1.5', 'min_gpu_count=0', 'gpu_count=1024', 'gpu_count=1025', 'gpu_count=%32'],
  ...['min_reliability=1', 'min_reliability=1.1', 'min_reliability=.5', 'min_reliability=0'],
  ...['', '=', '&', '__proto__=1', 'constructor=1', 'filter=1'],
);
const search = fc.array(parameter, { maxLength: 6 }).map((parts) => parts.join('&'));

test('a query is what its parameters ask for together, however often they were seen before', () => {
  const reader = new MenuQueryReader(SCHEMA);
  let read = 0;
  fc.assert(
    fc.property(search, (text) => {
      const found = reader.read(text, validQuery);
      // What two parameters say of one thing is judged the usual way.
      if (found === undefined) return;
      read += 1;
      expect(whole(found)).toStrictEqual(readPlainly(text));
    }),
    { numRuns: 3_000 },
  );
  expect(read).toBeGreaterThan(500);
});

test('what is valid is left to the usual way only where one thing is asked for twice', () => {
  const reader = new MenuQueryReader(SCHEMA);
  fc.assert(
    fc.property(search, (text) => {
      const plain = readPlainly(text);
      const isTwice = /gpu_count=.*gpu_count=/.test(text);
      if (plain !== undefined && !isTwice) expect(reader.read(text, validQuery)).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['a template', 'limit=1&template_hash_id=abc'],
  ['the same parameter twice', 'limit=1&limit=2'],
  ['two names of one thing', 'gpu_count=2&min_gpu_count=2'],
  ['more than a dashboard would ask', `gpu_type=${'a'.repeat(500)}`],
])('a query with %s is left to the usual way', (_what, text) => {
  expect(new MenuQueryReader(SCHEMA).read(text, validQuery)).toBeUndefined();
});

test('a parameter that comes again is kept, and refused ones are not', () => {
  const reader = new MenuQueryReader(SCHEMA);
  const asked: string[] = [];
  const readOne = (one: string): OffersQuery | undefined => {
    asked.push(one);
    return validQuery(one);
  };
  for (let times = 0; times < 4; times += 1) reader.read('limit=1&location=US', readOne);
  for (let times = 0; times < 3; times += 1) reader.read('limit=x', readOne);
  const twice = ['limit=1', 'location=US', 'limit=1', 'location=US'];
  expect(asked).toStrictEqual([...twice, 'limit=x', 'limit=x', 'limit=x']);
});
