import type { OfferFacts } from './offer.ts';

/** The marketplace's comparisons. */
export const TEMPLATE_OPERATORS = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'notin'] as const;
export type TemplateOperator = (typeof TEMPLATE_OPERATORS)[number];

export type FactValue = string | number | boolean | null;

/** One comparison that a template asks of an offer. Plain data, because it is stored with the request that names the template. */
export interface TemplateCondition {
  /** As the marketplace names it, in its units. */
  readonly field: string;
  readonly operator: TemplateOperator;
  /** A list for `in` and `notin`, one value for the others. */
  readonly wanted: FactValue | readonly FactValue[];
}

/** A template by its content hash, with all that it asks of an offer. */
export interface TemplateMatch {
  readonly hashId: string;
  readonly conditions: readonly TemplateCondition[];
}

export type TemplateFilter =
  | { readonly kind: 'none' }
  | { readonly kind: 'conditions'; readonly conditions: readonly TemplateCondition[] }
  /** `problem` reads on from "the template's filter". */
  | { readonly kind: 'malformed'; readonly problem: string };

/**
 * No known template comes near; more than this is not a filter that a person wrote. Anybody may publish a template and name
 * it to us, and each value is compared with each offer: a list of 4,500 would keep all other callers waiting for seconds.
 */
const MAX_TEXT_CHARS = 20_000;
const MAX_CONDITIONS_AND_VALUES = 400;

/**
 * Keys of the search that are no filters, and one that the marketplace's own tool writes into templates although it has no
 * effect any more: whatever they hold asks nothing of an offer.
 */
const NOT_FILTERS: ReadonlySet<string> = new Set([
  'external',
  'type',
  'order',
  'limit',
  'disable_bundling',
]);

/** Another spelling of the same comparison. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([['nin', 'notin']]);

/**
 * Reads a template's `extra_filters`: JSON text `{field: {operator: value}}`. Empty text and `null` ask for nothing. What
 * cannot be read, or asks for a comparison that does not exist, is malformed as a whole: half a filter would let through
 * machines that the template does not run on.
 */
export function parseTemplateFilter(extraFilters: string | undefined): TemplateFilter {
  const text = extraFilters?.trim() ?? '';
  if (text === '') return { kind: 'none' };
  if (text.length > MAX_TEXT_CHARS) return malformed(`is longer than ${MAX_TEXT_CHARS} characters`);
  const fields = parseJson(text);
  if (fields === null) return { kind: 'none' };
  if (!isRecord(fields)) return malformed('is not a JSON object');
  return readFields(fields);
}

/** Every condition has to hold. A field that the offer says nothing of is passed over; an offer without any facts meets none. */
export function meetsTemplate(
  facts: OfferFacts | undefined,
  conditions: readonly TemplateCondition[],
): boolean {
  return facts !== undefined && conditions.every((condition) => meets(facts, condition));
}

function meets(facts: OfferFacts, { field, operator, wanted }: TemplateCondition): boolean {
  const fact = Object.hasOwn(facts, field) ? facts[field] : undefined;
  if (fact === undefined || fact === null) return true;
  if (isList(wanted)) {
    return operator === 'notin' ? !isAmong(fact, wanted) : isAmong(fact, wanted);
  }
  return compares(fact, operator, wanted);
}

function compares(fact: FactValue, operator: TemplateOperator, wanted: FactValue): boolean {
  switch (operator) {
    case 'eq':
    case 'in':
      return isAmong(fact, [wanted]);
    case 'neq':
    case 'notin':
      return !isAmong(fact, [wanted]);
    case 'gt':
      return orderOf(fact, wanted) > 0;
    case 'gte':
      return orderOf(fact, wanted) >= 0;
    case 'lt':
      return orderOf(fact, wanted) < 0;
    case 'lte':
      return orderOf(fact, wanted) <= 0;
  }
}

/** A number that was written as text equals the number: `{"num_gpus": {"eq": "1"}}` stands in real templates. */
function isAmong(fact: FactValue, wanted: readonly FactValue[]): boolean {
  const number = numberOf(fact);
  return wanted.some((one) => one === fact || (number !== undefined && numberOf(one) === number));
}

