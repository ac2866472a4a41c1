import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProviderFailure } from '../../../src/domain/errors.ts';
import { create, untilRunning } from '../../simulator/vastai/shop.ts';
import { type PlayedWorld, playedWorld } from './played-world.ts';

async function running(options: Parameters<typeof playedWorld>[0] = {}) {
  const world = playedWorld(options);
  const id = await world.launch();
  await untilRunning(world.shop);
  return { world, id };
}

/** Stopped, and its only GPU rented by somebody else. */
async function displaced() {
  const { world, id } = await running();
  await world.done(world.power.stop(id));
  await world.shop.clock.advance(30_000);
  const other = await create(world.shop, { label: 'somebody else' });
  return { world, id, other };
}

function stops({ requests }: PlayedWorld): number {
  return requests.filter((request) => request.includes('"stopped"')).length;
}

describe('stopping a Vast.ai machine', () => {
  it('keeps its disk, gives its GPUs back, and bills the disk alone', async () => {
    const { world, id } = await running();
    await world.done(world.power.stop(id));
    await world.shop.clock.advance(30_000);
    expect(await world.look(id)).toMatchObject({ phase: 'stopped', interruptible: false });
    expect(world.shop.market.freeGpus('17000')).toBe(1);
    expect(world.shop.market.rate(id)).toMatchObject({ gpu: 0, disk: 0.0125 });
    expect(world.requests).toContain(`PUT /api/v0/instances/${id}/ {"state":"stopped"}`);
  });

  it('is done when it is stopped already, however that is said', async () => {
    const { world, id } = await running();
    await world.done(world.power.stop(id));
    await world.done(world.power.stop(id));
    world.interfere(() => ({
      status: 400,
      body: '{"success":false,"error":"invalid_args","msg":"Instance is already stopped"}',
    }));
    await expect(world.done(world.power.stop(id))).resolves.toBeUndefined();
  });

  it('of what does not exist is not found, and a wrong key is no "not found"', async () => {
    const world = playedWorld();
    expect(await world.refused(world.power.stop('5'))).toMatchObject({
      kind: 'not_found',
      outcome: 'not_done',
    });
    world.shop.market.revokeKeys('vastai');
    expect(await world.refused(world.power.stop('5'))).toMatchObject({ kind: 'unauthorized' });
  });

  it.each([
    ['a server error', 502, '<html>Bad Gateway</html>'],
    ['half an answer', 200, '{"succ'],
    ['no word of success', 200, '{}'],
  ])('may have been done after %s', async (_, status, body) => {
    const { world, id } = await running();
    world.interfere(() => ({ status, body }));
    expect(await world.refused(world.power.stop(id))).toMatchObject({ outcome: 'unknown' });
  });

  it.each(['all', '../bundles', '5/ssh', ''])('never goes to the path of many: %j', async (id) => {
    const world = playedWorld();
    expect(await world.refused(world.power.stop(id))).toMatchObject({ kind: 'invalid' });
    expect(world.requests).toEqual([]);
  });
});

