import { describe, expect, it } from 'vitest';
import { ownTag } from '../../src/domain/ids.ts';
import { HOUR, look, MINUTE, marketWorld, rentOn, rentSome } from './market-world.ts';

describe('the list', () => {
  it('shows both ways late, up to the bounds, while the truth is there at once', async () => {
    const { clock, market } = marketWorld({ listLag: { appearMs: 20_000, disappearMs: 30_000 } });
    const lags: { readonly appear: number; readonly disappear: number }[] = [];
    for (const host of market.hosts('vastai').slice(0, 25)) {
      const { id } = await rentOn(market, host, { diskGb: 20 });
      const { listedFrom, createdAt } = look(market, id);
      const isListed = () => market.listed('vastai').some((one) => one.id === id);
      clock.advance(listedFrom - createdAt - 1);
      expect(isListed()).toBe(listedFrom <= clock.now());
      clock.advance(1);
      expect(isListed()).toBe(true);
      market.destroy(id);
      const { goneAt, listedUntil, state } = look(market, id);
      expect(state).toBe('gone');
      expect(isListed()).toBe(listedUntil > clock.now());
      clock.advance(listedUntil - clock.now());
      expect(isListed()).toBe(false);
      lags.push({ appear: listedFrom - createdAt, disappear: listedUntil - (goneAt ?? 0) });
    }
    expect(Math.max(...lags.map((lag) => lag.appear))).toBeGreaterThan(10_000);
    expect(Math.max(...lags.map((lag) => lag.disappear))).toBeGreaterThan(15_000);
    for (const lag of lags) {
      expect(lag.appear).toBeLessThanOrEqual(20_000);
      expect(lag.disappear).toBeLessThanOrEqual(30_000);
    }
  });

  it('is prompt and of one market where nothing else was asked for', async () => {
    const { market } = marketWorld();
    const vast = await rentSome(market, 'vastai');
    const dock = await rentSome(market, 'tensordock');
    expect(market.listed('vastai').map((one) => one.id)).toEqual([vast.id]);
    expect(market.listed('tensordock').map((one) => one.id)).toEqual([dock.id]);
    market.destroy(vast.id);
    expect(market.listed('vastai')).toEqual([]);
    expect(market.instances().map((one) => one.id)).toEqual([vast.id, dock.id]);
  });
});

describe('a market that has become honest', () => {
  it('shows at once what comes and goes, and carries deletes out', async () => {
    const { market } = marketWorld({
      listLag: { appearMs: 20_000, disappearMs: 30_000 },
      lyingDeletes: 1,
    });
    const host = market.hosts('vastai').find((one) => market.freeGpus(one.id) > 1);
    if (!host) throw new Error('no host has room for two');
    const { id: early } = await rentOn(market, host, { diskGb: 20 });
    market.destroy(early);
    expect(look(market, early).state).not.toBe('gone');
    market.becomeHonest();
    const { id } = await rentOn(market, host, { diskGb: 20 });
    expect(market.listed('vastai').map((one) => one.id)).toContain(id);
    market.destroy(id);
    market.destroy(early);
    expect(look(market, early).state).toBe('gone');
    expect(market.listed('vastai')).toEqual([]);
  });
});

describe('foreign instances', () => {
  it('run for ever in the same lists and cost us nothing', () => {
    const { clock, market } = marketWorld({ foreign: 12, likeDeployments: ['abcd'] });
    const before = market.instances();
    expect(before).toHaveLength(12);
    clock.advance(50 * HOUR);
    expect(market.instances()).toEqual(before);
    expect(market.listed('vastai').length + market.listed('tensordock').length).toBe(12);
    for (const { id } of before) {
      expect(market.isForeign(id)).toBe(true);
      expect(market.bill(id)).toEqual({ gpu: 0, cpu: 0, ram: 0, disk: 0 });
    }
    expect(market.credit('vastai') + market.credit('tensordock')).toBe(1_000);
  });

  it('have names like ours that are not ours', () => {
    const { market } = marketWorld({ foreign: 20, likeDeployments: ['abcd'] });
    const labels = market.instances().map((one) => one.label);
    expect(labels).toContain('gpub-demo');
    expect(labels).toContain(null);
    expect(labels.some((label) => label?.startsWith('GPUB-ABCD-'))).toBe(true);
    expect(labels.some((label) => /^my gpub-abcd-.*-1$/.test(label ?? ''))).toBe(true);
    for (const label of labels) expect(ownTag(label ?? undefined, 'abcd')).toBeUndefined();
  });

  it('have names like those of several deployments', () => {
    const { market } = marketWorld({ foreign: 26, likeDeployments: ['abcd', 'efgh'] });
    const labels = market.instances().map((one) => one.label ?? '');
    for (const id of ['abcd', 'efgh']) {
      expect(labels.some((label) => label.includes(id))).toBe(true);
      for (const label of labels) expect(ownTag(label, id)).toBeUndefined();
    }
  });

  it('are not ours to be confused with: what we rent is not foreign', async () => {
    const { clock, market } = marketWorld({ foreign: 3 });
    const { id } = await rentSome(market, 'vastai');
    clock.advance(MINUTE);
    expect(market.isForeign(id)).toBe(false);
  });

  it('end, and can be seen to have ended, when somebody deletes them', () => {
    const { clock, market } = marketWorld({ foreign: 3 });
    const [victim] = market.instances();
    market.destroy(victim?.id ?? '');
    clock.advance(MINUTE);
    expect(market.instance(victim?.id ?? '')).toMatchObject({ state: 'gone', endedBy: 'renter' });
  });
});
