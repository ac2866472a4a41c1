import { expect, test } from 'vitest';
import { dockWorld } from '../../../simulator/tensordock/dock-world.ts';
import { failureOf } from '../harness.ts';
import { simulatedCase } from './simulated-case.ts';

const LIST = 'GET /api/v2/instances';

function lists(calls: readonly string[]): number {
  return calls.filter((call) => call === LIST).length;
}

test.each(['guarded', 'open'] as const)(
  'a wrong token shows at the first refresh where discovery is %s',
  async (v2DiscoveryAs) => {
    const one = simulatedCase(dockWorld({ quirks: { v2DiscoveryAs } }), { apiToken: 'wrong' });
    expect(await failureOf(one.provider.offers())).toMatchObject({ kind: 'unauthorized' });
  },
);

test('a wrong authorization id alone leaves the hosts on the menu', async () => {
  const one = simulatedCase(dockWorld(), { authId: 'wrong' });
  expect(await one.provider.offers()).not.toEqual([]);
});

test('a good token is asked about once', async () => {
  const one = simulatedCase();
  await one.provider.offers();
  await one.provider.offers();
  expect(lists(one.calls)).toBe(1);
});

test('a token that has opened machines is not asked about at all', async () => {
  const one = simulatedCase();
  await one.provider.list();
  await one.provider.offers();
  expect(lists(one.calls)).toBe(1);
});

test('a token that is taken away shows with the next list, and one that is given back works again', async () => {
  const dock = dockWorld({ quirks: { v2DiscoveryAs: 'open' } });
  const one = simulatedCase(dock);
  await one.provider.offers();
  dock.market.revokeKeys('tensordock');
  await failureOf(one.provider.list());
  expect(await failureOf(one.provider.offers())).toMatchObject({ kind: 'unauthorized' });
  dock.market.restoreKeys('tensordock');
  expect(await one.provider.offers()).not.toEqual([]);
});

test('a single 401 is no proof, and a list that fails for another reason is none either', async () => {
  const dock = dockWorld();
  let isFirst = true;
  const moody = {
    ...dock,
    v2: async (request: Parameters<typeof dock.v2>[0]) => {
      if (request.path !== '/api/v2/instances') return dock.v2(request);
      const status = isFirst ? 401 : 503;
      isFirst = false;
      return { status, headers: {}, body: '{"error":"no"}' };
    },
  };
  const one = simulatedCase(moody);
  expect(await one.provider.offers()).not.toEqual([]);
  expect(lists(one.calls)).toBe(2);
});