describe('starting a stopped Vast.ai machine', () => {
  it('runs it where it is', async () => {
    const { world, id } = await running();
    await world.done(world.power.stop(id));
    await world.shop.clock.advance(30_000);
    await world.done(world.power.start(id));
    await untilRunning(world.shop);
    expect(await world.look(id)).toMatchObject({ phase: 'running' });
  });

  it('is starting for some minutes even where the row says exited, and not for ever', async () => {
    const { world, id } = await running({ quirks: { restartAs: 'exited' }, bootScale: 60 });
    await world.shop.clock.advance(5 * 3_600_000);
    await world.done(world.power.stop(id));
    await world.shop.clock.advance(15 * 60_000);
    await world.done(world.power.start(id));
    expect(await world.look(id)).toMatchObject({ phase: 'starting' });
    await world.shop.clock.advance(301_000);
    expect(await world.look(id)).toMatchObject({ phase: 'stopped' });
  });

  it('leaves nothing queued when its GPUs are taken: nothing starts when they come free', async () => {
    const { world, id, other } = await displaced();
    expect(await world.refused(world.power.start(id))).toMatchObject({
      kind: 'no_capacity',
      outcome: 'not_done',
    });
    const seen = await world.look(id);
    expect(seen).toMatchObject({ phase: 'stopped' });
    expect(seen).not.toHaveProperty('isStartPending');
    world.shop.market.destroy(other);
    await untilRunning(world.shop);
    expect(await world.look(id)).toMatchObject({ phase: 'stopped' });
  });

  it('asks again for the withdrawal, and says that it may yet start when none is answered', async () => {
    const { world, id, other } = await displaced();
    const before = stops(world);
    world.interfere((request) =>
      request.includes('"stopped"') ? { status: 502, body: 'Bad Gateway' } : undefined,
    );
    expect(await world.refused(world.power.start(id))).toMatchObject({
      kind: 'unavailable',
      outcome: 'unknown',
    });
    expect(stops(world) - before).toBe(3);
    world.interfere(() => undefined);
    expect(await world.look(id)).toMatchObject({ phase: 'stopped', isStartPending: true });
    world.shop.market.destroy(other);
    await untilRunning(world.shop);
    expect(await world.look(id)).toMatchObject({ phase: 'running' });
  });

  it('withdraws with the second try when the first is lost', async () => {
    const { world, id } = await displaced();
    let lost = 0;
    world.interfere((request) => {
      if (!request.includes('"stopped"') || lost > 0) return undefined;
      lost += 1;
      return { status: 429, body: 'API requests too frequent: endpoint threshold=1.0' };
    });
    expect(await world.refused(world.power.start(id))).toMatchObject({
      kind: 'no_capacity',
      outcome: 'not_done',
    });
    expect(await world.look(id)).not.toHaveProperty('isStartPending');
  });

  it('is refused without credit', async () => {
    const { world, id } = await running();
    await world.done(world.power.stop(id));
    await world.shop.clock.advance(30_000);
    world.shop.market.drainCredit('vastai');
    expect(await world.refused(world.power.start(id))).toMatchObject({
      kind: 'insufficient_funds',
      outcome: 'not_done',
    });
  });

  it('may have been done when its answer is lost', async () => {
    const { world, id } = await running();
    await world.done(world.power.stop(id));
    world.interfere(() => ({ status: 504, body: 'Gateway Time-out' }));
    expect(await world.refused(world.power.start(id))).toMatchObject({
      kind: 'unavailable',
      outcome: 'unknown',
    });
  });

  it('shares its interval with stops: at most one a second, under the published limit', async () => {
    const { world, id } = await running({ rateLimits: true });
    await world.done(world.power.stop(id));
    await world.shop.clock.advance(30_000);
    await world.done(Promise.all([world.power.start(id), world.power.stop(id)]));
    await world.done(world.power.start(id));
    await untilRunning(world.shop);
    expect(await world.look(id)).toMatchObject({ phase: 'running' });
  });

  it('that is refused for certain never happens later, whatever answers are lost', async () => {
    const fates = fc.array(fc.constantFrom('answered', 'lost before', 'lost after', 'refused'), {
      minLength: 5,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(fates, fc.boolean(), async (fated, isTaken) => {
        const { world, id, other } = await displaced();
        if (!isTaken) world.shop.market.destroy(other);
        const queue = [...fated];
        world.interfere(() => LOSSES[queue.shift() ?? 'answered']);
        const outcome = await world.done(world.power.start(id).then(() => 'started', outcomeOf));
        world.interfere(() => undefined);
        world.shop.market.destroy(other);
        await untilRunning(world.shop);
        const phase = (await world.look(id))?.phase;
        if (outcome === 'started') expect(phase).toBe('running');
        if (outcome === 'not_done') expect(phase).toBe('stopped');
      }),
      { numRuns: 60 },
    );
  });
});

const LOSSES = {
  answered: undefined,
  'lost before': { status: 502, body: 'Bad Gateway' },
  'lost after': { status: 504, body: 'Gateway Time-out', isHeard: true },
  refused: { status: 429, body: 'API requests too frequent: endpoint threshold=1.0' },
} as const;

function outcomeOf(error: unknown): string {
  return error instanceof ProviderFailure ? error.outcome : String(error);
}
