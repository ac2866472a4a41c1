import fc from 'fast-check';
import type { Offer } from '../../src/domain/offer.ts';
import { type Search, SORTS } from './filter-reference.ts';
import { offer } from './http-world.ts';

/** Names near enough to each other that a filter which is a little wrong takes one for the other. */
const GPU_NAMES = [
  'RTX 4090',
  'RTX 4090D',
  'RTX 4090 D',
  'RTX-4090-Laptop',
  'RTX 3090 Ti',
  'RTX 3090',
  'GTX 1080 Ti',
  'A100',
  'A100 SXM4 80GB',
  'A100_PCIE',
  'A100X',
  'H100 SXM',
  'H100 NVL',
  'GH200',
  'H200',
  'RTX A6000',
  'RTX 6000 Ada',
  'L40S',
  'L40',
  'Tesla V100-SXM2-16GB',
];
const PLACES = [
  ['Chicago, Illinois, US', 'US'],
  ['New York, NY, US', 'US'],
  ['California, US', 'US'],
  ['Amsterdam, NL', 'NL'],
  ['London, United Kingdom', 'GB'],
  ['Manchester, GB', 'GB'],
  ['Toronto, Ontario, Canada', 'CA'],
  ['Los Angeles, CA, United States', 'US'],
  ['São Paulo, BR', 'BR'],
  ['Zürich, Schweiz', 'CH'],
  ['東京, JP', 'JP'],
  ['Rack 7, us east', ''],
  ['', ''],
] as const;
const CUDA_VERSIONS = ['11.8', '12', '12.1', '12.2', '12.9', '12.10', '13.0', '9.10'];

const FILTERS = [
  'provider',
  'gpu_type',
  'location',
  'min_vram',
  'max_price',
  'min_gpu_count',
  'min_reliability',
  'min_availability_confidence',
  'min_cuda',
] as const;

/** Few distinct values a field, so that ties and bounds that are just met are common. */
const GPU_COUNTS = [1, 2, 3, 4, 6, 7, 8];
const VRAM_GB = [8, 16, 24, 40, 48, 80, 141];
const SHARES = [0, 0.1, 0.5, 0.9, 0.95, 0.98, 0.999, 1];
const COARSE_PRICES = [0, 100_000, 200_000, 300_000, 400_000, 600_000, 1_200_000];

const micro = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...COARSE_PRICES) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 20_000_000 }) },
);

const traits = fc.record({
  number: fc.nat({ max: 99_999 }),
  provider: fc.constantFrom('vastai', 'tensordock'),
  gpuType: fc.constantFrom(...GPU_NAMES),
  gpuCount: fc.constantFrom(...GPU_COUNTS),
  vramGb: fc.constantFrom(...VRAM_GB),
  price: fc.record({ gpu: micro, cpu: fc.constant(0), ram: fc.constant(0), disk: micro }),
  place: fc.constantFrom(...PLACES),
  reliability: fc.constantFrom(...SHARES),
  availabilityConfidence: fc.constantFrom(...SHARES),
  cudaVersion: fc.option(fc.constantFrom(...CUDA_VERSIONS), { nil: undefined }),
});

/** A menu; ids are of one length and of several, because they are compared as texts. */
export const offersArbitrary: fc.Arbitrary<readonly Offer[]> = fc
  .uniqueArray(traits, {
    selector: ({ number }) => number,
    minLength: 1,
    maxLength: 40,
    size: 'max',
  })
  .map((drawn) => drawn.map(offerOf));

type Traits = typeof traits extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function offerOf(drawn: Traits): Offer {
  const { number, place, cudaVersion, provider, ...rest } = drawn;
  const [location, country] = place;
  return offer({
    ...rest,
    id: `${provider}-${number}`,
    provider,
    api: provider,
    location,
    country,
    ...(cudaVersion === undefined ? {} : { cudaVersion }),
  });
}

/** Words as people type them: cased anyhow, joined by anything, cut short, or made up. */
const gpuQuery = fc
  .record({
    name: fc.constantFrom(...GPU_NAMES),
    from: fc.nat({ max: 3 }),
    length: fc.integer({ min: 1, max: 4 }),
    glue: fc.constantFrom(' ', '', '-', '_', '  '),
    isUpper: fc.boolean(),
    cut: fc.constantFrom(0, 0, 0, 1),
  })
  .map(({ name, from, length, glue, isUpper, cut }) => {
    const words = name.split(/[ _-]/);
    const start = from % words.length;
    const run = words.slice(start, start + length).join(glue);
    const kept = run.length > cut ? run.slice(0, run.length - cut) : run;
    return isUpper ? kept.toUpperCase() : kept.toLowerCase();
  });

const placeQuery = fc.oneof(
  fc
    .record({
      place: fc.constantFrom(...PLACES.map(([location]) => location).filter((text) => text !== '')),
      from: fc.nat({ max: 4 }),
      length: fc.integer({ min: 1, max: 4 }),
      glue: fc.constantFrom(' ', ', ', ' - '),
    })
    .map(({ place, from, length, glue }) => {
      const words = place.split(/[ ,]+/);
      const start = from % words.length;
      return words.slice(start, start + length).join(glue);
    }),
  fc.constantFrom(
    'us',
    'US',
    'uk',
    'GB',
    'nl',
    'ca',
    'ny',
    'CH',
    'br',
    'xx',
    'UNITED STATES',
    'york',
  ),
);

const usd = fc.oneof(
  fc.constantFrom('0.1', '0.2', '0.3', '0.30', '0.4', '0.6', '0.7', '1', '1.2', '0.000001'),
  // More digits than micro-dollars have, around prices that exist.
  fc
    .tuple(fc.constantFrom('0.1', '0.3', '0.6', '1.2', '0.299999'), fc.nat({ max: 999_999_999 }))
    .map(([stem, digits]) => `${stem.padEnd(8, stem.includes('9') ? '9' : '0')}${digits}`),
);
const share = fc.constantFrom('0', '0.1', '0.5', '0.9', '0.95', '0.950', '0.98', '0.999', '1');
const count = fc.constantFrom('1', '2', '3', '4', '5', '8', '1024');

const filters = fc.record({
  provider: fc.constantFrom('vastai', 'tensordock'),
  gpu_type: fc.array(gpuQuery, { minLength: 1, maxLength: 4 }).map((names) => names.join(',')),
  location: placeQuery,
  min_vram: fc.constantFrom('0', '8', '24', '23.5', '24.000001', '80', '1000'),
  max_price: usd,
  min_gpu_count: count,
  min_reliability: share,
  min_availability_confidence: share,
  min_cuda: fc.constantFrom('12', '12.0', '12.1', '12.2', '12.9', '12.10', '12.11', '9.9', '13'),
});

const page = fc.record(
  {
    limit: fc.constantFrom('1', '2', '3', '7', '100', '1000'),
    offset: fc.constantFrom('0', '1', '2', '5', '39', '1000000'),
    sort: fc.constantFrom(...SORTS),
  },
  { requiredKeys: [] },
);

/** A valid search; mostly of few filters, because many at once leave nothing. */
export const searchArbitrary: fc.Arbitrary<Search> = fc
  .tuple(filters, page, fc.subarray([...FILTERS], { maxLength: 3 }), fc.boolean())
  .map(([drawn, paging, kept, usesAlias]) => {
    const search: Record<string, string> = { ...paging };
    for (const name of kept) {
      const value = drawn[name];
      const told = usesAlias && name === 'min_gpu_count' ? 'gpu_count' : name;
      search[told] = value;
    }
    return search;
  });
