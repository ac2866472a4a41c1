import { describe, expect, it } from 'vitest';
import type { Row } from '../../../src/simulator/vastai/wire.ts';
import { create, openShop, rowsOf, type Shop, show } from './shop.ts';

const PATH = '/api/v0/template/';

async function named(shop: Shop, name: string): Promise<Row> {
  const filters = encodeURIComponent(JSON.stringify({ name: { eq: name } }));
  const [template] = rowsOf(await shop.get(`${PATH}?select_filters=${filters}`), 'templates');
  expect(template).toBeDefined();
  return template ?? {};
}

describe('templates', () => {
  it('carry their filters as a string, which may be empty, null or broken', async () => {
    const answer = await openShop().get(PATH);
    const templates = rowsOf(answer, 'templates');
    expect(answer.json).toMatchObject({ success: true, templates_found: templates.length });
    const filters = templates.map((template) => template['extra_filters']);
    expect(filters).toEqual(expect.arrayContaining(['', 'null', null]));
    const broken = filters
      .filter((text) => typeof text === 'string' && text !== '')
      .filter(isBroken);
    expect(broken).toHaveLength(1);
    expect(templates.every((template) => typeof template['env'] === 'string')).toBe(true);
  });

  it('are found by their stored fields', async () => {
    const shop = openShop();
    const filters = encodeURIComponent('{"recommended":{"eq":false}}');
    const rest = rowsOf(await shop.get(`${PATH}?select_filters=${filters}`), 'templates');
    expect(rest.map((template) => template['recommended'])).toEqual([false, false]);
    const bad = await shop.get(
      `${PATH}?select_filters=${encodeURIComponent('{"readme":{"eq":""}}')}`,
    );
    expect(bad.status).toBe(400);
  });

  it('come in the order that is asked for', async () => {
    const names = rowsOf(await openShop().get(`${PATH}?order_by=name`), 'templates').map(
      (row) => row['name'],
    );
    expect(names).toEqual([...names].sort());
  });

  it('get another hash with each edit, and keep their number', async () => {
    const shop = openShop();
    const before = await named(shop, 'ComfyUI');
    const edited = await shop.put(PATH, { hash_id: before['hash_id'], recommended_disk_space: 64 });
    const after = await named(shop, 'ComfyUI');
    expect(edited.json).toMatchObject({ success: true, template: { hash_id: after['hash_id'] } });
    expect(after).toMatchObject({ id: before['id'], recommended_disk_space: 64 });
    expect(after['hash_id']).not.toBe(before['hash_id']);
    expect((await shop.put(PATH, { hash_id: before['hash_id'], name: 'x' })).status).toBe(404);
  });

  it('show the columns that are asked for', async () => {
    const shop = openShop();
    const columns = encodeURIComponent('["name","image"]');
    const [row] = rowsOf(await shop.get(`${PATH}?select_cols=${columns}`), 'templates');
    expect(Object.keys(row ?? {})).toEqual(['name', 'image']);
    const all = rowsOf(await shop.get(`${PATH}?select_cols=%5B%22*%22%5D`), 'templates');
    expect(all[0]).toHaveProperty('extra_filters');
    expect((await shop.get(`${PATH}?select_cols=name`)).status).toBe(400);
  });

  it('are made once for one content, and go by their number', async () => {
    const shop = openShop();
    const written = { name: 'Mine', image: 'example/mine', env: '-p 80:80' };
    const made = await shop.post(PATH, written);
    expect(made.json).toMatchObject({ success: true, template: { name: 'Mine' } });
    expect((await shop.post(PATH, written)).json['template']).toEqual(made.json['template']);
    const row = await named(shop, 'Mine');
    expect(row).toMatchObject({ recommended: false, env: '-p 80:80', extra_filters: '' });
    expect(
      (await shop.send({ method: 'DELETE', path: PATH, body: '{"template_id":"x"}' }))?.status,
    ).toBe(400);
    const body = JSON.stringify({ template_id: row['id'] });
    expect((await shop.send({ method: 'DELETE', path: PATH, body }))?.status).toBe(200);
    expect((await shop.send({ method: 'DELETE', path: PATH, body }))?.status).toBe(404);
    expect((await shop.post(PATH, { image: 'x' })).json['msg']).toContain('name is required');
  });

  it('fill in what a create leaves out, and the request wins', async () => {
    const shop = openShop();
    const template = await named(shop, 'vLLM (Vast)');
    const id = await create(shop, {
      template_hash_id: template['hash_id'],
      image: undefined,
      disk: undefined,
      env: { VLLM_MODEL: 'mine' },
    });
    expect(await show(shop, id)).toMatchObject({
      image_uuid: 'vastai/vllm:@vastai-automatic-tag',
      disk_space: 60,
      onstart: 'entrypoint.sh',
      image_runtype: 'ssh_direc ssh_proxy',
      template_id: template['id'],
      template_hash_id: template['hash_id'],
      template_name: 'vLLM (Vast)',
      extra_env: expect.arrayContaining([
        ['VLLM_MODEL', 'mine'],
        ['-p 8000:8000', '1'],
        ['OPEN_BUTTON_PORT', '1111'],
      ]),
    });
  });
});

function isBroken(text: unknown): boolean {
  try {
    JSON.parse(String(text));
    return false;
  } catch {
    return true;
  }
}
