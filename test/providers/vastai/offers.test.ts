import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { totalPerHour } from '../../../src/domain/offer.ts';
import {
  failureOf,
  NOW,
  offerRow,
  sealNetwork,
  unsealNetwork,
  vastaiWorld,
  wire,
} from './fixtures.ts';

beforeEach(sealNetwork);
afterEach(unsealNetwork);

type Row = ReturnType<typeof offerRow>;

/** A market of rows that answers like the real one: by price, from a price, never more than 64. */
function serveMarket(rows: readonly Row[], times: number): unknown[] {
  const queries: unknown[] = [];
  wire()
    .post('/api/v0/bundles/')
    .times(times)
    .reply(200, (_, body) => {
      queries.push(body);
      const from = fromPrice(body);
      const offers = rows
        .filter((row) => row.dph_total >= from)
        .sort((left, right) => left.dph_total - right.dph_total || left.id - right.id);
      return { offers: offers.slice(0, 64) };
    });
  return queries;
}

function fromPrice(body: unknown): number {
  return JSON.parse(JSON.stringify(body)).dph_total?.gte ?? 0;
}

function market(size: number): Row[] {
  return Array.from({ length: size }, (_, index) =>
    offerRow({ id: index + 1, dph_total: (10 + Math.floor(index / 2)) / 100 }),
  );
}

async function offersFrom(...rows: readonly unknown[]) {
  wire().post('/api/v0/bundles/').reply(200, { offers: rows });
  return vastaiWorld().provider.offers();
}

