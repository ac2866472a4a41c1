import type { Offer } from '../../src/domain/offer.ts';

/** Query parameters of `GET /offers` as a caller writes them. */
export type Search = Readonly<Record<string, string>>;

export interface Expected {
  /** Ids of the page, in order. */
  readonly ids: readonly string[];
  /** All that match. */
  readonly total: number;
}

/**
 * What `GET /offers` has to answer, read off the table of the contract and written without looking at the broker's own
 * filters: slow, plain, and wrong in other ways than they are if it is wrong.
 */
export function expectedOffers(offers: readonly Offer[], search: Search): Expected {
  const matching = offers
    .filter((offer) => matches(offer, search))
    .sort(orderOf(search['sort'] ?? 'price_per_hour'))
    .map(({ id }) => id);
  const offset = Number(search['offset'] ?? '0');
  const limit = Number(search['limit'] ?? '100');
  return {
    ids: matching.filter((_, index) => index >= offset && index < offset + limit),
    total: matching.length,
  };
}

type Rule = (offer: Offer, wanted: string) => boolean;

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['provider', (offer, wanted) => offer.provider === wanted],
  ['gpu_type', (offer, wanted) => wanted.split(',').some((name) => isNameIn(offer.gpuType, name))],
  ['location', isPlaceOf],
  ['min_vram', (offer, wanted) => offer.vramGb >= Number(wanted)],
  ['max_price', (offer, wanted) => isAtMost(priceOf(offer), wanted)],
  ['min_gpu_count', (offer, wanted) => offer.gpuCount >= Number(wanted)],
  ['gpu_count', (offer, wanted) => offer.gpuCount >= Number(wanted)],
  ['min_reliability', (offer, wanted) => offer.reliability >= Number(wanted)],
  [
    'min_availability_confidence',
    (offer, wanted) => offer.availabilityConfidence >= Number(wanted),
  ],
  ['min_cuda', (offer, wanted) => isVersionAtLeast(offer.cudaVersion, wanted)],
]);

function matches(offer: Offer, search: Search): boolean {
  return [...RULES].every(([name, holds]) => {
    const wanted = search[name];
    return wanted === undefined || holds(offer, wanted);
  });
}

/** All runs of whole words of the name, written as one, hold what was asked for, written as one. */
function isNameIn(name: string, query: string): boolean {
  const words = name.split(/[ _-]/).filter((word) => word.length > 0);
  const runs = new Set<string>();
  for (let from = 0; from < words.length; from += 1) {
    for (let to = from + 1; to <= words.length; to += 1) {
      runs.add(words.slice(from, to).join('').toLowerCase());
    }
  }
  return runs.has(query.replaceAll(/[ _-]/g, '').toLowerCase());
}

/** Codes by comma are any of these countries: of the countries and states that are drawn, these are codes. */
const CODES = ['US', 'DE', 'NL', 'GB', 'UK', 'CA', 'FR', 'JP', 'SG', 'NO', 'SE', 'IN', 'PL', 'IS'];

function isPlaceOf(offer: Offer, query: string): boolean {
  const parts = query.split(',').map((part) => part.trim());
  const isList = parts.length > 1 && parts.every((part) => CODES.includes(part.toUpperCase()));
  return isList ? parts.some((part) => isOnePlaceOf(offer, part)) : isOnePlaceOf(offer, query);
}

/** Two letters are a country's code, and words only where the country is not known. */
function isOnePlaceOf({ location, country }: Offer, query: string): boolean {
  const wanted = spaced(query);
  const isCode = /^ [a-z]{2} $/.test(wanted);
  if (!isCode || country === '') return spaced(location).includes(wanted);
  const code = wanted.trim().replace('uk', 'gb').toUpperCase();
  return code === country;
}

/** Lower-case words with one space before and after each. */
function spaced(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return ` ${words.join(' ')} `;
}

/** Exact, digit by digit: a ceiling of a tenth of a micro-dollar is a ceiling too. */
function isAtMost(microUsd: bigint, ceilingUsd: string): boolean {
  const [whole = '0', fraction = ''] = ceilingUsd.split('.');
  const picoUsd = BigInt(whole) * 10n ** 12n + BigInt(fraction.padEnd(12, '0').slice(0, 12));
  return microUsd * 10n ** 6n <= picoUsd;
}

function isVersionAtLeast(version: string | undefined, least: string): boolean {
  if (version === undefined) return false;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function priceOf({ price }: Offer): bigint {
  return BigInt(price.gpu) + BigInt(price.cpu) + BigInt(price.ram) + BigInt(price.disk);
}

type Compare = (left: Offer, right: Offer) => number;

const ORDERS: Readonly<Record<string, Compare>> = {
  price_per_hour: (left, right) => sign(priceOf(left), priceOf(right)),
  // Cross-multiplied, so that equal shares are equal however they would round.
  price_per_gpu_hour: (left, right) =>
    sign(priceOf(left) * BigInt(right.gpuCount), priceOf(right) * BigInt(left.gpuCount)),
  vram_gb: (left, right) => sign(left.vramGb, right.vramGb),
  gpu_count: (left, right) => sign(left.gpuCount, right.gpuCount),
  reliability: (left, right) => sign(left.reliability, right.reliability),
  availability_confidence: (left, right) =>
    sign(left.availabilityConfidence, right.availabilityConfidence),
};
export const SORTS = Object.keys(ORDERS).flatMap((name) => [name, `-${name}`]);

/** Ties go by id from low to high, whichever way the rest runs. */
function orderOf(sort: string): Compare {
  const isDown = sort.startsWith('-');
  const order = ORDERS[isDown ? sort.slice(1) : sort];
  if (!order) throw new Error(`the reference knows no order ${sort}`);
  return (left, right) =>
    (isDown ? order(right, left) : order(left, right)) || sign(left.id, right.id);
}

function sign<Value extends bigint | number | string>(left: Value, right: Value): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
