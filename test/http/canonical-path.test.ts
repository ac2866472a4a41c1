import { expect, test } from 'vitest';
import { canonicalPath } from '../../src/http/canonical-path.ts';

test.each([
  ['/offers', '/offers'],
  ['/offers?limit=1', '/offers?limit=1'],
  ['/api/v1/inventory?limit=1', '/offers?limit=1'],
  ['/api/v1/inventory/vastai-1', '/offers/vastai-1'],
  ['/api/v1/sessions', '/sessions'],
  ['/api/v1', '/'],
  ['/api/v1?x=1', '/?x=1'],
  ['/api/v10/sessions', '/api/v10/sessions'],
  ['/offers#limit=1', '/offers'],
  ['/offers?limit=1#offset=2', '/offers?limit=1'],
  ['/api/v1/inventory#x', '/offers'],
  ['/api/v1#x', '/'],
])('%s is a name of %s', (target, canonical) => {
  expect(canonicalPath(target)).toBe(canonical);
});
