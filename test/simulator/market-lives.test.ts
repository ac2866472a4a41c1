import { describe, expect, it } from 'vitest';
import {
  advanceUntil,
  HOUR,
  look,
  MINUTE,
  marketWorld,
  orderOn,
  pickHost,
  rentOn,
  rentSome,
  SECOND,
  worldOf,
} from './market-world.ts';

describe('an instance on a good host', () => {
  it('comes up on Vast.ai through loading within 30 s to 5 min, mostly within 2 min', async () => {
    const { clock, market } = marketWorld();
    const boots: number[] = [];
    for (const host of market.hosts('vastai').slice(0, 40)) {
      const rented = await rentOn(market, host, { diskGb: 50 });
      expect(rented).toMatchObject({ state: 'creating', runningSince: null });
      const states = new Set<string>();
      advanceUntil(clock, () => {
        const { state } = look(market, rented.id);
        states.add(state);
        return state === 'running';
      });
      expect(states).toContain('loading');
      const { runningSince, createdAt } = look(market, rented.id);
      boots.push((runningSince ?? 0) - createdAt);
    }
    expect(Math.min(...boots)).toBeGreaterThanOrEqual(30 * SECOND);
    expect(Math.max(...boots)).toBeLessThanOrEqual(5 * MINUTE);
    expect(boots.filter((ms) => ms <= 2 * MINUTE).length).toBeGreaterThan(boots.length * 0.6);
  });

  it('comes up on TensorDock within 5 to 30 s', async () => {
    const { clock, market } = marketWorld();
    const { id } = await rentSome(market, 'tensordock');
    const bootMs = advanceUntil(clock, () => look(market, id).state === 'running');
    expect(bootMs).toBeGreaterThanOrEqual(5 * SECOND);
    expect(bootMs).toBeLessThanOrEqual(31 * SECOND);
  });

  it('boots faster in a world that is scaled down', async () => {
    const { clock, market } = marketWorld({ bootScale: 0.01 });
    const { id } = await rentSome(market, 'vastai');
    clock.advance(3 * SECOND);
    expect(look(market, id).state).toBe('running');
  });

  it('runs until somebody ends it', async () => {
    const { clock, market } = marketWorld();
    const vast = await rentSome(market, 'vastai');
    const dock = await rentSome(market, 'tensordock');
    clock.advance(100 * HOUR);
    expect(look(market, vast.id).state).toBe('running');
    expect(look(market, dock.id).state).toBe('running');
  });

  it('has an id that nobody had before', async () => {
    const { market } = marketWorld();
    const host = pickHost(market, 'vastai');
    const ids: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      const { id } = await rentOn(market, host);
      market.destroy(id);
      ids.push(id);
    }
    expect(new Set(ids).size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[1-9][0-9]+$/);
  });
});

