import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Observation } from '../../../src/domain/instance.ts';
import { instanceRow, sealNetwork, unsealNetwork, vastaiWorld, wire } from './fixtures.ts';

beforeEach(sealNetwork);
afterEach(unsealNetwork);

async function observe(overrides: Readonly<Record<string, unknown>>): Promise<Observation> {
  wire()
    .get('/api/v0/instances/54540011/')
    .reply(200, { instances: instanceRow(overrides) });
  const observation = await vastaiWorld().provider.get('54540011');
  if (!observation) throw new Error('expected an instance');
  return observation;
}

const PORTS = {
  '22/tcp': [{ HostIp: '0.0.0.0', HostPort: '41022' }],
  '8000/tcp': [
    { HostIp: '0.0.0.0', HostPort: '41077' },
    { HostIp: '::', HostPort: '41077' },
  ],
  '8082/udp': [{ HostIp: '0.0.0.0', HostPort: '41078' }],
  '9000/tcp': null,
  '9001/tcp': [],
  '9002/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }],
  '9003/tcp': [{ HostIp: '0.0.0.0', HostPort: 41_079 }],
};

it('reads where each TCP port is reached, but for SSH and what is not mapped', async () => {
  const { openPorts } = await observe({ ports: PORTS, public_ipaddr: ' 198.51.100.23\n' });
  expect(openPorts).toEqual([
    { internal: 8_000, host: '198.51.100.23', port: 41_077 },
    { internal: 9_003, host: '198.51.100.23', port: 41_079 },
  ]);
});

it.each([
  ['while it loads', { actual_status: 'loading' }],
  ['without a public address', { public_ipaddr: null }],
  ['without a mapping', { ports: null }],
  ['with a mapping that is no object', { ports: ['8000/tcp'] }],
  ['with SSH alone', { ports: { '22/tcp': PORTS['22/tcp'] } }],
])('knows of no open port %s', async (_, overrides) => {
  expect(await observe(overrides)).not.toHaveProperty('openPorts');
});

it('claims no login behind the proxy for a container that runs its own entrypoint', async () => {
  const { '22/tcp': _, ...servers } = PORTS;
  const observation = await observe({ image_runtype: 'args', ports: servers });
  expect(observation).not.toHaveProperty('address');
  expect(observation.openPorts).toHaveLength(2);
});

it('takes the proxy for a login whose machine maps no port', async () => {
  expect((await observe({ ports: null })).address).toEqual({
    host: 'ssh5.vast.ai',
    port: 20_010,
    user: 'root',
  });
});
