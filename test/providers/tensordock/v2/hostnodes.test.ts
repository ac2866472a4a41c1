import nock from 'nock';
import { expect, test } from 'vitest';
import type { Offer } from '../../../../src/domain/offer.ts';
import { readHostnode } from '../../../../src/providers/tensordock/v2/hostnode-wire.ts';
import { createTensordockV2Provider } from '../../../../src/providers/tensordock/v2/provider.ts';
import { AUTH_ID, BASE_URL, failureOf, sealNetwork, TOKEN, world } from '../harness.ts';
import {
  CHUBBUCK,
  chubbuck,
  DOCUMENTED_HOSTNODE,
  DOCUMENTED_HOSTNODE_DETAILS,
  locations,
} from './examples.ts';

sealNetwork();

const CONFIG = {
  apiToken: TOKEN,
  authId: AUTH_ID,
  baseUrl: BASE_URL,
  defaultImage: 'ubuntu2204',
  defaultVcpus: 8,
  defaultRamGb: 32,
};
const GPU = 'geforcertx4090-pcie-24gb';
const ONE_GPU = `tensordock-${CHUBBUCK.id}-${GPU}`;

type Json = Readonly<Record<string, unknown>>;

interface Answers {
  readonly locations?: unknown;
  readonly hostnodes?: unknown;
  readonly hostnodesStatus?: number;
}

function stub({ locations: listed, hostnodes, hostnodesStatus = 200 }: Answers): void {
  const api = nock(BASE_URL);
  api
    .get('/api/v2/locations')
    .query(true)
    .reply(listed === undefined ? 503 : 200, JSON.stringify(listed ?? {}));
  api.get('/api/v2/hostnodes').reply(hostnodesStatus, JSON.stringify(hostnodes ?? {}));
}

/** The token is good. */
function stubToken(): void {
  nock(BASE_URL).get('/api/v2/instances').reply(200, { data: [] });
}

async function offersOf(answers: Answers): Promise<readonly Offer[]> {
  stub(answers);
  stubToken();
  return createTensordockV2Provider(world(), CONFIG).offers();
}

/** A host at Chubbuck with the model that is listed there, at its price. */
function hostnode(changes: Json = {}, resources: Json = {}): Json {
  const free = { ...DOCUMENTED_HOSTNODE.available_resources, gpus: gpus(4), ...resources };
  const at = { ...DOCUMENTED_HOSTNODE, id: 'host-1', location_id: CHUBBUCK.id };
  return { ...at, pricing: FREE_UNITS, available_resources: free, ...changes };
}

function gpus(availableCount: number, price_per_hr = 0.3966): Json[] {
  return [{ v0Name: GPU, availableCount, price_per_hr }];
}

function hostnodes(...rows: readonly unknown[]): Json {
  return { data: { hostnodes: rows } };
}

function hostOf(offer: Offer | undefined): unknown {
  return offer?.adapterData['hostnodeId'];
}

const FREE_UNITS = { per_vcpu_hr: 0, per_gb_ram_hr: 0, per_gb_storage_hr: 0 };

test('the documented hostnode is an offer of its own where no location lists it', async () => {
  const offers = await offersOf({
    locations: locations(),
    hostnodes: hostnodes(DOCUMENTED_HOSTNODE),
  });
  expect(offers.map(({ gpuCount }) => gpuCount)).toEqual([1, 2, 4, 8]);
  expect(offers[1]).toMatchObject({
    id: 'tensordock-location-uuid-h100-sxm5-80gb-x2',
    providerId: 'location-uuid',
    siteKey: 'tensordock|location-uuid|h100-sxm5-80gb|2',
    gpuType: 'H100 SXM',
    price: { gpu: 4_400_000, cpu: 12_000, ram: 22_400, disk: 5_000 },
    maxDiskGb: 14_780,
    location: 'Austin, Texas, United States',
    country: 'US',
    reliability: 0.9979,
    availabilityConfidence: 0.6,
    siteId: 'tensordock-site-location-uuid',
    hostId: 'tensordock-host-hostnode-uuid',
    inetDownMbps: 10_000,
    inetUpMbps: 10_000,
    adapterData: { hostnodeId: 'hostnode-uuid', byLocation: false, dedicatedIp: true, count: 2 },
  });
});