describe('an instance on a bad host', () => {
  it('is not had at all where the offer is stale', async () => {
    const { market } = worldOf('stale');
    expect(await market.rent(orderOn(pickHost(market, 'vastai')))).toEqual({ kind: 'no_capacity' });
    expect(market.instances()).toEqual([]);
  });

  it('never boots', async () => {
    const { clock, market } = worldOf('never_boots');
    const vast = await rentSome(market, 'vastai');
    const dock = await rentSome(market, 'tensordock');
    clock.advance(5 * HOUR);
    expect(look(market, vast.id).state).toBe('loading');
    expect(look(market, dock.id).state).toBe('creating');
  });

  it('breaks soon after the launch and says why', async () => {
    const { clock, market } = worldOf('breaks');
    const { id } = await rentSome(market, 'vastai');
    clock.advance(MINUTE);
    expect(look(market, id).state).toBe('broken');
    expect(look(market, id).statusText).not.toBe('');
    clock.advance(HOUR);
    expect(look(market, id).state).toBe('broken');
  });

  it('says late that it cannot', async () => {
    const { clock, market } = worldOf('breaks_late');
    const vast = await rentSome(market, 'vastai');
    const dock = await rentSome(market, 'tensordock');
    clock.advance(4 * MINUTE - SECOND);
    expect(look(market, vast.id).state).toBe('loading');
    expect(look(market, dock.id).state).toBe('creating');
    clock.advance(9 * MINUTE);
    expect(look(market, vast.id).state).toBe('broken');
    expect(look(market, dock.id).state).toBe('broken');
  });

  it('boots slowly, and works then', async () => {
    const { clock, market } = worldOf('boots_slowly');
    const vast = await rentSome(market, 'vastai');
    const dock = await rentSome(market, 'tensordock');
    clock.advance(10 * MINUTE - SECOND);
    expect(look(market, vast.id).state).toBe('loading');
    expect(look(market, dock.id).state).toBe('creating');
    clock.advance(51 * MINUTE);
    expect(look(market, vast.id).state).toBe('running');
    expect(look(market, dock.id).state).toBe('running');
  });

  it('vanishes by the hand of the market some minutes after it ran', async () => {
    const { clock, market } = worldOf('vanishes');
    const { id } = await rentSome(market, 'tensordock');
    advanceUntil(clock, () => look(market, id).state === 'running');
    const lifeMs = advanceUntil(clock, () => look(market, id).state === 'gone');
    expect(lifeMs).toBeGreaterThanOrEqual(3 * MINUTE - SECOND);
    expect(look(market, id).endedBy).toBe('market');
    expect(market.destroy(id)).toBe(false);
  });

  it('is stopped by the market and still bills', async () => {
    const { clock, market } = worldOf('gets_stopped');
    const { id } = await rentSome(market, 'vastai');
    advanceUntil(clock, () => look(market, id).state === 'stopped');
    expect(look(market, id)).toMatchObject({ endedBy: null, runningSince: null });
    expect(market.rate(id).gpu).toBe(0);
    expect(market.rate(id).disk).toBeGreaterThan(0);
  });
});

describe('a delete', () => {
  it('is carried out at once on Vast.ai', async () => {
    const { market } = marketWorld();
    const { id } = await rentSome(market, 'vastai');
    expect(market.destroy(id)).toBe(true);
    expect(look(market, id)).toMatchObject({ state: 'gone', endedBy: 'renter' });
    expect(market.destroy(id)).toBe(false);
    expect(market.destroy('1')).toBe(false);
  });

  it('takes its time on TensorDock and is accepted again meanwhile', async () => {
    const { clock, market } = marketWorld({ deleteTakesMs: { low: 6_000, high: 6_000 } });
    const { id } = await rentSome(market, 'tensordock');
    clock.advance(MINUTE);
    expect(market.destroy(id)).toBe(true);
    expect(look(market, id).deletingUntil).toBe(clock.now() + 6_000);
    clock.advance(5_999);
    expect(market.destroy(id)).toBe(true);
    expect(look(market, id).state).toBe('stopping');
    expect(market.start(id)).toBe('unknown');
    clock.advance(1);
    expect(look(market, id)).toMatchObject({ state: 'gone', goneAt: clock.now() });
  });

  it('may be accepted and do nothing, yet ends the instance when asked often enough', async () => {
    const { market } = marketWorld({ lyingDeletes: 1 });
    const { id } = await rentSome(market, 'vastai');
    const answers: boolean[] = [];
    for (let asked = 0; asked < 3; asked += 1) answers.push(market.destroy(id));
    expect(answers).toEqual([true, true, true]);
    expect(look(market, id).state).not.toBe('gone');
    expect(market.destroy(id)).toBe(true);
    expect(look(market, id).state).toBe('gone');
  });
});

