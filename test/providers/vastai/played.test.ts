import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer } from '../../../src/domain/offer.ts';
import {
  meetsTemplate,
  parseTemplateFilter,
  TEMPLATE_OPERATORS,
} from '../../../src/domain/template-filter.ts';
import type { Workload } from '../../../src/domain/workload.ts';
import { createVastaiProvider } from '../../../src/providers/vastai/provider.ts';
import {
  aHost,
  KEY,
  openShop,
  rowsOf,
  type Shop,
  STARTED_AT,
  untilRunning,
} from '../../simulator/vastai/shop.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { recordingRecorder } from '../../support/recording-recorder.ts';
import { API_KEY, PUBLIC_KEY, TAG } from './fixtures.ts';

/** The adapter in front of the played marketplace, which was written from the fact sheet and not from the adapter. */
function setUp() {
  const shop = openShop({ hosts: HOSTS });
  const clock = manualClock({ startAt: STARTED_AT, leapUpToMs: 15_000 });
  const provider = createVastaiProvider(
    {
      clock,
      recorder: recordingRecorder(),
      fetch: async (request) => {
        const { pathname, search } = new URL(request.url);
        const answer = await shop.send({
          method: request.method,
          path: `${pathname}${search}`,
          headers: request.headers,
          body: request.body ?? '',
        });
        return answer
          ? { status: answer.status, headers: answer.headers, body: answer.text }
          : { status: 404, headers: {}, body: 'Not Found' };
      },
    },
    { apiKey: KEY, baseUrl: 'https://console.vast.test' },
  );
  if (!provider.templates) throw new Error('expected a catalogue');
  return { shop, provider, templates: provider.templates };
}

/** Machines that tell everything, because of unknowns we say that they pass and the server that they do not. */
const HOSTS = [
  aHost({ machineId: 17_000, gpuCount: 4 }),
  aHost({ machineId: 17_006, countryCode: 'DE', cudaMax: 12.2, driverVersion: '535.86.05' }),
  aHost({ machineId: 17_010, countryCode: 'NL', datacenter: true, directPorts: 3, ramGb: 64 }),
  aHost({
    machineId: 17_012,
    gpuCount: 2,
    reliability: 0.91,
    inetDownMbps: 90,
    diskGb: 300,
    gpu: { ...aHost().gpu, vastName: 'RTX 3060', vramMb: 12_288, computeCap: 860 },
  }),
];

/** What the marketplace itself lets through. */
async function searched(shop: Shop, filters: object): Promise<readonly string[]> {
  const query = { ...filters, type: 'on-demand', allocated_storage: 50 };
  const answer = await shop.post('/api/v0/bundles/', query);
  expect(answer.status).toBe(200);
  return rowsOf(answer, 'offers')
    .map((row) => `vastai-${row['id']}`)
    .sort();
}

function kept(offers: readonly Offer[], filters: object): readonly string[] {
  const parsed = parseTemplateFilter(JSON.stringify(filters));
  if (parsed.kind === 'malformed') throw new Error(parsed.problem);
  const conditions = parsed.kind === 'none' ? [] : parsed.conditions;
  return offers
    .filter(({ facts }) => meetsTemplate(facts, conditions))
    .map(({ id }) => id)
    .sort();
}

