import { describe, expect, it } from 'vitest';
import { endpointOf } from '../../src/domain/instance.ts';

const MAPPED = [
  { internal: 8000, host: '198.51.100.7', port: 20_411 },
  { internal: 9000, host: '198.51.100.7', port: 20_412 },
];

describe('where a port is reached', () => {
  it('is what the provider shows for it', () => {
    expect(endpointOf({ openPorts: MAPPED }, 9000)).toEqual({ host: '198.51.100.7', port: 20_412 });
  });

  it('is not known as long as the provider does not show it', () => {
    expect(endpointOf({}, 8000)).toBeUndefined();
    expect(endpointOf({ openPorts: MAPPED }, 8080)).toBeUndefined();
  });

  it('is the port itself on an address of its own', () => {
    expect(endpointOf({ ownHost: '203.0.113.9' }, 8000)).toEqual({
      host: '203.0.113.9',
      port: 8000,
    });
  });

  it('is the mapped one where both are shown', () => {
    const seen = { ownHost: '203.0.113.9', openPorts: MAPPED };
    expect(endpointOf(seen, 8000)).toEqual({ host: '198.51.100.7', port: 20_411 });
  });
});
