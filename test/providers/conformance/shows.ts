import assert from 'node:assert/strict';
import { demand } from './demand.ts';

/**
 * Fails unless `actual` has everything that `expected` has: of objects the fields that are named, of lists every item in
 * its place. Null stands for what JSON has no word for: undefined, or a field that is not there.
 */
export function assertShows(actual: unknown, expected: unknown, at = 'the result'): void {
  if (expected === null) {
    assert.equal(actual, undefined, at);
    return;
  }
  if (typeof expected !== 'object') {
    assert.deepEqual(actual, expected, at);
    return;
  }
  demand(typeof actual === 'object' && actual !== null, `${at} is ${String(actual)}`);
  if (Array.isArray(expected)) {
    demand(Array.isArray(actual), `${at} is no list`);
    assert.equal(actual.length, expected.length, `the length of ${at}`);
  }
  for (const [name, part] of Object.entries(expected)) {
    assertShows(Reflect.get(actual, name), part, `${at}, ${name}`);
  }
}