describe('templates of the played marketplace', () => {
  it('are read, broken filters and all, and found by their hash', async () => {
    const { shop, templates } = setUp();
    const recommended = await templates.recommended();
    const all = rowsOf(await shop.get('/api/v0/template/'), 'templates');
    expect(recommended.length).toBeGreaterThan(5);
    for (const row of all) {
      const found = await templates.find(String(row['hash_id']));
      expect(found).toMatchObject({ id: row['id'], name: row['name'] });
    }
    expect(await templates.find('0'.repeat(32))).toBeUndefined();
  });

  it('let through the offers that the marketplace lets through', async () => {
    const { shop, provider, templates } = setUp();
    const offers = await provider.offers();
    let narrowed = 0;
    for (const { extraFilters } of await templates.recommended()) {
      const filters: unknown = JSON.parse(extraFilters || '{}');
      const asked = typeof filters === 'object' && filters !== null ? filters : {};
      const ids = await searched(shop, asked);
      expect(kept(offers, asked)).toEqual(ids);
      if (ids.length < offers.length) narrowed += 1;
    }
    expect(narrowed).toBeGreaterThan(2);
  });

  it('agree with the marketplace on any filter', async () => {
    const { shop, provider } = setUp();
    const offers = await provider.offers();
    const samples = offers.flatMap(({ facts }) => (facts ? [facts] : []));
    const field = fc.constantFrom(
      ...['num_gpus', 'gpu_ram', 'gpu_total_ram', 'gpu_name', 'compute_cap', 'cuda_max_good'],
      ...['cpu_ram', 'disk_space', 'inet_down', 'reliability2', 'direct_port_count', 'geolocation'],
      ...['datacenter', 'verified', 'cpu_arch', 'driver_version', 'dph_total', 'gpu_ram_GB'],
    );
    const condition = field.chain((name) => {
      const seen = fc.constantFrom(
        ...samples.flatMap((facts) => spellings(name, facts[name] ?? 0)),
      );
      const operators = TEMPLATE_OPERATORS.filter((one) => fitsField(one, name));
      return fc.record({
        name: fc.constant(name),
        operator: fc.constantFrom(...operators),
        value: seen,
        list: fc.array(seen, { minLength: 1, maxLength: 3 }),
      });
    });
    await fc.assert(
      fc.asyncProperty(fc.array(condition, { maxLength: 3 }), async (conditions) => {
        const filters = Object.fromEntries(
          conditions.map(({ name, operator, value, list }) => [
            name,
            { [operator]: operator.endsWith('in') ? list : value },
          ]),
        );
        expect(kept(offers, filters)).toEqual(await searched(shop, filters));
      }),
      { numRuns: 300 },
    );
  });
});

/** Drivers go over the wire as an integer; numbers sometimes come as text, as in real templates. */
function spellings(name: string, fact: Fact): readonly Fact[] {
  if (typeof fact === 'number') return [fact, String(fact)];
  if (name !== 'driver_version' || typeof fact !== 'string') return [fact];
  const [major, minor, patch] = fact.split('.').map(Number);
  return [(major ?? 0) * 1_000_000 + (minor ?? 0) * 1_000 + (patch ?? 0)];
}

type Fact = string | number | boolean;

function fitsField(operator: string, name: string): boolean {
  const isOrdered = !['eq', 'neq', 'in', 'notin'].includes(operator);
  return !(isOrdered && ['geolocation', 'verified', 'datacenter'].includes(name));
}

describe('launches at the played marketplace', () => {
  async function launched(workload: Workload) {
    const { shop, provider } = setUp();
    const [offer] = await provider.offers();
    if (!offer) throw new Error('expected an offer');
    const order = { tag: TAG, offer, diskGb: 60, publicKey: PUBLIC_KEY, workload };
    const { id } = await provider.launch(order);
    await untilRunning(shop);
    return { shop, instance: shop.market.instance(id), observation: await provider.get(id) };
  }

  it("make a machine of the template's image that is logged in to, whatever the template starts", async () => {
    const { templates } = setUp();
    const template = (await templates.recommended()).find(({ runtype }) => runtype === 'jupyter');
    if (!template) throw new Error('expected a template');
    const use = { hashId: template.hashId, onStart: template.onStart ?? '' };
    const { instance, observation } = await launched({
      kind: 'ssh',
      template: use,
      onStart: 'echo ours',
    });
    expect(instance).toMatchObject({
      image: `${template.image}:${template.tag}`,
      container: null,
      onStart: expect.stringMatching(/entrypoint\.sh[\s\S]*echo ours/),
    });
    expect(observation).toMatchObject({ phase: 'running', address: { user: 'root' } });
    expect(observation?.openPorts?.map(({ internal }) => internal)).toContain(1_111);
  });

  it('make a server that answers where we say that its port is open', async () => {
    const { shop, observation } = await launched({
      kind: 'entrypoint',
      image: 'vllm/vllm-openai:v0.10.2',
      ports: [8_000],
      model: { server: 'vllm', modelId: 'org/model' },
    });
    expect(observation).not.toHaveProperty('address');
    const [port] = observation?.openPorts ?? [];
    if (!port) throw new Error('expected an open port');
    await shop.clock.advance(600_000);
    const reply = shop.market.visit({ host: port.host, port: port.port, path: '/v1/models' });
    expect(reply).toMatchObject({ kind: 'answers', status: 200 });
    expect(JSON.stringify(reply)).toContain('org/model');
  });

  it('fail by the status alone when the image cannot be pulled', async () => {
    const { observation } = await launched({
      kind: 'entrypoint',
      image: 'example/private/api:1',
      ports: [8_000],
    });
    expect(observation).toMatchObject({
      phase: 'failed',
      reason: expect.stringContaining('pull access denied'),
    });
    expect(observation?.reason).not.toContain(API_KEY);
  });
});