describe('the GPUs of a host', () => {
  it('are taken by one tenant at a time', async () => {
    const { market } = marketWorld();
    const host = pickHost(market, 'vastai', 2);
    expect(market.freeGpus(host.id)).toBe(host.gpuCount);
    const { id } = await rentOn(market, host, { gpuCount: host.gpuCount });
    expect(market.freeGpus(host.id)).toBe(0);
    expect(await market.rent(orderOn(host))).toEqual({ kind: 'no_capacity' });
    market.destroy(id);
    expect(market.freeGpus(host.id)).toBe(host.gpuCount);
  });

  it('are not rented twice by two orders at the same moment', async () => {
    const { market } = marketWorld();
    const host = pickHost(market, 'tensordock');
    const order = orderOn(host, { gpuCount: host.gpuCount });
    const results = await Promise.all([market.rent(order), market.rent(order)]);
    expect(results.map((result) => result.kind)).toEqual(['rented', 'no_capacity']);
  });

  it('go to others while a Vast.ai instance is stopped, and its start waits for them', async () => {
    const { clock, market } = marketWorld();
    const host = pickHost(market, 'vastai');
    const whole = { gpuCount: host.gpuCount };
    const first = await rentOn(market, host, whole);
    market.stop(first.id, { release: false });
    const second = await rentOn(market, host, whole);
    clock.advance(MINUTE);
    expect(market.start(first.id)).toBe('queued');
    clock.advance(HOUR);
    expect(look(market, first.id).state).toBe('stopped');
    market.destroy(second.id);
    clock.advance(MINUTE);
    expect(look(market, first.id).state).toBe('running');
  });

  it('wait for nobody whose queued start was taken back by a stop', async () => {
    const { clock, market } = marketWorld();
    const host = pickHost(market, 'vastai');
    const whole = { gpuCount: host.gpuCount };
    const first = await rentOn(market, host, whole);
    market.stop(first.id, { release: false });
    const second = await rentOn(market, host, whole);
    expect(market.start(first.id)).toBe('queued');
    market.stop(first.id, { release: false });
    market.destroy(second.id);
    clock.advance(HOUR);
    expect(look(market, first.id).state).toBe('stopped');
  });

  it('stay with a stopped TensorDock instance until they are released', async () => {
    const { clock, market } = marketWorld();
    const host = pickHost(market, 'tensordock');
    const { id } = await rentOn(market, host, { gpuCount: host.gpuCount });
    clock.advance(MINUTE);
    market.stop(id, { release: false });
    clock.advance(MINUTE);
    expect(look(market, id).state).toBe('stopped');
    expect(market.freeGpus(host.id)).toBe(0);
    market.stop(id, { release: true });
    expect(look(market, id)).toMatchObject({ state: 'stopped', released: true });
    expect(market.freeGpus(host.id)).toBe(host.gpuCount);
  });

  it('are refused with more disk than there is, after the listing ended, and without a public IP', async () => {
    const { clock, market } = marketWorld({ dedicatedIps: false });
    const host = pickHost(market, 'tensordock');
    expect(await market.rent(orderOn(host, { diskGb: host.diskGb + 1 }))).toEqual({
      kind: 'no_capacity',
    });
    expect(await market.rent(orderOn(host, { dedicatedIp: true }))).toEqual({
      kind: 'no_public_ip',
    });
    clock.advance(host.offeredUntil - clock.now());
    expect(await market.rent(orderOn(host))).toEqual({ kind: 'no_capacity' });
  });
});

describe('the market', () => {
  it('takes an instance away, or stops it, on the word of whoever runs the world', async () => {
    const { clock, market } = marketWorld();
    const vast = await rentSome(market, 'vastai');
    const dock = await rentSome(market, 'tensordock');
    clock.advance(10 * MINUTE);
    expect(market.vanish(vast.id)).toBe(true);
    expect(look(market, vast.id)).toMatchObject({ state: 'gone', endedBy: 'market' });
    expect(market.stopByMarket(dock.id)).toBe(true);
    clock.advance(MINUTE);
    expect(look(market, dock.id)).toMatchObject({ state: 'stopped', endedBy: null, goneAt: null });
    expect(market.vanish(vast.id)).toBe(false);
  });

  it('plays the same world for the same seed', async () => {
    const worlds: unknown[] = [];
    for (let count = 0; count < 2; count += 1) {
      const { clock, market } = marketWorld({
        foreign: 5,
        listLag: { appearMs: 9_000, disappearMs: 9_000 },
      });
      for (const host of market.hosts('vastai').slice(0, 5))
        await market.rent(orderOn(host, { diskGb: 50 }));
      clock.advance(90 * SECOND);
      worlds.push(market.instances());
    }
    expect(worlds[0]).toEqual(worlds[1]);
  });
});
