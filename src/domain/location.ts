/** A map, because a plain object also answers to names such as `constructor`. */
const COUNTRY_CODES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'united states': 'US',
    usa: 'US',
    canada: 'CA',
    'united kingdom': 'GB',
    uk: 'GB',
    germany: 'DE',
    france: 'FR',
    netherlands: 'NL',
    'the netherlands': 'NL',
    belgium: 'BE',
    switzerland: 'CH',
    austria: 'AT',
    italy: 'IT',
    spain: 'ES',
    portugal: 'PT',
    ireland: 'IE',
    norway: 'NO',
    sweden: 'SE',
    finland: 'FI',
    denmark: 'DK',
    iceland: 'IS',
    poland: 'PL',
    czechia: 'CZ',
    'czech republic': 'CZ',
    slovakia: 'SK',
    slovenia: 'SI',
    hungary: 'HU',
    romania: 'RO',
    bulgaria: 'BG',
    greece: 'GR',
    croatia: 'HR',
    serbia: 'RS',
    ukraine: 'UA',
    estonia: 'EE',
    latvia: 'LV',
    lithuania: 'LT',
    turkey: 'TR',
    israel: 'IL',
    'united arab emirates': 'AE',
    'saudi arabia': 'SA',
    qatar: 'QA',
    india: 'IN',
    japan: 'JP',
    'south korea': 'KR',
    korea: 'KR',
    taiwan: 'TW',
    china: 'CN',
    'hong kong': 'HK',
    singapore: 'SG',
    malaysia: 'MY',
    thailand: 'TH',
    vietnam: 'VN',
    indonesia: 'ID',
    philippines: 'PH',
    australia: 'AU',
    'new zealand': 'NZ',
    brazil: 'BR',
    argentina: 'AR',
    chile: 'CL',
    mexico: 'MX',
    colombia: 'CO',
    peru: 'PE',
    'south africa': 'ZA',
    kenya: 'KE',
    nigeria: 'NG',
    egypt: 'EG',
    kazakhstan: 'KZ',
    georgia: 'GE',
    russia: 'RU',
  }),
);

/** Two upper-case letters for a country's English name or its own code; '' for text that names none. */
export function countryCode(name: string): string {
  const text = name.trim();
  if (/^[A-Z]{2}$/.test(text)) return text === 'UK' ? 'GB' : text;
  return COUNTRY_CODES.get(text.toLowerCase()) ?? '';
}

/** The country of `Region, CC` or `City, Region, Country`: whatever follows the last comma, when it names one. */
export function countryOf(place: string): string {
  return countryCode(place.slice(place.lastIndexOf(',') + 1));
}

/** Joins city, region and country, without empty parts and without saying the same part twice. */
export function joinPlace(parts: readonly (string | null | undefined)[]): string {
  const kept: string[] = [];
  for (const part of parts) {
    const text = part?.trim() ?? '';
    if (text !== '' && !kept.some((other) => other.toLowerCase() === text.toLowerCase()))
      kept.push(text);
  }
  return kept.join(', ');
}

interface Place {
  readonly location: string;
  readonly country: string;
}

/**
 * A two-letter query is a country code, and several of them by comma mean any of these countries; anything else has to be
 * whole words of the location, case aside: `Amsterdam, NL` is one place, and so is `NY, US`, there being no country NY.
 */
export function locationMatches(place: Place, query: string): boolean {
  const parts = query.split(',').map((part) => part.trim());
  const areCodes = parts.length > 1 && parts.every(isCodeInUse);
  return areCodes ? parts.some((code) => isAt(place, code)) : isAt(place, query);
}

/**
 * Several countries by name, which no place is in at once; `Georgia` is left out of it, being a state too. Whoever asks for
 * them has to give codes.
 */
export function namesCountries(query: string): boolean {
  const parts = query.split(',').map((part) => part.trim());
  const codes = parts.map((part) => (part.length === 2 ? '' : countryCode(part)));
  return (
    codes.length > 1 &&
    new Set(codes).size > 1 &&
    codes.every((code) => code !== '' && code !== 'GE')
  );
}

const REGIONS = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** What was looked up: two letters have 676 forms, and a wish is held against thousands of offers. */
const LOOKED_UP = new Map<string, boolean>();

function isCodeInUse(text: string): boolean {
  if (!/^[a-z]{2}$/i.test(text)) return false;
  const code = text.toUpperCase();
  const known = LOOKED_UP.get(code) ?? REGIONS.of(code) !== undefined;
  LOOKED_UP.set(code, known);
  return known;
}

function isAt(place: Place, query: string): boolean {
  const wanted = wordsOf(query);
  const [only] = wanted;
  if (only === undefined) return false;
  if (wanted.length === 1 && /^[a-z]{2}$/.test(only) && place.country !== '') {
    return place.country.toLowerCase() === (only === 'uk' ? 'gb' : only);
  }
  const words = wordsOf(place.location);
  return words.some((_, start) => wanted.every((word, offset) => words[start + offset] === word));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
