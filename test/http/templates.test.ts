import { describe, expect, it } from 'vitest';
import type { Template } from '../../src/domain/template.ts';
import type { TemplateFinding, Templates } from '../../src/inventory/templates.ts';
import { template } from '../support/builders.ts';
import { errorOf, NOW, offer, problemsOf, world } from './http-world.ts';

const HASH = 'a8a44c7363cbca20056020397e3bf072';
const OLLAMA = template({
  id: 338_630,
  hashId: HASH,
  name: 'Ollama',
  image: 'example/ollama',
  tag: '0.15.4',
  env: '-p 1111:1111 -e OLLAMA_MODEL=qwen3:14b',
  onStart: 'entrypoint.sh',
  runtype: 'jupyter',
  hasDirectSsh: true,
  recommendedDiskGb: 32,
  extraFilters: '{"gpu_ram": {"gte": 20000}, "cpu_arch": {"in": ["arm64", "amd64"]}}',
  creatorId: 62_897,
  createdAt: '2026-02-02T18:27:28Z',
  createdCount: 302,
});
const RENDERER = template({
  hashId: 'b'.repeat(32),
  name: 'Batch renderer',
  image: 'example/blender',
  usesSsh: false,
});
const BROKEN = template({ hashId: 'c'.repeat(32), name: 'Broken', extraFilters: '{"num_gpus": 2' });

function having(...templates: readonly Template[]): Templates {
  return {
    list: () => ({ kind: 'listed', templates, fetchedAt: NOW }),
    find: async (hashId): Promise<TemplateFinding> => {
      const found = templates.find((one) => one.hashId === hashId);
      return found ? { kind: 'found', template: found } : { kind: 'unknown' };
    },
  };
}

function silent(kind: 'unavailable' | 'filling'): Templates {
  return { list: () => ({ kind }), find: async () => ({ kind: 'unavailable' }) };
}

const TEMPLATES = having(OLLAMA, RENDERER, BROKEN);

async function namesFor(query: string): Promise<string[]> {
  const answer = await world({ templates: TEMPLATES }).inject(`/templates${query}`);
  const { templates, count } = answer.json<{ templates: { name: string }[]; count: number }>();
  expect(templates).toHaveLength(count);
  return templates.map(({ name }) => name);
}

describe('GET /templates', () => {
  it('shows each template with the fields of the users’ document', async () => {
    const answer = await world({ templates: having(OLLAMA) }).inject('/templates');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      templates: [
        {
          id: 338_630,
          hash_id: HASH,
          name: 'Ollama',
          image: 'example/ollama',
          tag: '0.15.4',
          env: '-p 1111:1111 -e OLLAMA_MODEL=qwen3:14b',
          onstart: 'entrypoint.sh',
          runtype: 'jupyter',
          use_ssh: true,
          ssh_direct: true,
          recommended: true,
          recommended_disk_space: 32,
          extra_filters: '{"gpu_ram": {"gte": 20000}, "cpu_arch": {"in": ["arm64", "amd64"]}}',
          creator_id: 62_897,
          created_at: '2026-02-02T18:27:28Z',
          count_created: 302,
        },
      ],
      count: 1,
    });
  });

  it.each([
    ['', ['Ollama', 'Batch renderer', 'Broken']],
    ['?name=oLLa', ['Ollama']],
    ['?name=%20rend', ['Batch renderer']],
    ['?name=.*', []],
    ['?image=BLEND', ['Batch renderer']],
    ['?name=o&image=ollama', ['Ollama']],
    ['?recommended=true', ['Ollama', 'Batch renderer', 'Broken']],
    ['?recommended=false', []],
    ['?use_ssh=false', ['Batch renderer']],
    ['?use_ssh=true&name=broken', ['Broken']],
  ])('filters by %j', async (query, names) => {
    expect(await namesFor(query)).toEqual(names);
  });

  it.each([
    ['?recommended=yes', 'recommended: must be true or false'],
    ['?use_ssh=1', 'use_ssh: must be true or false'],
    ['?name=', 'name: must not be empty'],
    ['?nam=x', 'nam: is not known; did you mean name?'],
  ])('refuses %s', async (query, problem) => {
    const answer = await world({ templates: TEMPLATES }).inject(`/templates${query}`);
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([problem]);
  });

  it('says why there are none', async () => {
    const none = await world().inject('/templates');
    expect(none.statusCode).toBe(404);
    expect(errorOf(none)).toMatchObject({
      error_type: 'not_found',
      error: 'no marketplace that has templates is configured: its API key is not set',
    });
    const soon = await world({ templates: silent('filling') }).inject('/templates');
    expect([soon.statusCode, errorOf(soon).error_type]).toEqual([503, 'not_ready']);
    const down = await world({ templates: silent('unavailable') }).inject('/templates');
    expect([down.statusCode, errorOf(down).error_type]).toEqual([503, 'provider_unavailable']);
  });

  it.each(['/templates', `/templates/${HASH}`, '/offers/vastai-12345/compatible-templates'])(
    'is not sent again when it has not changed: %s',
    async (url) => {
      const { inject } = world({ templates: TEMPLATES });
      const { etag } = (await inject(url)).headers;
      const again = await inject({ url, headers: { 'if-none-match': String(etag) } });
      expect([again.statusCode, again.body]).toEqual([304, '']);
    },
  );
});

