import { describe, expect, it } from 'vitest';
import { isObject, type JsonObject } from '../../../src/simulator/json.ts';
import type { Row } from '../../../src/simulator/vastai/wire.ts';
import { aHost, askOf, CREATE, create, openShop, type Shop, show, untilRunning } from './shop.ts';

const SERVER: JsonObject = {
  image: 'example/api:2',
  runtype: 'args',
  args: ['--verbose'],
  env: { '-p 8000:8000': '1', '-p 9000:9000': '1', '-p 8082:8082/udp': '1', TOKEN: 's3cret' },
};
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrsA10r4tEAV9cfL6bXjHmyA1cG6RfkEwUeG7nq9bUi s';

/** Where the row says that this port of the container is. */
function outerPort(row: Row, port: string): number {
  const ports = row['ports'];
  const bindings = isObject(ports) ? ports[port] : undefined;
  const [first] = Array.isArray(bindings) ? bindings : [];
  return isObject(first) ? Number(first['HostPort']) : Number.NaN;
}

async function rented(shop: Shop, overrides: JsonObject = SERVER): Promise<Row> {
  const id = await create(shop, overrides);
  await untilRunning(shop);
  return show(shop, id);
}

function ask(shop: Shop, row: Row, path: string) {
  const host = String(row['public_ipaddr']).trim();
  return shop.market.visit({ host, port: outerPort(row, '8000/tcp'), path });
}

describe("a container that runs its image's own entrypoint", () => {
  it('answers where the row says that its port is, and not while it loads', async () => {
    const shop = openShop();
    const id = await create(shop, SERVER);
    expect(await show(shop, id)).toMatchObject({ ports: null });
    await untilRunning(shop);
    const row = await show(shop, id);
    expect(row).toMatchObject({
      image_runtype: 'args',
      image_args: ['--verbose'],
      status_msg: 'success, running example/api_2/args',
    });
    expect(Object.keys(Object(row['ports']))).toEqual(['8000/tcp', '9000/tcp', '8082/udp']);
    expect(ask(shop, row, '/')).toMatchObject({ kind: 'answers', status: 200 });
  });

  it('has no login, neither there nor behind the proxy that the row names', async () => {
    const shop = openShop();
    const row = await rented(shop);
    const attached = await shop.post(`/api/v0/instances/${row['id']}/ssh/`, { ssh_key: KEY });
    expect(attached.status).toBe(200);
    await shop.clock.advance(60_000);
    const knock = { user: 'root', publicKey: KEY };
    const proxy = { host: String(row['ssh_host']), port: Number(row['ssh_port']) };
    expect(shop.market.knock({ ...knock, ...proxy })).toEqual({ kind: 'refused' });
    const host = String(row['public_ipaddr']).trim();
    const port = Number(row['machine_dir_ssh_port']);
    expect(shop.market.knock({ ...knock, host, port })).toEqual({ kind: 'refused' });
  });

  it('serves nothing when a start script took the place of its entrypoint', async () => {
    const shop = openShop();
    const row = await rented(shop, { ...SERVER, onstart: 'touch ~/.no_auto_tmux' });
    expect(ask(shop, row, '/')).toEqual({ kind: 'refused' });
  });

  it('maps no port on a machine that has none, and no more than it has', async () => {
    const none = await rented(openShop({ hosts: [aHost({ directPorts: 0 })] }));
    expect(none['ports']).toEqual({});
    const one = await rented(openShop({ hosts: [aHost({ directPorts: 1 })] }));
    expect(Object.keys(Object(one['ports']))).toEqual(['8000/tcp', '8082/udp']);
  });

  it('may publish 64 ports and no more', async () => {
    const env = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`-p ${n + 1}:${n + 1}`, '1']));
    const put = (count: number) =>
      openShop().put(`/api/v0/asks/${askOf(1)}/`, { ...CREATE, ...SERVER, env: env(count) });
    expect((await put(64)).json['success']).toBe(true);
    expect(await put(65)).toMatchObject({ status: 400, json: { error: 'invalid_args' } });
  });
});

describe('a machine to log in to', () => {
  it('runs its start script and none of its image, whose ports lead to nothing', async () => {
    const shop = openShop();
    const row = await rented(shop, { env: { '-p 8000:8000': '1' }, onstart: 'echo hello' });
    expect(Object.keys(Object(row['ports']))).toEqual(['22/tcp', '8000/tcp']);
    expect(ask(shop, row, '/')).toEqual({ kind: 'refused' });
    expect(shop.market.instance(String(row['id']))).toMatchObject({
      container: null,
      onStart: 'echo hello',
    });
  });
});

describe('an image that no machine can pull', () => {
  it.each([
    [
      'registry.example.com/private/api:1',
      'pull access denied for registry.example.com/private/api',
    ],
    ['example/api:missing', 'manifest for example/api:missing not found'],
    ['example/api:unresolved', 'failed to resolve reference "docker.io/example/api:unresolved"'],
    ['example/members/api:1', 'unauthorized: authentication required'],
    ['example/api:throttled', 'toomanyrequests'],
  ])('is taken, and is told of in the status alone: %s', async (image, text) => {
    const shop = openShop();
    const row = await rented(shop, { ...SERVER, image });
    expect(row).toMatchObject({ actual_status: 'loading', ports: null });
    expect(row['status_msg']).toContain(text);
    expect(shop.market.bill(String(row['id'])).gpu).toBe(0);
  });
});
