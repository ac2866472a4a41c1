import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Template } from '../../../src/domain/template.ts';
import { API_KEY, failureOf, sealNetwork, unsealNetwork, vastaiWorld, wire } from './fixtures.ts';

beforeEach(sealNetwork);
afterEach(unsealNetwork);

const PATH = '/api/v0/template/';
const HASH = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

/** As section 15.1 of the fact sheet shows it. */
function row(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ id: 300_123, hash_id: HASH, name: 'PyTorch (Vast)', image: 'vastai/pytorch' },
    ...{ tag: '@vastai-automatic-tag', default_tag: null, runtype: 'jupyter', args_str: '' },
    ...{ env: '-p 1111:1111 -e OPEN_BUTTON_PORT=1111', onstart: 'entrypoint.sh' },
    ...{ use_ssh: true, ssh_direct: true, jup_direct: true, use_jupyter_lab: false },
    ...{ jupyter_dir: '/', docker_login_repo: null, desc: '…', readme: '…', private: false },
    extra_filters: '{"cuda_max_good":{"gte":12.4}}',
    ...{ recommended_disk_space: 32.0, recommended: true, creator_id: 4242, count_created: 12_034 },
    ...{ created_at: 1_769_000_000.0, recent_create_date: 1_790_000_000.0 },
    ...overrides,
  };
}

function catalogue() {
  const { provider, clock, recorder } = vastaiWorld();
  if (!provider.templates) throw new Error('expected a catalogue');
  return { templates: provider.templates, clock, recorder };
}

function answer(filters: unknown, ...rows: readonly unknown[]): void {
  wire()
    .get(PATH)
    .query({ select_filters: JSON.stringify(filters) })
    .reply(200, { success: true, templates_found: rows.length, templates: rows });
}

async function only(overrides: Readonly<Record<string, unknown>>): Promise<Template | undefined> {
  answer({ recommended: { eq: true } }, row(overrides));
  return (await catalogue().templates.recommended())[0];
}

describe('recommended templates', () => {
  it('map the example of the fact sheet', async () => {
    answer({ recommended: { eq: true } }, row());
    const { templates, recorder } = catalogue();
    expect(await templates.recommended()).toEqual([
      {
        id: 300_123,
        hashId: HASH,
        name: 'PyTorch (Vast)',
        image: 'vastai/pytorch',
        tag: '@vastai-automatic-tag',
        env: '-p 1111:1111 -e OPEN_BUTTON_PORT=1111',
        onStart: 'entrypoint.sh',
        runtype: 'jupyter',
        usesSsh: true,
        hasDirectSsh: true,
        isRecommended: true,
        recommendedDiskGb: 32,
        extraFilters: '{"cuda_max_good":{"gte":12.4}}',
        creatorId: 4242,
        createdAt: '2026-01-21T12:53:20Z',
        createdCount: 12_034,
      },
    ]);
    expect(recorder.notes).toMatchObject([{ kind: 'provider_call', operation: 'templates' }]);
    expect(JSON.stringify(recorder.notes)).not.toContain(API_KEY);
  });

  it.each([
    ['', ''],
    ['null', 'null'],
    [null, undefined],
    [{ num_gpus: { eq: '1' } }, '{"num_gpus":{"eq":"1"}}'],
    ['{"gpu_name": oops', '{"gpu_name": oops'],
    [7, '7'],
  ])('hand on filters sent as %j', async (sent, kept) => {
    expect((await only({ extra_filters: sent }))?.extraFilters).toBe(kept);
  });

  it.each([
    [1_769_000_000, '2026-01-21T12:53:20Z'],
    ['2026-02-02T13:27:28-05:00', '2026-02-02T18:27:28Z'],
    ['yesterday', undefined],
    [null, undefined],
    [-5, undefined],
    [1e15, undefined],
    ['+275000-01-01T00:00:00Z', undefined],
  ])('read a date sent as %j', async (sent, instant) => {
    expect((await only({ created_at: sent }))?.createdAt).toBe(instant);
  });

  it('keep what knows next to nothing, and read no variables that are no text', async () => {
    const bare = { id: 1, hash_id: 'abc', name: '', image: 'x', env: { A: 'b' } };
    answer({ recommended: { eq: true } }, bare);
    expect(await catalogue().templates.recommended()).toEqual([
      { id: 1, hashId: 'abc', name: '', image: 'x', usesSsh: false, isRecommended: false },
    ]);
  });

  it('lose a row that cannot be read, and one that the filter should have kept back', async () => {
    const rows = [row({ hash_id: null }), row(), row({ recommended: false }), 'nonsense'];
    answer({ recommended: { eq: true } }, ...rows);
    expect(await catalogue().templates.recommended()).toHaveLength(1);
  });

  it('are none where the marketplace sends none', async () => {
    wire().get(PATH).query(true).reply(200, { success: true, templates: null });
    expect(await catalogue().templates.recommended()).toEqual([]);
  });

  it.each([
    [200, { success: true, templates: [{ id: 'x' }] }, 'malformed'],
    [200, { success: true }, 'malformed'],
    [404, { success: false, error: 'auth_error', msg: 'Invalid user key' }, 'unauthorized'],
    [401, { msg: 'Your key lacks the user_read permission group' }, 'unauthorized'],
    [429, 'API requests too frequent: endpoint threshold=3.0', 'rate_limited'],
    [502, '<html>', 'unavailable'],
  ])('fail on %d %j as %s', async (status, body, kind) => {
    wire().get(PATH).query(true).reply(status, body);
    const failure = await failureOf(catalogue().templates.recommended());
    expect(failure).toMatchObject({ kind, outcome: 'not_done' });
  });

  it('are asked for no faster than published', async () => {
    answer({ recommended: { eq: true } }, row());
    answer({ recommended: { eq: true } }, row());
    const { templates, clock } = catalogue();
    await templates.recommended();
    await templates.recommended();
    expect(clock.monotonicMs()).toBeGreaterThan(3_000);
  });
});

describe('a template by its hash', () => {
  it('is found, recommended or not', async () => {
    answer({ hash_id: { eq: HASH } }, row({ recommended: false }));
    expect(await catalogue().templates.find(HASH)).toMatchObject({
      hashId: HASH,
      isRecommended: false,
    });
  });

  it('does not exist when nothing, or another one, comes back', async () => {
    answer({ hash_id: { eq: HASH } });
    answer({ hash_id: { eq: HASH } }, row({ hash_id: 'another' }));
    const { templates } = catalogue();
    expect(await templates.find(HASH)).toBeUndefined();
    expect(await templates.find(HASH)).toBeUndefined();
  });
});
