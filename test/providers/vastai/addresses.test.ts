import { describe, expect, it } from 'vitest';
import { aHost, askOf, create, untilRunning } from '../../simulator/vastai/shop.ts';
import { PUBLIC_KEY } from './fixtures.ts';
import { playedWorld } from './played-world.ts';

/** As a launch of ours, or one from the console, may be set up. */
const WAYS = [
  ['by its own port', {}, 'ssh_direct', 'direct'],
  ['by the proxy, on a machine without open ports', { directPorts: 0 }, 'ssh_direct', 'proxy'],
  ['by the proxy, when it was rented that way', {}, 'ssh_proxy', 'proxy'],
  ['by its own port beside Jupyter', {}, 'jupyter_direct', 'direct'],
  ['by the proxy, one port higher, beside Jupyter', { directPorts: 0 }, 'jupyter_direct', 'proxy'],
  ['by the proxy, one port higher, in Jupyter alone', {}, 'jupyter_proxy', 'proxy'],
] as const;

describe('a login on Vast.ai', () => {
  it.each(WAYS)('is let in %s', async (_, host, runtype, way) => {
    const { shop, provider, look, done } = playedWorld({ hosts: [aHost(host)] });
    const id = await create(shop, { runtype }, askOf(1));
    await done(provider.grantAccess(id, PUBLIC_KEY));
    await untilRunning(shop);
    const address = (await look(id))?.address;
    if (!address) throw new Error('expected an address');
    const instance = shop.market.instance(id);
    expect(address.host).toBe(way === 'direct' ? instance?.sshHost : instance?.proxyHost);
    const knock = { ...address, publicKey: PUBLIC_KEY };
    expect(shop.market.knock(knock)).toMatchObject({ kind: 'open', instance: { id } });
  });

  it('has no address while the machine is stopped, and its new one when it runs again', async () => {
    const { shop, look, launch, power, done } = playedWorld({ portsMove: true });
    const id = await launch();
    await untilRunning(shop);
    expect(await look(id)).toHaveProperty('address');
    await done(power.stop(id));
    await shop.clock.advance(30_000);
    expect(await look(id)).not.toHaveProperty('address');
    await done(power.start(id));
    await untilRunning(shop);
    expect(await look(id)).toHaveProperty('address');
  });
});

describe('a host', () => {
  it.each([
    ['offline', 'its host is offline'],
    ['unknown', 'its host is not heard of'],
  ])(
    'that is %s says nothing of its machine, whatever the old text says',
    async (actual_status, reason) => {
      const { interfere, look, launch } = playedWorld();
      const id = await launch();
      const words = { intended_status: 'running', cur_state: 'running', next_state: 'running' };
      const row = { id: Number(id), label: null, actual_status, ...words };
      const status_msg = 'success, running nvidia/cuda_12/ssh';
      const body = JSON.stringify({ instances: { ...row, status_msg } });
      interfere(() => ({ status: 200, body }));
      const seen = await look(id);
      expect(seen).toMatchObject({ phase: 'unknown', stopCause: 'host_offline', reason });
      expect(seen).not.toHaveProperty('address');
    },
  );
});