test('a location and its hosts make one offer a count, with the id that the location alone would have', async () => {
  const offers = await offersOf({
    locations: locations(CHUBBUCK),
    hostnodes: hostnodes(hostnode(), hostnode({ id: 'host-2' }, { gpus: gpus(8) })),
  });
  expect(offers.map((offer) => [offer.id, hostOf(offer)])).toEqual([
    [ONE_GPU, 'host-1'],
    [`${ONE_GPU}-x2`, 'host-1'],
    [`${ONE_GPU}-x4`, 'host-1'],
    [`${ONE_GPU}-x8`, 'host-2'],
  ]);
});

test.each<[string, Json, Json]>([
  ['one with an address of its own', { id: 'a' }, {}],
  ['one with room for the whole machine', { id: 'z' }, { vcpu_count: 8 }],
  ['the cheaper one', { id: 'z' }, { gpus: gpus(4, 0.39) }],
  ['the one that is up more', { id: 'z', uptime_percentage: 99.9 }, {}],
  ['the first by id, all else alike', { id: 'a' }, {}],
])('of several hosts the offer is that of %s', async (what, changes, resources) => {
  const other = what.includes('address')
    ? { has_public_ip_available: false }
    : what.includes('room')
      ? { vcpu_count: 4 }
      : {};
  const [offer] = await offersOf({
    locations: locations(CHUBBUCK),
    hostnodes: hostnodes(hostnode({ id: 'm' }, other), hostnode(changes, resources)),
  });
  expect(hostOf(offer)).toBe(changes['id']);
});

test('a count that no host shows as free is offered by the location alone, with little confidence', async () => {
  const offers = await offersOf({
    locations: locations(CHUBBUCK),
    hostnodes: hostnodes(hostnode({}, { gpus: gpus(1) })),
  });
  expect(offers.map((offer) => [hostOf(offer), offer.availabilityConfidence])).toEqual([
    ['host-1', 0.6],
    [undefined, 0.1],
    [undefined, 0.1],
  ]);
});

test.each<[string, Json, Json, boolean]>([
  ['as dear', {}, {}, true],
  ['dearer', {}, { price_per_hr: 0.4 }, false],
  ['dearer in vCPUs', {}, { pricing: { per_vcpu_hr: 0.001 } }, false],
  ['cheaper', {}, { price_per_hr: 0.3 }, true],
  ['smaller', {}, { resources: { max_vcpus: 6, max_ram_gb: 64, max_storage_gb: 500 } }, false],
])('a location that is %s may stand in for the host: %s', async (_, location, gpu, stands) => {
  const [offer] = await offersOf({
    locations: locations(chubbuck(location, gpu)),
    hostnodes: hostnodes(hostnode()),
  });
  expect(offer?.adapterData).toMatchObject({ hostnodeId: 'host-1', byLocation: stands });
});

test('a host without an address of its own shares one', async () => {
  const [offer] = await offersOf({
    locations: locations(CHUBBUCK),
    hostnodes: hostnodes(hostnode({}, { has_public_ip_available: false })),
  });
  expect(offer).toMatchObject({ sharesAddress: true, adapterData: { dedicatedIp: false } });
});

test.each<[string, Answers]>([
  ['are not there', { hostnodesStatus: 404 }],
  ['are broken', { hostnodesStatus: 500 }],
  ['are no list', { hostnodes: { data: 'none' } }],
  ['are none', { hostnodes: hostnodes() }],
  ['are refused inside a 200', { hostnodes: { status: 401, error: 'Unauthorized' } }],
])('hostnodes that %s leave the locations as they are', async (_, answers) => {
  const offers = await offersOf({ locations: locations(CHUBBUCK), ...answers });
  expect(offers.map((offer) => [offer.id, offer.availabilityConfidence])).toEqual([
    [ONE_GPU, 0.3],
    [`${ONE_GPU}-x2`, 0.3],
    [`${ONE_GPU}-x4`, 0.3],
  ]);
});

