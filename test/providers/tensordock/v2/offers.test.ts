import nock from 'nock';
import { expect, test } from 'vitest';
import type { Offer } from '../../../../src/domain/offer.ts';
import { createTensordockV2Provider } from '../../../../src/providers/tensordock/v2/provider.ts';
import { AUTH_ID, BASE_URL, failureOf, sealNetwork, shown, TOKEN, world } from '../harness.ts';
import { CHUBBUCK, chubbuck, DOCUMENTED_LOCATIONS, locations } from './examples.ts';

sealNetwork();

const CONFIG = {
  apiToken: TOKEN,
  authId: AUTH_ID,
  baseUrl: BASE_URL,
  defaultImage: 'ubuntu2204',
  defaultVcpus: 8,
  defaultRamGb: 32,
};

async function offersFrom(answer: unknown): Promise<readonly Offer[]> {
  nock(BASE_URL).get('/api/v2/locations').query(true).reply(200, JSON.stringify(answer));
  return createTensordockV2Provider(world(), CONFIG).offers();
}

test('a location is asked for with the credentials in the query', async () => {
  nock(BASE_URL)
    .get('/api/v2/locations')
    .query({ api_key: AUTH_ID, api_token: TOKEN })
    .reply(200, locations());
  expect(await createTensordockV2Provider(world(), CONFIG).offers()).toEqual([]);
});

test('without an authorization id the token goes into the header', async () => {
  const { authId: _, ...config } = CONFIG;
  nock(BASE_URL, { reqheaders: { authorization: `Bearer ${TOKEN}` } })
    .get('/api/v2/locations')
    .reply(200, locations());
  expect(await createTensordockV2Provider(world(), config).offers()).toEqual([]);
});

test('the documented page makes one offer for each count that a site has', async () => {
  const offers = await offersFrom(DOCUMENTED_LOCATIONS);
  expect(offers.map((offer) => [offer.id, offer.gpuType, offer.vramGb, offer.gpuCount])).toEqual([
    ['tensordock-loc-uuid-12345-h100-sxm5-80gb', 'H100 SXM', 80, 1],
    ['tensordock-loc-uuid-12345-h100-sxm5-80gb-x2', 'H100 SXM', 80, 2],
    ['tensordock-loc-uuid-12345-h100-sxm5-80gb-x4', 'H100 SXM', 80, 4],
    ['tensordock-loc-uuid-12345-h100-sxm5-80gb-x8', 'H100 SXM', 80, 8],
    ['tensordock-loc-uuid-12345-geforcertx4090-pcie-24gb', 'RTX 4090', 24, 1],
    ['tensordock-loc-uuid-12345-geforcertx4090-pcie-24gb-x2', 'RTX 4090', 24, 2],
    ['tensordock-loc-uuid-12345-geforcertx4090-pcie-24gb-x4', 'RTX 4090', 24, 4],
  ]);
});

test('an offer says all that is known, priced all in for the default machine', async () => {
  const [, two] = await offersFrom(DOCUMENTED_LOCATIONS);
  expect(two).toEqual({
    id: 'tensordock-loc-uuid-12345-h100-sxm5-80gb-x2',
    provider: 'tensordock',
    api: 'tensordock-v2',
    providerId: 'loc-uuid-12345',
    gpuType: 'H100 SXM',
    gpuVendor: 'nvidia',
    // Everything is billed from the creation on; some two and a half minutes pass until the first login.
    startUp: {
      billedParts: ['gpu', 'cpu', 'ram', 'disk'],
      bootMs: 150_000,
      readyTimeoutMs: 360_000,
      serverReadyTimeoutMs: 2_700_000,
    },
    gpuCount: 2,
    vramGb: 80,
    price: { gpu: 4_400_000, cpu: 24_000, ram: 64_000, disk: 5_000 },
    diskMicroUsdPerGbHour: 50,
    includedDiskGb: 100,
    minDiskGb: 100,
    maxDiskGb: 1000,
    location: 'Austin, Texas, United States',
    country: 'US',
    reliability: 0.97,
    available: true,
    availabilityConfidence: 0.3,
    maxDurationHours: 0,
    fetchedAt: expect.any(Number),
    cpuCores: 8,
    ramGb: 32,
    interruptible: false,
    siteId: 'tensordock-site-loc-uuid-12345',
    siteKey: 'tensordock|loc-uuid-12345|h100-sxm5-80gb|2',
    adapterData: {
      locationId: 'loc-uuid-12345',
      v0Name: 'h100-sxm5-80gb',
      count: 2,
      vcpus: 8,
      ramGb: 32,
      dedicatedIp: true,
      portForwarding: true,
    },
  });
});

