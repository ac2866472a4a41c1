import { expect, test } from 'vitest';
import type { Offer } from '../../../../src/domain/offer.ts';
import type { LaunchOrder } from '../../../../src/ports/provider.ts';
import {
  dockHost,
  dockWorld,
  HOSTNODE,
  LOCATION,
} from '../../../simulator/tensordock/dock-world.ts';
import { failureOf, order, TAG } from '../harness.ts';
import { type Case, simulatedCase } from './simulated-case.ts';

const OTHER = 'bbbbbbbb-0000-4000-8000-000000000002';
const SERVER: LaunchOrder['workload'] = { kind: 'entrypoint', image: 'nginx', ports: [8000] };
const LOOK = `GET /api/v2/hostnodes/${HOSTNODE}`;
const CREATE = 'POST /api/v2/instances';

async function firstOffer({ provider, calls }: Case): Promise<Offer | undefined> {
  const [offer] = await provider.offers();
  calls.length = 0;
  return offer;
}

function hostOf(offer: Offer | undefined): unknown {
  return offer?.adapterData['hostnodeId'];
}

test('a launch looks at the host again and puts the machine there', async () => {
  const one = simulatedCase();
  const { id } = await one.provider.launch(order(await firstOffer(one)));
  expect(one.calls).toEqual([LOOK, CREATE]);
  expect(one.creates[0]).toMatchObject({ hostnode_id: HOSTNODE, useDedicatedIp: true });
  expect(one.creates[0]).not.toHaveProperty('location_id');
  expect(one.dock.market.instance(id)).toMatchObject({ label: TAG, host: { id: HOSTNODE } });
});

test('where the host has no address to give, the machine gets ports that are free there', async () => {
  const one = simulatedCase(dockWorld({ hosts: [dockHost({ dedicatedIps: false })] }));
  const { id } = await one.provider.launch(order(await firstOffer(one), { workload: SERVER }));
  expect(one.creates[0]).toMatchObject({
    hostnode_id: HOSTNODE,
    port_forwards: [
      { internal_port: 22, external_port: expect.any(Number) },
      { internal_port: 8000, external_port: expect.any(Number) },
    ],
  });
  const [forward] = one.dock.market.instance(id)?.openPorts ?? [];
  expect(one.creates[0]?.['port_forwards']).toMatchObject([
    {},
    { external_port: forward?.externalPort },
  ]);
});

test('a host that has been taken in between is not asked: its location places the machine', async () => {
  const hosts = [dockHost({ gpuCount: 1 }), dockHost({ id: OTHER, gpuCount: 1 })];
  const one = simulatedCase(dockWorld({ hosts }));
  const offer = await firstOffer(one);
  await one.provider.launch(order(offer));
  one.calls.length = 0;
  const { id } = await one.provider.launch(order(offer));
  expect(one.calls).toEqual([LOOK, CREATE]);
  expect(one.creates[1]).toMatchObject({ location_id: LOCATION, useDedicatedIp: true });
  expect(one.dock.market.instance(id)?.host.id).toBe(OTHER);
});

test('a host that refuses leaves it to its location', async () => {
  const stale = dockHost({ nature: 'stale', reliability: 1 });
  const one = simulatedCase(
    dockWorld({ hosts: [dockHost({ id: OTHER, reliability: 0.9 }), stale] }),
  );
  const offer = await firstOffer(one);
  expect(hostOf(offer)).toBe(HOSTNODE);
  const { id } = await one.provider.launch(order(offer));
  expect(one.calls).toEqual([LOOK, CREATE, CREATE]);
  expect(one.dock.market.instance(id)?.host.id).toBe(OTHER);
});

test('hosts that are true do not offer what cannot be had', async () => {
  const stale = dockHost({ nature: 'stale' });
  const quirks = { v2HostnodesAs: 'fresh' } as const;
  const one = simulatedCase(dockWorld({ hosts: [stale, dockHost({ id: OTHER })], quirks }));
  const offer = await firstOffer(one);
  expect(hostOf(offer)).toBe(OTHER);
  await one.provider.launch(order(offer));
  expect(one.creates).toMatchObject([{ hostnode_id: OTHER }]);
});

test('every way refused is a refusal', async () => {
  const one = simulatedCase(dockWorld({ hosts: [dockHost({ nature: 'stale' })] }));
  const failure = await failureOf(one.provider.launch(order(await firstOffer(one))));
  expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
  expect(one.calls).toEqual([LOOK, CREATE, CREATE]);
});

