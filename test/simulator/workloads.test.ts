import { afterEach, describe, expect, it } from 'vitest';
import type { MarketOptions } from '../../src/simulator/market.ts';
import type { ServiceNature, SimContainer } from '../../src/simulator/model.ts';
import { type RealSshPlane, realSshPlane } from '../../src/simulator/real-ssh-plane.ts';
import { handClock } from './hand-clock.ts';
import { advanceUntil, look, MINUTE, marketWorld, rentSome, SECOND } from './market-world.ts';

const VLLM: SimContainer = {
  image: 'vllm/vllm-openai:v1',
  args: ['--model', 'owner/name', '--port', '8000'],
  env: {},
  ports: [8000, 9000],
};
const APP: SimContainer = { image: 'team/app:1', args: [], env: {}, ports: [8080] };
const LONG = 40 * MINUTE;

const planes: RealSshPlane[] = [];
afterEach(() => {
  for (const plane of planes.splice(0)) plane.closeAll();
});

async function containerOn(
  kind: 'vastai' | 'tensordock',
  container: SimContainer,
  options: Partial<MarketOptions> = {},
) {
  const { clock, market } = marketWorld(options);
  const ports = container.ports.map((internalPort) => ({ internalPort, externalPort: null }));
  const { id } = await rentSome(market, kind, { container, ports });
  const visit = (path: string, internal = container.ports[0]) => {
    const open = look(market, id).openPorts.find(({ internalPort }) => internalPort === internal);
    if (!open) return { kind: 'unmapped' as const };
    return market.visit({ host: open.host, port: open.externalPort, path });
  };
  return { clock, market, id, visit };
}

describe.each(['vastai', 'tensordock'] as const)('a container on %s', (kind) => {
  it('refuses until its machine runs and the image is there', async () => {
    const { clock, market, id, visit } = await containerOn(kind, VLLM);
    expect(visit('/health')).toEqual({ kind: 'refused' });
    advanceUntil(clock, () => look(market, id).state === 'running');
    expect(visit('/health')).toEqual({ kind: 'refused' });
  });

  it('says 503 while its model is loaded, and 200 from then on', async () => {
    const { clock, visit } = await containerOn(kind, VLLM);
    advanceUntil(clock, () => visit('/health').kind === 'answers');
    expect(visit('/health')).toMatchObject({ status: 503 });
    clock.advance(3 * MINUTE);
    expect(visit('/health')).toMatchObject({ status: 200 });
    expect(visit('/v1/models')).toMatchObject({ body: { data: [{ id: 'owner/name' }] } });
    expect(visit('/nowhere')).toMatchObject({ status: 404 });
  });

  it('of another image answers as soon as it listens', async () => {
    const { clock, visit } = await containerOn(kind, APP);
    advanceUntil(clock, () => visit('/').kind === 'answers');
    expect(visit('/')).toMatchObject({ status: 200, body: { image: 'team/app:1' } });
  });

  it('answers at its own ports alone, and no more once its machine is gone', async () => {
    const { clock, market, id, visit } = await containerOn(kind, VLLM);
    clock.advance(LONG);
    const [open] = look(market, id).openPorts;
    const host = open?.host ?? '';
    expect(market.visit({ host, port: 1, path: '/health' })).toEqual({ kind: 'refused' });
    market.vanish(id);
    expect(visit('/health')).toEqual({ kind: 'refused' });
  });

  it('is down while its machine is stopped, and sooner up after that than at first', async () => {
    const { clock, market, id, visit } = await containerOn(kind, APP);
    clock.advance(LONG);
    market.stopByMarket(id);
    clock.advance(MINUTE);
    expect(visit('/')).toEqual({ kind: 'refused' });
    market.start(id);
    const tookMs = advanceUntil(clock, () => visit('/').kind === 'answers');
    expect(tookMs).toBeLessThan(2 * MINUTE);
  });
});

describe('a container that is not well', () => {
  it.each([
    ['exits', { kind: 'refused' }],
    ['hangs', { kind: 'hangs' }],
    ['errors', { kind: 'answers', status: 500 }],
    ['loads for ever', { kind: 'answers', status: 503 }],
  ] satisfies readonly [ServiceNature, object][])('%s', async (service, reply) => {
    const { clock, visit } = await containerOn('vastai', VLLM, { services: [service] });
    clock.advance(LONG);
    expect(visit('/health')).toMatchObject(reply);
  });
});

describe('the ports of a container', () => {
  it('show late where the world lets them', async () => {
    const portLagMs = { low: MINUTE, high: MINUTE };
    const { clock, market, id } = await containerOn('vastai', VLLM, { portLagMs });
    advanceUntil(clock, () => look(market, id).state === 'running');
    expect(look(market, id).openPorts).toEqual([]);
    clock.advance(MINUTE + SECOND);
    expect(look(market, id).openPorts.map(({ internalPort }) => internalPort)).toEqual([
      8000, 9000,
    ]);
  });

  it('are others after a restart where the world lets them, and the old ones lead nowhere', async () => {
    const { clock, market, id, visit } = await containerOn('vastai', APP, { portsMove: true });
    clock.advance(LONG);
    const [before] = look(market, id).openPorts;
    market.stopByMarket(id);
    clock.advance(MINUTE);
    market.start(id);
    clock.advance(LONG);
    const [after] = look(market, id).openPorts;
    expect(after?.externalPort).not.toBe(before?.externalPort);
    expect(visit('/')).toMatchObject({ status: 200 });
    const old = { host: before?.host ?? '', port: before?.externalPort ?? 0, path: '/' };
    expect(market.visit(old)).toEqual({ kind: 'refused' });
  });

  it('are the machine’s own where its address is', async () => {
    const { market } = marketWorld();
    const ports = [{ internalPort: 8000, externalPort: null }];
    const order = { container: VLLM, ports, dedicatedIp: true };
    const { id } = await rentSome(market, 'tensordock', order);
    const { openPorts, sshHost } = look(market, id);
    expect(openPorts).toEqual([{ internalPort: 8000, host: sshHost, externalPort: 8000 }]);
  });
});

describe('on real ports', () => {
  it('answers over HTTP what it says in the virtual world, and hangs up when the machine is gone', async () => {
    const plane = realSshPlane(handClock());
    planes.push(plane);
    const { clock, market, id } = await containerOn('vastai', VLLM, { plane });
    const [open] = look(market, id).openPorts;
    const url = `http://${open?.host}:${open?.externalPort}`;
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    clock.advance(LONG);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await (await fetch(`${url}/v1/models?x=1`)).json()).toMatchObject({ object: 'list' });
    market.vanish(id);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  });
});
