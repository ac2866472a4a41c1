import { Type } from '@sinclair/typebox';
import type { ProviderName } from '../../domain/ids.ts';
import { GPU_VENDORS } from '../../domain/offer.ts';
import { SORT_KEYS } from '../../inventory/menu.ts';
import { closed, countOf, formed, instant, oneOf, share, usd } from './fields.ts';

const CUDA_VERSION = '^[0-9]{1,3}(\\.[0-9]{1,3})?$';
const CUDA_MEANING = 'a version such as 12.9';
const CUDA_DESCRIPTION = 'Least CUDA version, compared as a version: 12.10 is above 12.9.';

/** Dearer than anything on offer by far, and small enough to count in micro-dollars. */
export const MAX_PRICE_USD = 100_000;

/** What narrows the menu: the same names as query parameters and inside `requirements`. */
export function filterFields(providers: readonly ProviderName[]) {
  const gpuCount = Type.Integer({
    minimum: 1,
    maximum: 1024,
    description: 'Least number of GPUs.',
  });
  return {
    provider: Type.Optional(oneOf(providers, { description: 'Only offers of this provider.' })),
    gpu_type: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 400,
        description:
          'Type of GPU. Case, spaces, `-` and `_` do not matter, whole words of the name do: `4090` finds `RTX 4090` and not `RTX 4090D`. Up to 20 by comma mean any of them.',
      }),
    ),
    location: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'Whole words of the location, or a two-letter country code; several codes by comma mean any of them.',
      }),
    ),
    min_vram: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100_000, description: 'Least nominal GB per GPU.' }),
    ),
    max_price: Type.Optional(maxPrice('US dollars per hour for the whole offer, all in.')),
    min_gpu_count: Type.Optional(gpuCount),
    gpu_count: Type.Optional({ ...gpuCount, description: 'Another name for `min_gpu_count`.' }),
    min_reliability: Type.Optional(share('Least reliability.')),
    min_availability_confidence: Type.Optional(share('Least availability confidence.')),
    template_hash_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Only offers that satisfy every filter of this template.',
      }),
    ),
  };
}

export function maxPrice(description: string) {
  return Type.Number({
    exclusiveMinimum: 0,
    maximum: MAX_PRICE_USD,
    description,
  });
}

export function offersQuery(providers: readonly ProviderName[]) {
  return closed({
    ...filterFields(providers),
    min_cuda: Type.Optional(
      formed(CUDA_VERSION, { meaning: CUDA_MEANING, description: CUDA_DESCRIPTION }),
    ),
    sort: Type.Optional(
      oneOf([...SORT_KEYS, ...SORT_KEYS.map((key) => `-${key}`)], {
        description:
          'What to order by, from low to high; a leading `-` turns it round. `price_per_hour` when left out.',
      }),
    ),
    ...pageFields('offers'),
  });
}

/** `requirements` of a new session: the filter's names, and what to prefer. A number is accepted as a CUDA version too. */
export function requirementFields(providers: readonly ProviderName[]) {
  return {
    ...filterFields(providers),
    min_cuda: Type.Optional(
      Type.Unsafe<string | number>({
        type: ['string', 'number'],
        pattern: CUDA_VERSION,
        minimum: 0,
        maximum: 999,
        'x-meaning': CUDA_MEANING,
        description: CUDA_DESCRIPTION,
      }),
    ),
  };
}

export function pageFields(what: string) {
  return {
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        default: 100,
        description: `How many ${what} at most.`,
      }),
    ),
    offset: Type.Optional(
      Type.Integer({ minimum: 0, default: 0, description: `How many ${what} to leave out first.` }),
    ),
  };
}

const PriceParts = closed(
  {
    gpu: usd('Per hour.'),
    cpu: usd('Per hour.'),
    ram: usd('Per hour.'),
    disk: usd('Per hour.'),
  },
  { title: 'PriceParts', description: 'The parts of `price_per_hour`; together they are it.' },
);

/** Of the machine behind an offer, as far as its provider tells. */
const machineFields = {
  cuda_version: Type.Optional(
    Type.Number({
      description: 'Highest CUDA version as a number, such as 12.9: 12.10 shows as 12.1.',
    }),
  ),
  cpu_cores: Type.Optional(Type.Number({ description: 'Virtual CPUs.' })),
  ram_gb: Type.Optional(Type.Number({ description: 'GB of memory.' })),
  disk_gb: Type.Optional(Type.Number({ description: 'GB of disk that it can give at most.' })),
  inet_down_mbps: Type.Optional(Type.Number({ description: 'Download, megabits per second.' })),
  inet_up_mbps: Type.Optional(Type.Number({ description: 'Upload, megabits per second.' })),
  machine_id: Type.Optional(Type.String({ description: "The provider's id of the machine." })),
  interruptible: Type.Boolean({
    description: 'Whether its price is that of a contract which a higher bid takes away.',
  }),
  preservable: Type.Boolean({
    description:
      'Whether its machine can be stopped with the disk kept, as `storage_policy` `preserve` asks for.',
  }),
  min_bid: Type.Optional(
    usd(
      'Least bid per hour for the whole machine without its disk; left out where no bids are known to be taken.',
    ),
  ),
};

export const OfferAnswer = closed(
  {
    id: Type.String({ description: 'What `offer_id` of a new session takes.' }),
    provider: Type.String({ description: 'The marketplace.' }),
    provider_id: Type.String({ description: "The provider's own id." }),
    gpu_type: Type.String({ description: 'Type of the GPUs.' }),
    gpu_count: Type.Integer({ minimum: 1, description: 'Number of GPUs.' }),
    gpu_vendor: Type.Optional(
      oneOf(GPU_VENDORS, {
        description:
          'Whose GPUs they are. Images for CUDA run on `nvidia`; `requirements` get another maker’s only where they name its `gpu_type`.',
      }),
    ),
    vram_gb: Type.Integer({ minimum: 0, description: 'Nominal GB per GPU.' }),
    price_per_hour: usd('Per hour, all in, for the default disk, vCPU and RAM.'),
    price: PriceParts,
    location: Type.String({ description: 'Where it stands, for a person.' }),
    country: Type.String({ description: "Two letters, or '' when unknown." }),
    reliability: share('How reliable the provider says that it is.'),
    available: Type.Boolean({ description: 'Whether it can be rented now.' }),
    availability_confidence: share(
      'Estimated chance that a launch now reaches `running` and is not lost through the market within its first 15 minutes.',
    ),
    expected_cost: usd(
      'What an hour on it is expected to cost in all, with launches that fail before one works and the wait for them.',
    ),
    max_duration_hours: Type.Number({ description: 'Hours; 0 when no limit is known.' }),
    fetched_at: instant('When the provider showed it.'),
    ...machineFields,
  },
  { title: 'Offer', description: 'What a provider would rent now.' },
);

export const OffersAnswer = closed(
  {
    offers: Type.Array(OfferAnswer, { description: 'In the order asked for, ties by id.' }),
    count: countOf('On this page.'),
    total: countOf('All that match.'),
    partial: Type.Optional(
      Type.Boolean({ description: "Some provider's offers are old or missing." }),
    ),
    stale_providers: Type.Optional(
      Type.Array(Type.String({ description: 'A marketplace.' }), {
        description: 'Whose offers are old or missing.',
      }),
    ),
  },
  { title: 'OfferPage' },
);
