import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namedIntervalMs } from '../../../src/providers/vastai/failures.ts';
import { failureOf, sealNetwork, unsealNetwork, vastaiWorld, wire } from './fixtures.ts';

beforeEach(sealNetwork);
afterEach(unsealNetwork);

const EMPTY_LIST = { success: true, instances_found: 0, total_instances: 0, instances: null };

function listsRefusedOnce(text: string): void {
  wire().get('/api/v1/instances/').query(true).reply(429, text);
  wire().get('/api/v1/instances/').query(true).times(2).reply(200, EMPTY_LIST);
}

describe('an interval that Vast.ai names', () => {
  it('is kept between the calls of that endpoint from then on', async () => {
    listsRefusedOnce('API requests too frequent: endpoint threshold=4.0*1.0');
    const { provider, clock } = vastaiWorld();
    await failureOf(provider.list());
    await provider.list();
    const secondMs = clock.monotonicMs();
    await provider.list();
    expect(clock.monotonicMs() - secondMs).toBe(4_300);
  });

  it('changes nothing at other endpoints', async () => {
    listsRefusedOnce('API requests too frequent: endpoint threshold=4.0*1.0');
    wire()
      .delete(/instances/)
      .times(2)
      .reply(200, { success: true });
    const { provider, clock } = vastaiWorld();
    await failureOf(provider.list());
    await provider.terminate('1');
    const firstMs = clock.monotonicMs();
    await provider.terminate('2');
    expect(clock.monotonicMs() - firstMs).toBe(3_300);
  });

  it.each([
    ['endpoint threshold=4.5', 4_500],
    ['endpoint threshold=4.5*1.0', 4_500],
    ['endpoint threshold=4.5*2', 9_000],
    ['API requests too frequent', undefined],
  ])('is read from %j', (text, intervalMs) => {
    expect(namedIntervalMs({ status: 429, headers: {}, text, json: undefined })).toBe(intervalMs);
  });
});
