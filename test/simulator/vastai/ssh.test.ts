import { describe, expect, it } from 'vitest';
import { create, openShop, type Shop, untilRunning } from './shop.ts';

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk broker';

async function attached(): Promise<{
  readonly shop: Shop;
  readonly id: string;
  readonly path: string;
}> {
  const shop = openShop();
  const id = await create(shop);
  const path = `/api/v0/instances/${id}/ssh/`;
  expect((await shop.post(path, { ssh_key: PUBLIC_KEY })).json).toEqual({
    success: true,
    msg: 'SSH key attached successfully',
  });
  return { shop, id, path };
}

describe('keys of an instance', () => {
  it('let in after a while, at the direct address and at the proxy', async () => {
    const { shop, id } = await attached();
    await untilRunning(shop);
    const machine = shop.market.instance(id);
    const login = { user: 'root', publicKey: PUBLIC_KEY };
    const direct = { host: machine?.sshHost ?? '', port: machine?.sshPort ?? 0 };
    const proxy = { host: machine?.proxyHost ?? '', port: machine?.proxyPort ?? 0 };
    expect(shop.market.knock({ ...direct, ...login })).toMatchObject({ kind: 'open' });
    expect(shop.market.knock({ ...proxy, ...login })).toMatchObject({ kind: 'open' });
  });

  it('are listed as JSON inside a string', async () => {
    const { shop, path } = await attached();
    const { json } = await shop.get(path);
    expect(json['success']).toBe(true);
    expect(JSON.parse(String(json['ssh_keys']))).toEqual([
      { id: expect.any(Number), name: 'broker', public_key: PUBLIC_KEY },
    ]);
  });

  it('can be taken away by number', async () => {
    const { shop, id, path } = await attached();
    const [key] = JSON.parse(String((await shop.get(path)).json['ssh_keys']));
    expect((await shop.delete(`${path}${key.id}/`)).json).toEqual({
      success: true,
      msg: 'SSH key removed from instance.',
    });
    expect(shop.market.keys(id)).toEqual([]);
    expect(await shop.delete(`${path}${key.id}/`)).toMatchObject({
      status: 404,
      json: { error: 'no_such_ssh_key' },
    });
    expect((await shop.delete(`${path}broker/`)).status).toBe(400);
  });

  it('are told to be there already when they come twice', async () => {
    const { shop, id, path } = await attached();
    const again = await shop.post(path, { ssh_key: PUBLIC_KEY });
    expect(again).toMatchObject({ status: 400, json: { msg: expect.stringContaining('already') } });
    expect(shop.market.keys(id)).toHaveLength(1);
  });

  it('need an instance and a key', async () => {
    const { shop, path } = await attached();
    expect((await shop.post(path, {})).status).toBe(400);
    for (const method of ['GET', 'POST']) {
      const body = JSON.stringify({ ssh_key: PUBLIC_KEY });
      const answer = await shop.send({ method, path: '/api/v0/instances/5/ssh/', body });
      expect(answer).toMatchObject({ status: 404, json: { error: 'no_such_instance' } });
    }
  });
});

describe('keys of the account', () => {
  it('are a 404 while there are none', async () => {
    expect(await openShop().get('/api/v0/ssh/')).toMatchObject({
      status: 404,
      text: 'No SSH keys found for the user.',
    });
  });

  it('are put into whatever is rented afterwards, and only there', async () => {
    const shop = openShop();
    const before = await create(shop);
    const added = await shop.post('/api/v0/ssh/', { ssh_key: PUBLIC_KEY });
    expect(added.json).toMatchObject({
      success: true,
      key: { id: expect.any(Number), public_key: PUBLIC_KEY, deleted_at: null },
    });
    await shop.delete(`/api/v0/instances/${before}/`);
    const after = await create(shop);
    expect(shop.market.keys(before)).toEqual([]);
    expect(shop.market.keys(after)).toEqual([PUBLIC_KEY]);
  });

  it('are listed bare, replaced and removed', async () => {
    const shop = openShop();
    await shop.post('/api/v0/ssh/', { ssh_key: '~/.ssh/id_ed25519.pub' });
    const listed = JSON.parse((await shop.get('/api/v0/ssh/')).text);
    expect(listed).toMatchObject([{ key: '~/.ssh/id_ed25519.pub', user_id: 1_001 }]);
    const path = `/api/v0/ssh/${listed[0].id}/`;
    expect((await shop.put(path, { id: listed[0].id, ssh_key: PUBLIC_KEY })).json).toMatchObject({
      success: true,
    });
    expect(JSON.parse((await shop.get('/api/v0/ssh/')).text)).toMatchObject([{ key: PUBLIC_KEY }]);
    expect((await shop.delete(path)).json).toEqual({ success: true });
    expect(await shop.delete(path)).toMatchObject({ status: 400, json: { error: 'no_ssh_key' } });
  });

  it('have to be given', async () => {
    expect(await openShop().post('/api/v0/ssh/', {})).toMatchObject({
      status: 400,
      json: { error: 'no_ssh_key' },
    });
  });
});
