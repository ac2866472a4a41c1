import { gpuTypeMatches } from './gpu-name.ts';
import type { ProviderName } from './ids.ts';
import { locationMatches } from './location.ts';
import type { MicroUsd } from './money.ts';
import { type Offer, totalPerHour } from './offer.ts';
import { meetsTemplate, type TemplateMatch } from './template-filter.ts';

/** What narrows the menu. Every given field has to hold. */
export interface OfferFilter {
  readonly provider?: ProviderName;
  /** Any of these. */
  readonly gpuTypes?: readonly string[];
  readonly location?: string;
  /** Nominal GB per GPU. */
  readonly minVramGb?: number;
  /** Micro-dollars an hour for the whole offer, all in. */
  readonly maxPricePerHour?: MicroUsd;
  readonly minGpuCount?: number;
  readonly minReliability?: number;
  readonly minAvailabilityConfidence?: number;
  /** `major.minor`. */
  readonly minCuda?: string;
  /** Only offers that this template runs on; offers of marketplaces without templates are none. */
  readonly template?: TemplateMatch;
}

/** One test per field, in the order in which an explained "no" reads best. */
const TESTS: { readonly [Field in keyof Required<OfferFilter>]: FieldTest<Field> } = {
  provider: (offer, provider) => offer.provider === provider,
  gpuTypes: (offer, types) => types.some((type) => gpuTypeMatches(offer.gpuType, type)),
  minVramGb: (offer, gb) => offer.vramGb >= gb,
  minGpuCount: (offer, count) => offer.gpuCount >= count,
  minCuda: (offer, version) =>
    offer.cudaVersion !== undefined && compareVersions(offer.cudaVersion, version) >= 0,
  template: (offer, { conditions }) => meetsTemplate(offer.facts, conditions),
  location: (offer, place) => locationMatches(offer, place),
  minReliability: (offer, least) => offer.reliability >= least,
  minAvailabilityConfidence: (offer, least) => offer.availabilityConfidence >= least,
  maxPricePerHour: (offer, ceiling) => totalPerHour(offer.price) <= ceiling,
};
type FieldTest<Field extends keyof OfferFilter> = (
  offer: Offer,
  wanted: NonNullable<OfferFilter[Field]>,
) => boolean;

export const FILTER_FIELDS = Object.keys(TESTS) as readonly (keyof OfferFilter)[];

export function matchesFilter(offer: Offer, filter: OfferFilter): boolean {
  return FILTER_FIELDS.every((field) => meetsField(field, offer, filter));
}

/** As {@link matchesFilter}, for many offers. */
export function matcherOf(filter: OfferFilter): (offer: Offer) => boolean {
  const tests = FILTER_FIELDS.filter((field) => filter[field] !== undefined).map((field) =>
    fieldTest(field, filter),
  );
  return (offer) => tests.every((test) => test(offer));
}

/** As {@link meetsField}, for many offers: of names and of places there are few, and each is read once. */
export function fieldTest(
  field: keyof OfferFilter,
  filter: OfferFilter,
): (offer: Offer) => boolean {
  const test = (offer: Offer): boolean => meetsField(field, offer, filter);
  const kindOf = KINDS[field];
  return kindOf ? remembering(kindOf, test) : test;
}

/** What offers have in common that meet or miss a wish together. */
const KINDS: { readonly [Field in keyof OfferFilter]?: (offer: Offer) => string } = {
  gpuTypes: ({ gpuType }) => gpuType,
  location: ({ country, location }) => `${country} ${location}`,
};

function remembering(
  keyOf: (offer: Offer) => string,
  test: (offer: Offer) => boolean,
): (offer: Offer) => boolean {
  const known = new Map<string, boolean>();
  return (offer) => {
    const key = keyOf(offer);
    const isMet = known.get(key) ?? test(offer);
    known.set(key, isMet);
    return isMet;
  };
}

/** The fields of the filter that this offer does not satisfy. */
export function failedFields(offer: Offer, filter: OfferFilter): (keyof OfferFilter)[] {
  return FILTER_FIELDS.filter((field) => !meetsField(field, offer, filter));
}

/** What the offer has of a numeric wish, in the wish's unit; undefined for wishes of kind, and where it is not known. */
export function offeredValue(field: keyof OfferFilter, offer: Offer): number | undefined {
  switch (field) {
    case 'minVramGb':
      return offer.vramGb;
    case 'minGpuCount':
      return offer.gpuCount;
    case 'minReliability':
      return offer.reliability;
    case 'minAvailabilityConfidence':
      return offer.availabilityConfidence;
    case 'maxPricePerHour':
      return totalPerHour(offer.price);
    case 'provider':
    case 'gpuTypes':
    case 'location':
    case 'minCuda':
    case 'template':
      return undefined;
  }
}

/** Compares `12.10` and `12.9` as versions: negative, zero or positive, or NaN when one of them is no version. */
export function compareVersions(left: string, right: string): number {
  const [leftMajor = 0, leftMinor = 0] = left.split('.').map(Number);
  const [rightMajor = 0, rightMinor = 0] = right.split('.').map(Number);
  return leftMajor === rightMajor ? leftMinor - rightMinor : leftMajor - rightMajor;
}

/** True as well where the filter does not ask. */
export function meetsField<Field extends keyof OfferFilter>(
  field: Field,
  offer: Offer,
  filter: OfferFilter,
): boolean {
  const wanted = filter[field];
  return wanted === undefined || TESTS[field](offer, wanted);
}