describe('Vast.ai offers', () => {
  it('asks for verified on-demand offers with every filter spelled out', async () => {
    const queries = serveMarket([], 1);
    expect(await vastaiWorld().provider.offers()).toEqual([]);
    expect(queries).toEqual([
      {
        verified: { eq: true },
        rentable: { eq: true },
        rented: { eq: false },
        type: 'on-demand',
        order: [
          ['dph_total', 'asc'],
          ['machine_id', 'asc'],
        ],
        limit: 64,
        allocated_storage: 50,
      },
    ]);
  });

  it('maps the example of the fact sheet', async () => {
    expect(await offersFrom(offerRow())).toEqual([
      {
        id: 'vastai-30112233',
        provider: 'vastai',
        api: 'vastai',
        providerId: '30112233',
        gpuType: 'RTX 4090',
        gpuVendor: 'nvidia',
        startUp: {
          billedParts: ['disk'],
          bootMs: 60_000,
          readyTimeoutMs: 900_000,
          serverReadyTimeoutMs: 2_400_000,
        },
        gpuCount: 2,
        vramGb: 24,
        price: { gpu: 720_000, cpu: 0, ram: 0, disk: 10_417 },
        diskMicroUsdPerGbHour: 150_000 / 720,
        includedDiskGb: 50,
        minDiskGb: 8,
        maxDiskGb: 812,
        location: 'Quebec, CA',
        country: 'CA',
        reliability: 0.9962,
        available: true,
        availabilityConfidence: 0.598,
        maxDurationHours: 1_920,
        fetchedAt: NOW,
        cudaVersion: '12.8',
        cpuCores: 48,
        ramGb: 126,
        inetDownMbps: 813,
        inetUpMbps: 765,
        machineId: 'vastai-machine-41234',
        hostId: 'vastai-host-90871',
        interruptible: false,
        preservable: true,
        minBid: 310_000,
        maxOpenPorts: 124,
        facts: expect.objectContaining({ gpu_ram: 24_564, geolocation: 'CA' }),
        adapterData: { askId: 30112233 },
      },
    ]);
  });

  it('agrees with the marketplace on the price of the whole offer, disk included', async () => {
    const [mapped] = await offersFrom(
      offerRow({ dph_base: 0.4, storage_cost: 0.2, dph_total: 0.4 + (50 * 0.2) / 720 }),
    );
    expect(mapped && totalPerHour(mapped.price)).toBe(Math.round(1e6 * (0.4 + (50 * 0.2) / 720)));
  });

  it('maps a row that knows next to nothing', async () => {
    const { id, gpu_name, num_gpus, gpu_ram, dph_base, storage_cost } = offerRow();
    const [mapped] = await offersFrom({
      ...{ id, gpu_name, num_gpus, gpu_ram, dph_base, storage_cost },
      geolocation: null,
      cpu_cores: null,
      cuda_max_good: null,
      reliability: null,
      verification: null,
      duration: null,
    });
    expect(mapped).toMatchObject({
      location: '',
      country: '',
      reliability: 0,
      availabilityConfidence: 0,
      maxDurationHours: 0,
    });
    expect(mapped).not.toHaveProperty('cudaVersion');
    expect(mapped).not.toHaveProperty('machineId');
    expect(mapped).not.toHaveProperty('hostId');
  });

  it.each([
    [', US', 'US', 'US'],
    ['California, United States', 'California, United States', 'US'],
    ['Somewhere', 'Somewhere', ''],
  ])('reads the place %j leniently', async (geolocation, location, country) => {
    expect(await offersFrom(offerRow({ geolocation }))).toMatchObject([{ location, country }]);
  });

  it.each([
    [13, '13.0'],
    [12.4, '12.4'],
  ])('writes CUDA %d as %s', async (cuda_max_good, cudaVersion) => {
    expect(await offersFrom(offerRow({ cuda_max_good }))).toMatchObject([{ cudaVersion }]);
  });

  it('falls back from one name of the uptime score to the other', async () => {
    const rows = [offerRow({ reliability2: null, reliability: 0.5 })];
    expect(await offersFrom(...rows)).toMatchObject([{ reliability: 0.5 }]);
  });

  it.each([
    ['unverified', { verification: 'unverified' }],
    ['not rentable', { rentable: false }],
    ['rented', { rented: true }],
    ['a bid', { is_bid: true }],
    ['smaller than the disk it is priced with', { disk_space: 49.9 }],
    ['over within the hour', { duration: 3_599 }],
    ['without a GPU price', { dph_base: null }],
    ['free of charge', { dph_base: 0 }],
    ['without a disk price', { storage_cost: null }],
    ['unreadable', { gpu_name: 7 }],
  ])('leaves out an offer that is %s, and keeps its neighbour', async (_, overrides) => {
    const offers = await offersFrom(offerRow(overrides), offerRow({ id: 2 }));
    expect(offers.map((offer) => offer.id)).toEqual(['vastai-2']);
  });

  it('walks past the cap of 64 rows by price and shows no offer twice', async () => {
    const queries = serveMarket(market(150), 3);
    const offers = await vastaiWorld().provider.offers();
    expect(new Set(offers.map((offer) => offer.id)).size).toBe(150);
    expect(offers).toHaveLength(150);
    expect(queries.map(fromPrice)).toEqual([0, 0.41, 0.72]);
  });

  it('stops after nine searches', async () => {
    const queries = serveMarket(market(2_000), 9);
    const offers = await vastaiWorld().provider.offers();
    expect(queries).toHaveLength(9);
    expect(offers.length).toBeGreaterThan(500);
  });

  it('makes at most nine searches a minute over several refreshes', async () => {
    serveMarket(market(2_000), 18);
    const { provider, clock, recorder } = vastaiWorld();
    await provider.offers();
    const second = provider.offers();
    await clock.advance(59_000);
    expect(recorder.notes).toHaveLength(9);
    await clock.advance(2_000);
    await second;
    expect(recorder.notes).toHaveLength(18);
  });

  it('waits and goes on where it was when the provider finds it too fast', async () => {
    const rows = market(80);
    serveMarket(rows, 1);
    wire().post('/api/v0/bundles/').reply(429, 'API requests too frequent');
    const rest = serveMarket(rows, 1);
    const { provider, clock } = vastaiWorld();
    expect(await provider.offers()).toHaveLength(80);
    expect(rest.map(fromPrice)).toEqual([0.41]);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(6_200);
  });

  it('gives up when it stays too fast, and says so', async () => {
    wire().post('/api/v0/bundles/').times(4).reply(429, 'API requests too frequent');
    expect(await failureOf(vastaiWorld().provider.offers())).toMatchObject({
      kind: 'rate_limited',
    });
    expect(nock.isDone()).toBe(true);
  });

  it.each([
    ['no list of offers', { offers: null }],
    ['a list without one readable row', { offers: [{ id: 'x' }, 7] }],
    ['text', 'hello'],
  ])('fails on %s instead of showing an empty market', async (_, body) => {
    wire().post('/api/v0/bundles/').reply(200, body);
    expect(await failureOf(vastaiWorld().provider.offers())).toMatchObject({
      kind: 'malformed',
      outcome: 'not_done',
    });
  });

  it('loses no more than its own rows when a later search fails again and again', async () => {
    serveMarket(market(150), 1);
    wire().post('/api/v0/bundles/').times(4).reply(502, '<html>');
    expect(await vastaiWorld().provider.offers()).toHaveLength(64);
    expect(nock.isDone()).toBe(true);
  });

  it('asks again for one page that was lost', async () => {
    serveMarket(market(150), 1);
    wire().post('/api/v0/bundles/').reply(200, '{"offers":[{"id"');
    serveMarket(market(150), 2);
    expect(await vastaiWorld().provider.offers()).toHaveLength(150);
  });

  it('fails when the first search does, so that the menu keeps what it had', async () => {
    wire().post('/api/v0/bundles/').reply(502, '<html>');
    expect(await failureOf(vastaiWorld().provider.offers())).toMatchObject({
      kind: 'unavailable',
      outcome: 'not_done',
    });
  });
});