test('what may have rented is not asked again in another way', async () => {
  const hosts = [dockHost({ nature: 'stale', city: 'Ottawa' })];
  const one = simulatedCase(dockWorld({ hosts }));
  const failure = await failureOf(one.provider.launch(order(await firstOffer(one))));
  expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'unknown' });
  expect(one.calls).toEqual([LOOK, CREATE]);
});

test('a location that may cost more does not stand in for a host', async () => {
  const hosts = [dockHost({ gpuCount: 1 }), dockHost({ id: OTHER, gpuCount: 1 })];
  const one = simulatedCase(dockWorld({ hosts }));
  const offer = await firstOffer(one);
  await one.provider.launch(order(offer));
  const bound = offer && { ...offer, adapterData: { ...offer.adapterData, byLocation: false } };
  const failure = await failureOf(one.provider.launch(order(bound)));
  expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
  expect(one.creates).toHaveLength(1);
});

test('a host that has become dearer than its offer is not taken', async () => {
  const one = simulatedCase();
  const offer = await firstOffer(one);
  const cheap = offer && {
    ...offer,
    price: { ...offer.price, gpu: offer.price.gpu - 1 },
    adapterData: { ...offer.adapterData, byLocation: false },
  };
  const failure = await failureOf(one.provider.launch(order(cheap)));
  expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
  expect(one.calls).toEqual([LOOK]);
});

test('a host that gives a GPU fewer vCPUs than were offered is not asked', async () => {
  const one = simulatedCase(dockWorld({ hosts: [dockHost({ gpuCount: 8, vcpus: 56 })] }));
  await one.provider.launch(order(await firstOffer(one)));
  expect(one.creates).toMatchObject([{ location_id: LOCATION }]);
});

test('a server that was promised an address is not put behind forwards at the host either', async () => {
  const one = simulatedCase();
  const offer = await firstOffer(one);
  const bare = simulatedCase(dockWorld({ hosts: [dockHost({ dedicatedIps: false })] }));
  const failure = await failureOf(bare.provider.launch(order(offer, { workload: SERVER })));
  expect(failure).toMatchObject({ kind: 'no_capacity', isForOrderOnly: true });
});

test('an order for a host whose API knows of no hosts goes to the location', async () => {
  const offer = await firstOffer(simulatedCase());
  const one = simulatedCase(dockWorld({ quirks: { v2HostnodesAs: 'absent' } }));
  await one.provider.launch(order(offer));
  expect(one.calls).toEqual([LOOK, CREATE]);
  expect(one.creates).toMatchObject([{ location_id: LOCATION }]);
});

test('after a create at a host that is not understood the location places everything for hours', async () => {
  const dock = dockWorld({ quirks: { v2ErrorsAs: 'array400' } });
  const broken = {
    ...dock,
    v2: async (request: Parameters<typeof dock.v2>[0]) =>
      request.body.includes('hostnode_id')
        ? {
            status: 400,
            headers: {},
            body: '[{"code":"custom","message":"location_id is required"}]',
          }
        : dock.v2(request),
  };
  const one = simulatedCase(broken);
  const offer = await firstOffer(one);
  await one.provider.launch(order(offer));
  expect(one.calls).toEqual([LOOK, CREATE, CREATE]);
  const [next] = await one.provider.offers();
  expect(next).toMatchObject({ id: offer?.id, availabilityConfidence: 0.3 });
  one.calls.length = 0;
  await one.provider.launch(order(offer));
  expect(one.calls).toEqual([CREATE]);
  await one.parts.clock.advance(6 * 3_600_000);
  expect(hostOf((await one.provider.offers())[0])).toBe(HOSTNODE);
});

test('a single 401 at the look is asked again, as one at a create is', async () => {
  const dock = dockWorld();
  let isFirst = true;
  const moody = {
    ...dock,
    v2: async (request: Parameters<typeof dock.v2>[0]) => {
      if (!isFirst || request.path !== `/api/v2/hostnodes/${HOSTNODE}`) return dock.v2(request);
      isFirst = false;
      return { status: 401, headers: {}, body: '{"error":"Unauthorized"}' };
    },
  };
  const one = simulatedCase(moody);
  await one.provider.launch(order(await firstOffer(one)));
  expect(one.calls).toEqual([LOOK, LOOK, CREATE]);
});

test('a look that fails leaves it to the location', async () => {
  const dock = dockWorld();
  const one = simulatedCase({
    ...dock,
    v2: async (request) =>
      request.path.startsWith('/api/v2/hostnodes/')
        ? { status: 503, headers: {}, body: '' }
        : dock.v2(request),
  });
  await one.provider.launch(order(await firstOffer(one)));
  expect(one.creates).toMatchObject([{ location_id: LOCATION }]);
});
