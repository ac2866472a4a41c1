import { expect, test } from 'vitest';
import { BoundedMap } from '../../src/runtime/bounded-map.ts';

test('beyond its capacity the entry that was set longest ago is forgotten', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toStrictEqual([undefined, 2, 3]);
});

test('an entry that is set again is young again, and takes no second place', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect([map.get('a'), map.get('b'), map.get('c')]).toStrictEqual([3, undefined, 4]);
});

test('a deleted entry is gone and makes room', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.delete('b');
  map.delete('never there');
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toStrictEqual([1, undefined, 3]);
});