/** Negative, zero or positive; NaN, which satisfies no comparison, for a text beside a number. */
function orderOf(fact: FactValue, wanted: FactValue): number {
  const [left, right] = [numberOf(fact), numberOf(wanted)];
  if (left !== undefined && right !== undefined) return left === right ? 0 : left - right;
  if (typeof fact !== 'string' || typeof wanted !== 'string') return Number.NaN;
  if (fact === wanted) return 0;
  return fact < wanted ? -1 : 1;
}

/** Numbers, numbers as text, truth as 1 and 0, and versions of three parts as the marketplace counts them. */
function numberOf(value: FactValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value === null || !maybeNumber(value)) return undefined;
  if (/^\s*(true|false)\s*$/i.test(value)) return Number(value.trim().toLowerCase() === 'true');
  return decimalOf(value) ?? versionNumber(value);
}

/** Most texts are names and places; each is looked at once an offer, so they are told apart by a glance. */
function maybeNumber(text: string): boolean {
  return text < ':' || TRUTH_INITIALS.includes(text.charAt(0));
}

const TRUTH_INITIALS = 'tTfF';

function decimalOf(text: string): number | undefined {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?\s*$/i.test(text) ? Number(text) : undefined;
}

/** Each part padded to three digits: `535.86.05` is 535086005, the integer that searches compare drivers by. */
function versionNumber(text: string): number | undefined {
  const parts = /^\s*(\d{1,4})\.(\d{1,3})\.(\d{1,3})\s*$/.exec(text);
  if (!parts) return undefined;
  const [, major, minor, patch] = parts;
  return Number(major) * 1_000_000 + Number(minor) * 1_000 + Number(patch);
}

function readFields(fields: Readonly<Record<string, unknown>>): TemplateFilter {
  const conditions: TemplateCondition[] = [];
  for (const [field, comparisons] of Object.entries(fields)) {
    if (NOT_FILTERS.has(field)) continue;
    if (!isRecord(comparisons)) return malformed(`has no comparison for ${shown(field)}`);
    for (const [word, wanted] of Object.entries(comparisons)) {
      const condition = readCondition(field, word, wanted);
      if (typeof condition === 'string') return malformed(condition);
      conditions.push(condition);
    }
  }
  const size = conditions.length + conditions.flatMap(({ wanted }) => wanted).length;
  if (size > MAX_CONDITIONS_AND_VALUES) return malformed('has too many conditions and values');
  return conditions.length === 0 ? { kind: 'none' } : { kind: 'conditions', conditions };
}

/** The condition, or what is wrong with it. */
function readCondition(field: string, word: string, wanted: unknown): TemplateCondition | string {
  const spelling = SPELLINGS.get(word) ?? word;
  const operator = TEMPLATE_OPERATORS.find((one) => one === spelling);
  const where = `${shown(word)} for ${shown(field)}`;
  if (operator === undefined) return `has the unknown operator ${where}`;
  if (operator === 'in' || operator === 'notin') {
    return isValueList(wanted) ? { field, operator, wanted } : `has no list of values at ${where}`;
  }
  if (!isValue(wanted)) return `has no single value at ${where}`;
  const isOrdered = operator !== 'eq' && operator !== 'neq';
  if (isOrdered && wanted === null) return `has nothing to compare with at ${where}`;
  return { field, operator, wanted };
}

/** A stranger's words, short enough for a sentence. */
function shown(word: string): string {
  return JSON.stringify(word.slice(0, 40));
}

function malformed(problem: string): TemplateFilter {
  return { kind: 'malformed', problem };
}

/** Undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isValue(value: unknown): value is FactValue {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isValueList(value: unknown): value is readonly FactValue[] {
  return Array.isArray(value) && value.every(isValue);
}

function isList(wanted: TemplateCondition['wanted']): wanted is readonly FactValue[] {
  return Array.isArray(wanted);
}
