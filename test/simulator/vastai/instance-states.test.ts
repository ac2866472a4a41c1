import { describe, expect, it } from 'vitest';
import { aHost, create, openShop, type Shop, STARTED_AT, show, untilRunning } from './shop.ts';

async function bornShop(
  host: Parameters<typeof aHost>[0] = {},
  body: Record<string, unknown> = {},
): Promise<{
  readonly shop: Shop;
  readonly id: string;
}> {
  const shop = openShop({ hosts: [aHost(host)] });
  return { shop, id: await create(shop, body) };
}

describe('an instance', () => {
  it('comes up from nothing over created and loading to running', async () => {
    const { shop, id } = await bornShop();
    const seen: unknown[] = [];
    for (let second = 0; second <= 301; second += 1) {
      const row = await show(shop, id);
      if (seen.at(-1) !== row['actual_status']) seen.push(row['actual_status']);
      expect(row).toMatchObject({ intended_status: 'running', next_state: 'running' });
      await shop.clock.advance(1_000);
    }
    expect(seen).toEqual([null, 'created', 'loading', 'running']);
  });

  it('has an address and ports only while it runs', async () => {
    const { shop, id } = await bornShop();
    expect(await show(shop, id)).toMatchObject({
      ports: null,
      public_ipaddr: null,
      ssh_host: null,
      uptime_mins: null,
    });
    await untilRunning(shop);
    const { sshHost, sshPort, proxyHost, proxyPort } = shop.market.instance(id) ?? {};
    expect(await show(shop, id)).toMatchObject({
      public_ipaddr: `${sshHost}\n`,
      ports: {
        '22/tcp': [
          { HostIp: '0.0.0.0', HostPort: String(sshPort) },
          { HostIp: '::', HostPort: String(sshPort) },
        ],
      },
      ssh_host: proxyHost,
      ssh_port: proxyPort,
      status_msg: 'success, running pytorch/pytorch_2.7.0/ssh',
    });
  });

  it('maps the ports that its environment publishes', async () => {
    const env = { '-p 8000:8000': '1', '-p 82:8082/udp': '1', '-h worker': '1' };
    const { shop, id } = await bornShop({}, { env });
    await untilRunning(shop);
    const { ports } = await show(shop, id);
    expect(Object.keys(Object(ports))).toEqual(['22/tcp', '8000/tcp', '8082/udp']);
  });

  it.each([
    ['on a machine without direct ports', { directPorts: 0 }, {}],
    ['in proxy mode', {}, { runtype: 'ssh_proxy' }],
  ])('can be reached by the proxy alone %s', async (_, host, body) => {
    const { shop, id } = await bornShop(host, body);
    await untilRunning(shop);
    const row = await show(shop, id);
    expect(row['ports']).toEqual({});
    expect(row['ssh_host']).toMatch(/^ssh\d\.vast\.ai$/);
  });

  it('shows one port below the proxy port in jupyter modes', async () => {
    const { shop, id } = await bornShop({}, { runtype: 'jupyter_direct' });
    await untilRunning(shop);
    const row = await show(shop, id);
    expect(row['ssh_port']).toBe(Number(shop.market.instance(id)?.proxyPort) - 1);
    expect(Object.keys(Object(row['ports']))).toEqual(['22/tcp', '8080/tcp']);
  });

  it('tells its times to the millisecond', async () => {
    const { shop, id } = await bornShop();
    await untilRunning(shop);
    const row = await show(shop, id);
    const runningSince = shop.market.instance(id)?.runningSince ?? 0;
    expect(row['start_date']).toBe(STARTED_AT / 1_000);
    expect(row['uptime_mins']).toBeCloseTo((shop.clock.now() - runningSince) / 60_000, 9);
    expect(row['duration']).toBe(30 * 86_400 - 301);
  });

  it('costs its disk while it loads, and its GPU from running on', async () => {
    const { shop, id } = await bornShop();
    const whole = { gpuCostPerHour: 0.36, diskHour: 0.0125, totalHour: 0.3725 };
    expect(await show(shop, id)).toMatchObject({
      dph_base: 0.36,
      dph_total: 0.3725,
      storage_total_cost: 0.0125,
      search: whole,
      instance: { gpuCostPerHour: 0, diskHour: 0.0125, totalHour: 0.0125 },
    });
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject({
      dph_total: 0.3725,
      search: whole,
      instance: whole,
    });
  });

  it('is stopped in every word when the market stops it', async () => {
    const { shop, id } = await bornShop();
    await untilRunning(shop);
    shop.market.stopByMarket(id);
    expect(await show(shop, id)).toMatchObject({
      actual_status: 'running',
      intended_status: 'stopped',
    });
    await shop.clock.advance(30_000);
    const row = await show(shop, id);
    expect(row).toMatchObject({
      intended_status: 'stopped',
      cur_state: 'stopped',
      next_state: 'stopped',
      ports: null,
      status_msg: expect.stringContaining('success, running'),
      instance: { gpuCostPerHour: 0, totalHour: 0.0125 },
    });
    expect(['exited', 'stopped']).toContain(row['actual_status']);
  });

  it('stays in loading where the machine never boots', async () => {
    const { shop, id } = await bornShop({ nature: 'never_boots' });
    await shop.clock.advance(3_600_000);
    expect(await show(shop, id)).toMatchObject({ actual_status: 'loading', ports: null });
  });

  it('says what broke, or goes silent, where the machine is broken', async () => {
    const hosts = Array.from({ length: 24 }, (_, index) =>
      aHost({ machineId: 6_000 + index, nature: 'breaks' }),
    );
    const shop = openShop({ hosts });
    const ids: string[] = [];
    for (const { machineId } of hosts) ids.push(await create(shop, {}, machineId * 100 + 1));
    await untilRunning(shop);
    const rows = await Promise.all(ids.map((id) => show(shop, id)));
    const states = new Set(rows.map((row) => row['actual_status']));
    expect(states).toEqual(new Set(['created', 'exited', 'loading', 'offline', 'unknown']));
    for (const row of rows) {
      const isSilent = row['actual_status'] === 'offline' || row['actual_status'] === 'unknown';
      expect(row['status_msg']).toMatch(
        isSilent
          ? /^success, running/
          : /OCI runtime create failed|GPU error|docker_build\(\) error/,
      );
    }
  });

  it('reads as null once it has vanished', async () => {
    const { shop, id } = await bornShop({ nature: 'vanishes' });
    await shop.clock.advance(3_600_000);
    expect((await shop.get(`/api/v0/instances/${id}/`)).json).toEqual({ instances: null });
  });
});
