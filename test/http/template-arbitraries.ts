import fc from 'fast-check';
import type { ExtraFilters, Row } from './template-reference.ts';

/** Of each column few values, so that bounds are often just met. `null` is a column that the marketplace left empty. */
const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  num_gpus: [1, 2, 4, 8],
  gpu_ram: [16_376, 24_564, 81_920],
  compute_cap: [700, 750, 860, 890, 1200],
  cuda_max_good: [11.8, 12.1, 12.4, 12.9, 13],
  disk_space: [20, 100.5, 812.4],
  direct_port_count: [0, 3, 124],
  inet_down: [99.5, 812.7],
  reliability2: [0.9, 0.985, 0.999],
};
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  gpu_name: ['RTX 4090', 'RTX 4090D', 'A100 SXM4'],
  cpu_arch: ['amd64', 'arm64'],
};
const PLACES = ['Quebec, CA', 'California, US', ', SE', 'SE'];
const DRIVERS = ['535.86.05', '535.183.01', '570.86.15', '580.1.2'];

/** What searches compare that rows have under other names, or not as numbers. */
const COMPUTED_NUMBERS: Readonly<Record<string, readonly number[]>> = {
  gpu_total_ram: [24_564, 49_128, 98_256, 655_360],
  gpu_totalram: [24_564, 49_128],
  gpu_ram_GB: [16.376, 24, 24.564, 80],
  reliability: [0.9, 0.985, 0.999],
};

function oneOfEach<Value>(columns: Readonly<Record<string, readonly Value[]>>) {
  const drawn = Object.entries(columns).map(([name, values]) => [name, fc.constantFrom(...values)]);
  return fc.record<Record<string, Value>>(Object.fromEntries(drawn));
}

/** Columns that the reader of offers needs are always there; any other may be empty. */
const ALWAYS = ['num_gpus', 'gpu_ram', 'gpu_name', 'geolocation', 'hosting_type', 'verification'];

export const rowArbitrary: fc.Arbitrary<Row> = fc
  .tuple(
    oneOfEach(NUMBERS),
    oneOfEach(TEXTS),
    fc.record({
      static_ip: fc.boolean(),
      hosting_type: fc.constantFrom(0, 1),
      verification: fc.constantFrom('verified', 'unverified', 'deverified'),
      driver_version: fc.constantFrom(...DRIVERS),
      geolocation: fc.constantFrom(...PLACES),
    }),
    fc.subarray(['cuda_max_good', 'cpu_arch', 'disk_space', 'inet_down', 'static_ip'], {
      maxLength: 2,
    }),
  )
  .map(([numbers, texts, others, empty]) => {
    const row: Record<string, Row[string]> = { ...numbers, ...texts, ...others };
    for (const name of empty) if (!ALWAYS.includes(name)) row[name] = null;
    return row;
  });

type Comparisons = ExtraFilters[string];

function comparisonsOf(values: readonly number[]): fc.Arbitrary<Comparisons> {
  const number = fc.constantFrom(...values, ...values.map((value) => value + 0.5));
  const written = fc.oneof(number, number.map(String));
  const bound = fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq', 'neq');
  return fc.oneof(
    fc.dictionary(bound, written, { minKeys: 1, maxKeys: 2 }),
    fc.dictionary(fc.constantFrom('in', 'notin'), fc.array(written, { maxLength: 3 }), {
      minKeys: 1,
    }),
  );
}

function equalitiesOf(values: readonly string[]): fc.Arbitrary<Comparisons> {
  const value = fc.constantFrom(...values, 'something else');
  return fc.oneof(
    fc.dictionary(fc.constantFrom('eq', 'neq'), value, { minKeys: 1 }),
    fc.dictionary(fc.constantFrom('in', 'notin'), fc.array(value, { maxLength: 3 }), {
      minKeys: 1,
    }),
  );
}

function truthOf(): fc.Arbitrary<Comparisons> {
  return fc.dictionary(fc.constantFrom('eq', 'neq'), fc.boolean(), { minKeys: 1 });
}

const driver = fc.constantFrom(...DRIVERS, 535086005, 570086015, '535086005', 560_000_000);

const FILTERS: Readonly<Record<string, fc.Arbitrary<Comparisons>>> = {
  ...mapped({ ...NUMBERS, ...COMPUTED_NUMBERS }, comparisonsOf),
  ...mapped({ ...TEXTS, geolocation: ['CA', 'US', 'SE'] }, equalitiesOf),
  driver_version: fc.dictionary(fc.constantFrom('gt', 'gte', 'lt', 'lte', 'eq'), driver, {
    minKeys: 1,
  }),
  static_ip: truthOf(),
  datacenter: truthOf(),
  verified: truthOf(),
  external: truthOf(),
  nobody_knows: comparisonsOf([1]),
};

function mapped<Value>(
  columns: Readonly<Record<string, readonly Value[]>>,
  make: (values: readonly Value[]) => fc.Arbitrary<Comparisons>,
): Record<string, fc.Arbitrary<Comparisons>> {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, make(values)]));
}

/** Of one to three fields. */
export const extraFiltersArbitrary: fc.Arbitrary<ExtraFilters> = fc
  .subarray(Object.keys(FILTERS), { minLength: 1, maxLength: 3 })
  .chain((names) =>
    fc.record<Record<string, Comparisons>>(
      Object.fromEntries(names.map((name) => [name, FILTERS[name] ?? truthOf()])),
    ),
  );

/** Texts that ask for nothing, and texts that cannot be read. */
export const EMPTY_FILTERS = [undefined, '', ' ', 'null', '{}', '{"num_gpus":{}}'] as const;
export const MALFORMED_FILTERS = [
  '{',
  '[]',
  '"text"',
  '1',
  'undefined',
  '{"num_gpus":1}',
  '{"num_gpus":[1]}',
  '{"num_gpus":null}',
  '{"num_gpus":{"is":1}}',
  '{"num_gpus":{"gte":[1]}}',
  '{"num_gpus":{"gte":{"gte":1}}}',
  '{"num_gpus":{"in":1}}',
  '{"num_gpus":{"constructor":1}}',
  '{"num_gpus":{"gte":1},"gpu_ram":"x"}',
] as const;
