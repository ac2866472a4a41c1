import { afterEach, describe, expect, it } from 'vitest';
import { realClock } from '../../src/simulator/real-clock.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server.ts';
import { MINUTE, marketWorld, pickHost, rentOn, rentSome } from './market-world.ts';

const running: RunningSimulator[] = [];
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.close();
});

async function serverWorld() {
  const { clock, market } = marketWorld({ foreign: 1 });
  const simulator = await startSimulator({
    port: 0,
    host: '127.0.0.1',
    market,
    facades: [
      async (request) => {
        if (request.path === '/api/mistake') throw new Error('façade mistake');
        if (request.path !== '/api/echo') return undefined;
        const { method, headers, body } = request;
        const seen = {
          method,
          query: request.query.get('q'),
          token: headers['authorization'],
          body,
        };
        return { status: 201, headers: { 'x-facade': 'yes' }, body: JSON.stringify(seen) };
      },
    ],
  });
  running.push(simulator);
  return { clock, market, url: simulator.url };
}

describe('the simulator over HTTP', () => {
  it('hands requests to the façades', async () => {
    const { url } = await serverWorld();
    const reply = await fetch(`${url}/api/echo?q=1%202`, {
      method: 'PUT',
      headers: { Authorization: 'Bearer t' },
      body: '{"a":"ü"}',
    });
    expect(reply.status).toBe(201);
    expect(reply.headers.get('x-facade')).toBe('yes');
    expect(await reply.json()).toEqual({
      method: 'PUT',
      query: '1 2',
      token: 'Bearer t',
      body: '{"a":"ü"}',
    });
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
  });

  it('shows every instance and what it has cost', async () => {
    const { clock, market, url } = await serverWorld();
    const { id } = await rentSome(market, 'vastai');
    clock.advance(30 * MINUTE);
    const read = async (path: string): Promise<unknown> =>
      (await fetch(`${url}/_sim/${path}`)).json();
    expect(await read('instances')).toMatchObject({
      instances: [{ isForeign: true }, { id, state: 'running', isForeign: false }],
    });
    const { gpu, disk } = market.bill(id);
    expect(gpu).toBeGreaterThan(0);
    expect(await read('bill')).toMatchObject({
      bills: [{ parts: { gpu: 0 } }, { id, parts: market.bill(id) }],
      totalMicroUsd: gpu + disk,
    });
  });

  it('lets instances vanish and stop on demand', async () => {
    const { clock, market, url } = await serverWorld();
    const first = await rentSome(market, 'vastai');
    const second = await rentSome(market, 'tensordock');
    clock.advance(5 * MINUTE);
    const post = (path: string) => fetch(`${url}/_sim/${path}`, { method: 'POST' });
    expect((await post(`vanish?id=${first.id}`)).status).toBe(200);
    expect((await post(`stop?id=${second.id}`)).status).toBe(200);
    expect(market.instance(first.id)).toMatchObject({ state: 'gone', endedBy: 'market' });
    expect(market.instance(second.id)?.state).toBe('stopping');
    expect((await post(`vanish?id=${first.id}`)).status).toBe(404);
    expect((await post('nonsense')).status).toBe(404);
  });

  it('takes a machine from its bidder, gives it back, and ends its contract, on demand', async () => {
    const { clock, market, url } = await serverWorld();
    const host = pickHost(market, 'vastai', 2);
    const { id } = await rentOn(market, host, { interruptible: true, bid: 0.5 });
    const onDemand = await rentOn(market, host);
    clock.advance(5 * MINUTE);
    const post = (path: string) => fetch(`${url}/_sim/${path}`, { method: 'POST' });
    expect((await post(`outbid?id=${onDemand.id}`)).status).toBe(404);
    expect((await post(`outbid?id=${id}`)).status).toBe(200);
    expect(market.instance(id)).toMatchObject({ stoppedFor: 'outbid' });
    clock.advance(MINUTE);
    expect((await post(`regain?id=${id}`)).status).toBe(200);
    clock.advance(MINUTE);
    expect(market.instance(id)?.state).toBe('running');
    expect((await post(`end-contract?id=${id}`)).status).toBe(200);
    expect(market.instance(id)).toMatchObject({ stoppedFor: 'contract end' });
  });

  it('lets something happen inside a machine, and says what goes on there', async () => {
    const { clock, market, url } = await serverWorld();
    const { id } = await rentSome(market, 'vastai');
    clock.advance(30 * MINUTE);
    const ask = async (path: string): Promise<number> =>
      (await fetch(`${url}/_sim/${path}`, { method: 'POST' })).status;
    expect(await ask(`use?id=${id}&as=uses%20the%20CPU`)).toBe(200);
    expect(market.machine(id)?.activity.isWork).toBe(true);
    expect(await ask(`befall?id=${id}&kind=offline&minutes=5`)).toBe(200);
    expect(market.instance(id)?.offlineSince).not.toBeNull();
    const shown = await (await fetch(`${url}/_sim/instances`)).json();
    expect(JSON.stringify(shown)).toContain('offlineSince');
    expect(await ask(`use?id=${id}&as=nonsense`)).toBe(400);
    expect(await ask(`befall?id=${id}&kind=nonsense`)).toBe(400);
    expect(await ask('befall?id=1&kind=offline')).toBe(404);
  });

  it('keeps what reached the machines, without the credentials of the account', async () => {
    const { url } = await serverWorld();
    const post = (path: string, body: string, type: string) =>
      fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': type } });
    const form = 'api_key=id&api_token=secret&name=box';
    await post('/api/v0/client/deploy/single', form, 'application/x-www-form-urlencoded');
    await post('/api/v0/instances/17/ssh/', '{"ssh_key":"k"}', 'application/json');
    await post('/api/v0/client/list', form, 'application/x-www-form-urlencoded');
    expect(await (await fetch(`${url}/_sim/arrivals`)).json()).toEqual({
      arrivals: [
        { path: '/api/v0/client/deploy/single', body: 'name=box' },
        { path: '/api/v0/instances/17/ssh/', body: '{"ssh_key":"k"}' },
      ],
    });
  });

  it('turns faults on and off, and refuses what is none', async () => {
    const { url } = await serverWorld();
    const turn = (faults: unknown) =>
      fetch(`${url}/_sim/faults`, { method: 'POST', body: JSON.stringify(faults) });
    expect((await turn({ badGatewayBefore: 1 })).status).toBe(200);
    expect((await fetch(`${url}/api/echo`)).status).toBe(502);
    expect((await turn({ resetAfter: 1 })).status).toBe(200);
    await expect(fetch(`${url}/api/echo`)).rejects.toThrow('fetch failed');
    for (const bad of [{ nonsense: 1 }, { refused: 2 }, { latencyMs: 5 }, [], 'x']) {
      expect((await turn(bad)).status).toBe(400);
    }
    expect((await turn({})).status).toBe(200);
    expect((await fetch(`${url}/api/echo`)).status).toBe(201);
    expect(await (await fetch(`${url}/_sim/faults`)).json()).toMatchObject({ resetAfter: 0 });
  });

  it('says so when a façade makes a mistake, and refuses bodies without end', async () => {
    const { url } = await serverWorld();
    const reply = await fetch(`${url}/api/mistake`);
    expect(reply.status).toBe(500);
    expect(reply.headers.get('x-simulator-mistake')).toBe('true');
    expect(await reply.text()).toContain('façade mistake');
    const huge = await fetch(`${url}/api/echo`, {
      method: 'POST',
      body: 'x'.repeat(2_000_000),
    }).then(
      (answer) => answer.status,
      () => 'broken off',
    );
    expect([413, 'broken off']).toContain(huge);
  });
});

describe('the real clock', () => {
  it('calls back, never early, and not at all once cancelled', async () => {
    const clock = realClock({ speed: 1, originMs: 0 });
    const startedAt = clock.now();
    let isCancelledRun = false;
    clock.after(5, () => {
      isCancelledRun = true;
    })();
    const calledAt = await new Promise<number>((resolve) => {
      // The clock's own timers do not hold the process; the test runner's do.
      clock.after(20, () => resolve(clock.now()));
    });
    expect(calledAt - startedAt).toBeGreaterThanOrEqual(20);
    expect(isCancelledRun).toBe(false);
  });

  it('runs faster from a common origin on, and stays in step with another of its kind', async () => {
    const originMs = realClock({ speed: 1, originMs: 0 }).now();
    const clock = realClock({ speed: 100, originMs });
    const other = realClock({ speed: 100, originMs });
    const startedAt = clock.now();
    await new Promise<void>((resolve) => clock.after(2_000, resolve));
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(2_000);
    expect(realClock({ speed: 1, originMs: 0 }).now() - originMs).toBeLessThan(2_000);
    expect(Math.abs(clock.now() - other.now())).toBeLessThan(1_000);
  });
});
