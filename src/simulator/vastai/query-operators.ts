import { isObject, type JsonObject } from '../json.ts';
import { badSearchKey, badSearchOperator } from './errors.ts';
import { type Read, type Row, read, refused } from './wire.ts';

export type RowTest = (row: Row) => boolean;
export type ColumnReader = (row: Row) => unknown;

/** Which names a query may use, and what happens to the others: a search ignores them, a list refuses them. */
export interface Columns {
  find(name: string): ColumnReader | undefined;
  readonly unknown: 'ignored' | 'refused';
  /** Operators that a column takes when it does not take all of them. */
  allows(name: string, operator: string): boolean;
}

type Comparison = (actual: unknown, wanted: unknown) => boolean;

/** As in SQL, a column without a value satisfies no comparison, save that it equals null. */
const OPERATORS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ['eq', isSame],
  ['neq', (actual, wanted) => hasValue(actual) && !isSame(actual, wanted)],
  ['gt', (actual, wanted) => compare(actual, wanted) > 0],
  ['gte', (actual, wanted) => compare(actual, wanted) >= 0],
  ['lt', (actual, wanted) => compare(actual, wanted) < 0],
  ['lte', (actual, wanted) => compare(actual, wanted) <= 0],
  ['in', (actual, wanted) => isAmong(actual, wanted)],
  ['notin', (actual, wanted) => hasValue(actual) && !isAmong(actual, wanted)],
]);

/** Reads `{column: {operator: value}}` into one test that wants them all. */
export function readFilters(filters: JsonObject, columns: Columns): Read<RowTest> {
  const tests: RowTest[] = [];
  for (const [name, conditions] of Object.entries(filters)) {
    const test = readColumn(name, conditions, columns);
    if (test.kind === 'refused') return test;
    tests.push(test.value);
  }
  return read((row) => tests.every((test) => test(row)));
}

/** Orders values of one column; a missing value comes last. */
export function compareValues(left: unknown, right: unknown): number {
  if (!hasValue(left) || !hasValue(right)) return Number(hasValue(right)) - Number(hasValue(left));
  return compare(left, right) || 0;
}

function readColumn(name: string, conditions: unknown, columns: Columns): Read<RowTest> {
  const column = columns.find(name);
  if (!column && columns.unknown === 'refused') return refused(badSearchKey(name));
  // The server walks a bare value as if it were an object and stumbles over its first index.
  if (!isObject(conditions)) return refused(badSearchOperator('0'));
  const tests: RowTest[] = [];
  for (const [operator, wanted] of Object.entries(conditions)) {
    const comparison = OPERATORS.get(operator);
    if (!comparison || !columns.allows(name, operator)) return refused(badSearchOperator(operator));
    if (column) tests.push((row) => comparison(column(row), wanted));
  }
  return read((row) => tests.every((test) => test(row)));
}

function isAmong(actual: unknown, wanted: unknown): boolean {
  return Array.isArray(wanted) && wanted.some((one) => isSame(actual, one));
}

/** A number written as text equals the number: templates filter by `{"num_gpus":{"eq":"1"}}`. */
function isSame(actual: unknown, wanted: unknown): boolean {
  if (!hasValue(actual) || !hasValue(wanted)) return !hasValue(actual) && !hasValue(wanted);
  return actual === wanted || (typeof actual === 'number' && actual === asNumber(wanted));
}

/** NaN, which no comparison likes, when the two cannot be compared. */
function compare(actual: unknown, wanted: unknown): number {
  if (typeof actual === 'string' && typeof wanted === 'string') {
    return actual < wanted ? -1 : Number(actual > wanted);
  }
  return asNumber(actual) - asNumber(wanted);
}

function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
}

function hasValue(value: unknown): boolean {
  return value !== null && value !== undefined;
}