test('parts without a unit price cost nothing on the menu', async () => {
  const [offer] = await offersFrom(locations(CHUBBUCK));
  expect(offer?.price).toEqual({ gpu: 396_600, cpu: 0, ram: 0, disk: 0 });
});

test.each([
  [1, 0.9],
  [2, 0.93],
  [3, 0.97],
  [4, 0.99],
  [7, 0.99],
  [0, 0.9],
  [null, 0.9],
])('a tier of %j is a reliability of %f', async (tier, reliability) => {
  const [offer] = await offersFrom(locations(chubbuck({ tier })));
  expect(offer?.reliability).toBe(reliability);
});

test('a small site gets a machine that fits it', async () => {
  const resources = { max_vcpus: 6, max_ram_gb: 20.5, max_storage_gb: 120 };
  const [offer] = await offersFrom(locations(chubbuck({}, { resources })));
  expect(offer).toMatchObject({ cpuCores: 6, ramGb: 20, maxDiskGb: 120 });
});

test('a place that repeats a part says it once', async () => {
  const [offer] = await offersFrom(locations(chubbuck({ city: 'Texas', stateprovince: 'Texas' })));
  expect(offer?.location).toBe('Texas, United States');
});

test.each([
  ['no GPU left', { max_count: 0 }],
  ['a price of nothing', { price_per_hr: 0 }],
  ['a price as text', { price_per_hr: '0.4' }],
  [
    'less disk than the least that can be rented',
    { resources: { max_vcpus: 8, max_ram_gb: 32, max_storage_gb: 99 } },
  ],
  ['no vCPU left', { resources: { max_vcpus: 0, max_ram_gb: 32, max_storage_gb: 500 } }],
  [
    'no way to log in',
    { network_features: { dedicated_ip_available: false, port_forwarding_available: false } },
  ],
  ['a GPU of unknown memory', { v0Name: 'mystery', displayName: 'Mystery' }],
  ['a name that does not fit an id', { v0Name: '../instances' }],
])('a row with %s is dropped, not the list', async (_, gpu) => {
  const offers = await offersFrom(
    locations(chubbuck({}, gpu), { id: 7 }, chubbuck({ id: 'other' })),
  );
  expect(offers.map((offer) => offer.id)).toEqual([
    'tensordock-other-geforcertx4090-pcie-24gb',
    'tensordock-other-geforcertx4090-pcie-24gb-x2',
    'tensordock-other-geforcertx4090-pcie-24gb-x4',
  ]);
});

test.each([
  ['no list', { data: {} }, 'malformed'],
  ['a page of text', 'hello', 'malformed'],
  ['an error inside a 200', { status: 500, error: 'database is down' }, 'unavailable'],
  ['an authentication error inside a 200', { status: 401, error: 'Unauthorized' }, 'unauthorized'],
])('%s is a failure, not an empty menu', async (_, answer, kind) => {
  const failure = await failureOf(offersFrom(answer));
  expect(failure).toMatchObject({ kind, outcome: 'not_done' });
});

test('credentials in the query are in nothing that is thrown or recorded', async () => {
  nock(BASE_URL)
    .get('/api/v2/locations')
    .query(true)
    .reply(401, {
      error: `bad pair ${AUTH_ID}/${TOKEN} at ?api_token=${encodeURIComponent(TOKEN)}`,
    });
  const parts = world();
  const failure = await failureOf(createTensordockV2Provider(parts, CONFIG).offers());
  expect(failure.kind).toBe('unauthorized');
  const text = shown(failure, parts);
  for (const secret of [TOKEN, encodeURIComponent(TOKEN), AUTH_ID])
    expect(text).not.toContain(secret);
});

test('a call that no stub expects fails instead of dialling out', async () => {
  const parts = world();
  const failure = await failureOf(createTensordockV2Provider(parts, CONFIG).offers());
  expect(failure).toMatchObject({ kind: 'unavailable', outcome: 'not_done' });
  expect(shown(failure, parts)).not.toContain(AUTH_ID);
});