test('hosts stand in for locations that do not answer', async () => {
  const offers = await offersOf({ hostnodes: hostnodes(hostnode({}, { gpus: gpus(1) })) });
  expect(offers.map(({ id }) => id)).toEqual([ONE_GPU]);
});

test('without either there is a failure and no empty menu', async () => {
  stub({ hostnodes: hostnodes() });
  const failure = await failureOf(createTensordockV2Provider(world(), CONFIG).offers());
  expect(failure).toMatchObject({ kind: 'unavailable', outcome: 'not_done' });
});

test('hostnodes that are not there are asked for again after ten minutes', async () => {
  const parts = world();
  const provider = createTensordockV2Provider(parts, CONFIG);
  stub({ locations: locations(CHUBBUCK), hostnodesStatus: 404 });
  stubToken();
  await provider.offers();
  nock(BASE_URL).get('/api/v2/locations').query(true).reply(200, locations(CHUBBUCK));
  await provider.offers();
  await parts.clock.advance(10 * 60_000);
  stub({ locations: locations(CHUBBUCK), hostnodes: hostnodes(hostnode()) });
  const [offer] = await provider.offers();
  expect(hostOf(offer)).toBe('host-1');
});

test.each<[string, unknown]>([
  ['no id', { ...hostnode(), id: null }],
  ['an id that is a path', hostnode({ id: '../x' })],
  ['no location', hostnode({ location_id: null, location: {} })],
  ['no unit prices', hostnode({ pricing: undefined })],
  ['no GPU free', hostnode({}, { gpus: gpus(0) })],
  ['a GPU without a price', hostnode({}, { gpus: [{ v0Name: GPU, availableCount: 1 }] })],
  ['no vCPU left', hostnode({}, { vcpu_count: 0 })],
  ['too little disk left', hostnode({}, { storage_gb: 99 })],
  ['nothing at all', null],
])('a host with %s is passed over, not the list', async (_, row) => {
  const [offer] = await offersOf({
    locations: locations(CHUBBUCK),
    hostnodes: hostnodes(row, hostnode({ id: 'good', pricing: { ...FREE_UNITS, per_vcpu_hr: 1 } })),
  });
  expect(hostOf(offer)).toBe('good');
});

test.each([
  ['a list', gpus(2)],
  ['a map by name', { [GPU]: { availableCount: 2, price_per_hr: 0.3966 } }],
])('GPUs are read as %s', async (_, listed) => {
  const offers = await offersOf({
    locations: locations(),
    hostnodes: hostnodes(hostnode({}, { gpus: listed })),
  });
  expect(offers.map(({ gpuCount }) => gpuCount)).toEqual([1, 2]);
});

test("a location's GPUs may be a map by name too", async () => {
  const [{ v0Name, ...gpu }] = CHUBBUCK.gpus as [(typeof CHUBBUCK.gpus)[number]];
  const offers = await offersOf({
    locations: locations({ ...CHUBBUCK, gpus: { [v0Name]: gpu } }),
    hostnodesStatus: 404,
  });
  expect(offers).toHaveLength(3);
});

test('the documented details of one hostnode are read under their other names', () => {
  expect(readHostnode({ data: DOCUMENTED_HOSTNODE_DETAILS })).toMatchObject({
    id: 'hostnode-uuid',
    vcpus: 208,
    ramGb: 990,
    diskGb: 14_780,
    vcpusPerGpu: 16,
    ramGbPerGpu: 128,
    hasPublicIp: true,
    freePorts: DOCUMENTED_HOSTNODE_DETAILS.available_resources.available_ports,
    uptime: 0.9979,
  });
});
