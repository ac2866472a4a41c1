import type { Static } from '@sinclair/typebox';
import { namesCountries } from '../../domain/location.ts';
import { ceilingMicroUsd } from '../../domain/money.ts';
import type { OfferFilter } from '../../domain/offer-filter.ts';
import type { requirementFields } from '../schemas/offer-schemas.ts';
import type { Problem } from '../validation/problem.ts';
import { known } from '../views/known.ts';

type FilterFields = {
  readonly [Name in keyof ReturnType<typeof requirementFields>]?: Static<
    ReturnType<typeof requirementFields>[Name]
  >;
};

const MAX_GPU_TYPES = 20;

/**
 * The domain's filter; the fields are valid by schema and by {@link filterProblems}. A template has to be looked for, so
 * its part is added by `withTemplate`.
 */
export function offerFilter(fields: FilterFields): OfferFilter {
  return known({
    provider: fields.provider,
    gpuTypes: fields.gpu_type === undefined ? undefined : gpuTypesOf(fields.gpu_type),
    location: fields.location,
    minVramGb: fields.min_vram,
    maxPricePerHour: fields.max_price === undefined ? undefined : ceilingMicroUsd(fields.max_price),
    minGpuCount: fields.min_gpu_count ?? fields.gpu_count,
    minReliability: fields.min_reliability,
    minAvailabilityConfidence: fields.min_availability_confidence,
    minCuda: fields.min_cuda === undefined ? undefined : String(fields.min_cuda),
  });
}

/** What a schema cannot say of the filter's fields. Takes them as they came: each rule looks at its own types. */
export function filterProblems(fields: Readonly<Record<string, unknown>>): readonly Problem[] {
  return [
    ...gpuTypeProblems(fields['gpu_type']),
    ...placeProblems(fields['location']),
    ...countProblems(fields),
    ...cudaProblems(fields['min_cuda']),
  ];
}

function gpuTypeProblems(gpuType: unknown): readonly Problem[] {
  if (typeof gpuType !== 'string' || gpuType === '') return [];
  const types = gpuTypesOf(gpuType);
  if (types.length > MAX_GPU_TYPES) {
    return [{ path: 'gpu_type', message: `must name at most ${MAX_GPU_TYPES} types` }];
  }
  return types.every(hasWord)
    ? []
    : [{ path: 'gpu_type', message: 'must name a GPU type on each side of a comma' }];
}

function placeProblems(location: unknown): readonly Problem[] {
  if (typeof location !== 'string' || location === '') return [];
  if (!hasWord(location)) return [{ path: 'location', message: 'must have a letter or digit' }];
  if (!location.split(',').every(hasWord)) {
    return [{ path: 'location', message: 'must name a place on each side of a comma' }];
  }
  return namesCountries(location)
    ? [{ path: 'location', message: 'must name several countries by their codes, such as US,DE' }]
    : [];
}

function countProblems(fields: Readonly<Record<string, unknown>>): readonly Problem[] {
  const { min_gpu_count: least, gpu_count: alias } = fields;
  const isOneMeaning = least === undefined || alias === undefined || least === alias;
  return isOneMeaning
    ? []
    : [
        {
          path: 'gpu_count',
          message: 'is another name for min_gpu_count and must not differ from it',
        },
      ];
}

/** A version that was written as a number has to read as one: 12.999999 or 1e-7 is none. */
function cudaProblems(version: unknown): readonly Problem[] {
  if (typeof version !== 'number' || /^\d{1,3}(\.\d{1,3})?$/.test(String(version))) return [];
  return [{ path: 'min_cuda', message: 'must be a version such as 12.9' }];
}

function gpuTypesOf(gpuType: string): readonly string[] {
  return gpuType.split(',').map((type) => type.trim());
}

function hasWord(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
