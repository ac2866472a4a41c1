import { describe, expect, it } from 'vitest';
import { isListCall, shortenList } from '../../src/simulator/wire-lists.ts';

const half = (count: number) => Math.floor(count / 2);
const shortened = (json: unknown) => JSON.parse(shortenList(JSON.stringify(json), half));

describe('a shortened list', () => {
  it('is found wherever the APIs put it', () => {
    expect(shortened({ offers: [1, 2] })).toEqual({ offers: [1] });
    expect(shortened({ data: [1, 2, 3, 4] })).toEqual({ data: [1, 2] });
    expect(shortened({ data: { instances: [1, 2] } })).toEqual({ data: { instances: [1] } });
    expect(shortened({ data: { locations: [1, 2], note: 'x' } })).toEqual({
      data: { locations: [1], note: 'x' },
    });
    expect(shortened({ success: true, virtualmachines: { a: {}, b: {} } })).toEqual({
      success: true,
      virtualmachines: { a: {} },
    });
  });

  it('leaves what is no list as it was', () => {
    expect(shortened({ success: false, error: 'x' })).toEqual({ success: false, error: 'x' });
    expect(shortened({ instances: null })).toEqual({ instances: null });
    expect(shortenList('Bad Gateway', half)).toBe('Bad Gateway');
  });
});

describe('a list call', () => {
  it.each([
    ['GET', '/api/v1/instances/', true],
    ['POST', '/api/v0/bundles/', true],
    ['GET', '/api/v2/locations', true],
    ['GET', '/api/v2/instances', true],
    ['POST', '/api/v0/client/list', true],
    ['GET', '/api/v0/client/deploy/hostnodes', true],
    ['POST', '/api/v2/instances', false],
    ['GET', '/api/v2/instances/123', false],
    ['GET', '/api/v0/instances/123/', false],
    ['PUT', '/api/v0/asks/1/', false],
  ])('%s %s: %s', (method, path, expected) => {
    expect(isListCall(method, path)).toBe(expected);
  });
});
