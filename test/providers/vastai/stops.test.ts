import { describe, expect, it } from 'vitest';
import { aHost, untilRunning } from '../../simulator/vastai/shop.ts';
import { type PlayedWorld, playedWorld } from './played-world.ts';

async function bidder(options: Parameters<typeof playedWorld>[0] = {}) {
  const world = playedWorld(options);
  const id = await world.launch({ bidPerHour: 200_000 });
  await untilRunning(world.shop);
  return { world, id };
}

/** As it is once it has come to rest, in the single read and in the list alike. */
async function atRest(world: PlayedWorld, id: string) {
  await world.shop.clock.advance(30_000);
  const alone = await world.look(id);
  const [listed] = await world.done(world.provider.list());
  expect(listed).toEqual(alone);
  return alone;
}

describe('a stop that nobody asked for', () => {
  it.each(['bid', 'on-demand'] as const)(
    'comes with what would win the machine now, where the price at rest is the %s one',
    async (restingBidAs) => {
      const { world, id } = await bidder({ quirks: { restingBidAs } });
      world.shop.market.outbid(id);
      const seen = await atRest(world, id);
      expect(seen).toMatchObject({ phase: 'stopped', leastBid: 250_000 });
      expect(seen).not.toHaveProperty('stopCause');
      expect(seen).not.toHaveProperty('isStartPending');
    },
  );

  it('is an outbid that may end by itself where the contract is still meant to run', async () => {
    const { world, id } = await bidder({ quirks: { outbidAs: 'meant to run' } });
    world.shop.market.outbid(id);
    expect(await atRest(world, id)).toMatchObject({
      phase: 'stopped',
      stopCause: 'outbid',
      isStartPending: true,
    });
    await world.done(world.power.stop(id));
    expect(await atRest(world, id)).not.toHaveProperty('isStartPending');
    world.shop.market.regain(id);
    await untilRunning(world.shop);
    expect(await world.look(id)).toMatchObject({ phase: 'stopped' });
  });

  it('is the end of the contract once that has passed', async () => {
    const { world, id } = await bidder();
    world.shop.market.endContract(id);
    expect(await atRest(world, id)).toMatchObject({
      phase: 'stopped',
      stopCause: 'contract_expired',
    });
  });

  it('is lack of credit where nothing else explains it and the account has none', async () => {
    const { world, id } = await bidder();
    world.shop.market.drainCredit('vastai');
    await world.shop.clock.advance(30_000);
    await world.look(id);
    await world.shop.clock.advance(2_000);
    expect(await atRest(world, id)).toMatchObject({ phase: 'stopped', stopCause: 'out_of_credit' });
  });

  it('stays unexplained when a host stopped it, and asks for the credit once a minute', async () => {
    const { world, id } = await bidder();
    world.shop.market.stopByMarket(id);
    for (let looks = 0; looks < 12; looks += 1) {
      await world.shop.clock.advance(10_000);
      const seen = await world.look(id);
      if (looks > 3) {
        expect(seen).toMatchObject({ phase: 'stopped' });
        expect(seen).not.toHaveProperty('stopCause');
      }
    }
    const asked = world.requests.filter((request) => request.includes('/users/current/'));
    expect(asked.length).toBeGreaterThanOrEqual(1);
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it('holds no list up, and fails none, when the account does not answer', async () => {
    const { world, id } = await bidder();
    world.shop.market.stopByMarket(id);
    await world.shop.clock.advance(30_000);
    world.interfere((request) =>
      request.includes('/users/current/') ? { status: 403, body: '{}' } : undefined,
    );
    const [seen] = await world.done(world.provider.list());
    expect(seen).toMatchObject({ id, phase: 'stopped' });
    expect(seen).not.toHaveProperty('stopCause');
  });

  it('has no cause while it runs, even past its end', async () => {
    const { world, id } = await bidder({
      hosts: [aHost({ offeredUntil: playedWorld().shop.clock.now() + 2 * 3_600_000 })],
    });
    await world.shop.clock.advance(3 * 3_600_000);
    const seen = await world.look(id);
    expect(seen).toMatchObject({ phase: 'running' });
    expect(seen).not.toHaveProperty('stopCause');
  });
});

describe('an image', () => {
  it.each([
    'example/private/api:1',
    'example/api:missing',
    'example/api:unresolved',
    'example/members/api:1',
  ])('that can be had nowhere makes the order bad: %s', async (image) => {
    const world = playedWorld();
    const workload = { kind: 'entrypoint', image, ports: [8_000] } as const;
    const id = await world.launch({ workload });
    await untilRunning(world.shop);
    expect(await world.look(id)).toMatchObject({ phase: 'failed', isOrderBad: true });
  });

  it.each([
    'OCI runtime create failed: container failed to start',
    'GPU error, unable to start instance',
    'docker_build() error writing dockerfile',
    'write /var/lib/docker: no space left on device',
    'failed to resolve reference "docker.io/a/b:1": failed to do request: dial tcp: i/o timeout',
    'failed to resolve reference "docker.io/a/b:1": unexpected status from HEAD request: 503',
    'pull access denied, toomanyrequests: You have reached your pull rate limit',
    'Get "https://registry-1.docker.io/v2/": x509: certificate has expired: manifest unknown',
  ])("is not blamed for the host's fault: %s", async (text) => {
    const world = playedWorld();
    const id = await world.launch();
    const body = JSON.stringify({
      instances: {
        ...{ id: Number(id), label: 'x', actual_status: 'loading', status_msg: text },
        ...{ intended_status: 'running', cur_state: 'running', next_state: 'running' },
      },
    });
    world.interfere(() => ({ status: 200, body }));
    const seen = await world.look(id);
    expect(seen).toMatchObject({ phase: 'failed' });
    expect(seen).not.toHaveProperty('isOrderBad');
  });

  it.each(['running', 'stopped'])(
    'is not blamed by an old text of one that is %s',
    async (state) => {
      const world = playedWorld();
      const id = await world.launch();
      const words = { intended_status: state, cur_state: state, next_state: state };
      const row = { id: Number(id), label: null, actual_status: state, ...words };
      const body = JSON.stringify({ instances: { ...row, status_msg: 'manifest unknown' } });
      world.interfere(() => ({ status: 200, body }));
      expect(await world.look(id)).not.toHaveProperty('isOrderBad');
    },
  );
});