describe('GET /templates/{hash_id}', () => {
  it('shows the template, under the older path too', async () => {
    const { inject } = world({ templates: TEMPLATES });
    for (const path of [`/templates/${HASH}`, `/api/v1/templates/${HASH}`]) {
      expect((await inject(path)).json()).toMatchObject({ hash_id: HASH, name: 'Ollama' });
    }
  });

  it.each([
    [TEMPLATES, 404, 'not_found'],
    [silent('unavailable'), 503, 'provider_unavailable'],
    [undefined, 404, 'not_found'],
  ])('refuses what it cannot find', async (templates, status, code) => {
    const answer = await world(templates ? { templates } : {}).inject('/templates/nobody');
    expect([answer.statusCode, errorOf(answer).error_type]).toEqual([status, code]);
  });
});

describe('GET /offers/{id}/compatible-templates', () => {
  const rented = (facts?: Readonly<Record<string, number | string>>) =>
    world({
      templates: TEMPLATES,
      page: { offers: [facts ? offer({ facts }) : offer()] },
    }).inject('/offers/vastai-12345/compatible-templates');

  it('lists those whose every filter the offer satisfies, and none that cannot be read', async () => {
    const fits = await rented({ gpu_ram: 24_564, cpu_arch: 'amd64' });
    expect(fits.json()).toEqual({
      offer_id: 'vastai-12345',
      compatible_templates: [
        { hash_id: HASH, name: 'Ollama', image: 'example/ollama', recommended_disk_space: 32 },
        { hash_id: RENDERER.hashId, name: 'Batch renderer', image: 'example/blender' },
      ],
      count: 2,
    });
    expect((await rented({ gpu_ram: 8_192 })).json()).toMatchObject({ count: 1 });
  });

  it('is empty with a note for an offer of another marketplace', async () => {
    expect((await rented()).json()).toEqual({
      offer_id: 'vastai-12345',
      compatible_templates: [],
      count: 0,
      note: 'templates belong to another marketplace: an offer of vastai fits none',
    });
  });

  it('knows nothing of an offer that is not on the menu', async () => {
    const answer = await world({ templates: TEMPLATES }).inject('/offers/x/compatible-templates');
    expect([answer.statusCode, errorOf(answer).error_type]).toEqual([404, 'not_found']);
  });

  it('answers below the older name of offers', async () => {
    const { inject } = world({ templates: TEMPLATES });
    const answer = await inject('/api/v1/inventory/vastai-12345/compatible-templates');
    expect(answer.statusCode).toBe(200);
  });
});

describe('GET /offers?template_hash_id=', () => {
  it('asks the menu for what the template asks for', async () => {
    const { inject, menuQueries } = world({ templates: TEMPLATES });
    const answer = await inject(`/offers?template_hash_id=${HASH}&min_vram=16`);
    expect(answer.statusCode).toBe(200);
    expect(menuQueries[0]?.filters).toEqual([
      {
        minVramGb: 16,
        template: {
          hashId: HASH,
          conditions: [
            { field: 'gpu_ram', operator: 'gte', wanted: 20_000 },
            { field: 'cpu_arch', operator: 'in', wanted: ['arm64', 'amd64'] },
          ],
        },
      },
    ]);
  });

  it.each([
    ['an unknown template', TEMPLATES, 'nobody', 404, 'not_found'],
    ['a template whose filter is malformed', TEMPLATES, BROKEN.hashId, 422, 'no_matching_offer'],
    ['a marketplace that is down', silent('unavailable'), HASH, 503, 'provider_unavailable'],
  ])('refuses %s', async (_, templates, hashId, status, code) => {
    const { inject, menuQueries } = world({ templates });
    const answer = await inject(`/offers?template_hash_id=${hashId}`);
    expect([answer.statusCode, errorOf(answer).error_type]).toEqual([status, code]);
    expect(menuQueries).toEqual([]);
  });

  it('refuses a provider that has no templates, as its offers tell nothing that they ask about', async () => {
    const elsewhere = { page: { offers: [offer({ provider: 'tensordock' })] } };
    const answer = await world({ templates: TEMPLATES, ...elsewhere }).inject(
      `/offers?template_hash_id=${HASH}&provider=tensordock`,
    );
    expect(answer.statusCode).toBe(400);
    expect(problemsOf(answer)).toEqual([
      'template_hash_id: belongs to another marketplace: no offer of tensordock has templates; leave out one of the two',
    ]);
  });

  it('takes the provider whose templates they are', async () => {
    const own = { page: { offers: [offer({ facts: {} })] } };
    const answer = await world({ templates: TEMPLATES, ...own }).inject(
      `/offers?template_hash_id=${HASH}&provider=vastai`,
    );
    expect(answer.statusCode).toBe(200);
  });

  it('tells of other mistakes before it looks for the template', async () => {
    const answer = await world({ templates: TEMPLATES }).inject(
      '/offers?template_hash_id=nobody&gpu_type=,',
    );
    expect(answer.statusCode).toBe(400);
  });
});
