import { describe, expect, it } from 'vitest';
import { createChance } from '../../src/simulator/chance.ts';
import { drawHosts } from '../../src/simulator/hosts.ts';
import type { SimHost } from '../../src/simulator/model.ts';
import { fateOf, MIXES, type Mix, natureOf, withVices } from '../../src/simulator/vices.ts';
import { START } from './hand-clock.ts';
import { marketWorld, orderOn, pickHost } from './market-world.ts';

const HOSTS = drawHosts({
  chance: createChance('vices'),
  startedAt: START,
  vastHosts: 1_500,
  tensordockHosts: 500,
  badShare: 0,
});

function mixed(mix: Mix): readonly SimHost[] {
  return withVices(HOSTS, { mix, chance: createChance('mix') });
}

function badShare(hosts: readonly SimHost[]): number {
  return hosts.filter(({ nature }) => nature !== 'good').length / hosts.length;
}

describe('a mix', () => {
  it.each(['all good', '30 % bad', '60 % bad', '80 % bad', '60 % bad as reported'] as const)(
    'makes as many hosts bad as it says: %s',
    (name) => {
      expect(badShare(mixed(MIXES[name]))).toBeCloseTo(MIXES[name].badShare, 1);
    },
  );

  it('has each vice of its market, and no other', () => {
    for (const market of ['vastai', 'tensordock'] as const) {
      const mix = MIXES['60 % bad as reported'];
      const hosts = mixed(mix).filter((host) => host.market === market);
      const met = new Set(hosts.map(({ nature }) => nature));
      const weights = Object.entries(mix.vices[market]);
      const drawn = weights.filter(([, weight]) => weight > 0).map(([vice]) => vice);
      expect([...met].sort()).toEqual(['good', ...drawn].sort());
    }
  });

  it('makes all that goes bad together the same', () => {
    const mix = MIXES['60 % bad owners and sites'];
    const natures = new Map<string, Set<string>>();
    for (const host of mixed(mix)) {
      const fate = fateOf(host, mix);
      natures.set(fate, (natures.get(fate) ?? new Set()).add(host.nature));
    }
    expect(new Set([...natures.values()].map(({ size }) => size))).toEqual(new Set([1]));
    expect(natures.size).toBeGreaterThan(50);
    expect(natures.size).toBeLessThan(150);
  });

  it('lets one bad host in three on Vast.ai be offered as less reliable, and changes no good one', () => {
    const before = new Map(HOSTS.map((host) => [host.id, host.reliability]));
    const after = mixed(MIXES['60 % bad']);
    const lowered = after.filter((host) => host.reliability !== before.get(host.id));
    expect(lowered.every(({ market, nature }) => market === 'vastai' && nature !== 'good')).toBe(
      true,
    );
    const bad = after.filter(({ market, nature }) => market === 'vastai' && nature !== 'good');
    expect(lowered.length / bad.length).toBeCloseTo(1 / 3, 1);
  });

  it('draws a host anew in its next turn', () => {
    const mix = MIXES['60 % bad and changing'];
    const chance = createChance('turns');
    const changed = HOSTS.filter(
      (host) =>
        natureOf(host, { mix, chance, turn: 0 }) !== natureOf(host, { mix, chance, turn: 1 }),
    );
    expect(changed.length / HOSTS.length).toBeGreaterThan(0.6);
  });
});

describe('a host whose nature changes', () => {
  it('is another for whoever rents from then on, and the same for whoever is there', async () => {
    const { market } = marketWorld();
    const host = pickHost(market, 'vastai', 2);
    const first = await market.rent(orderOn(host));
    expect(market.changeNature(host.id, 'stale')).toBe(true);
    expect(await market.rent(orderOn(host))).toEqual({ kind: 'no_capacity' });
    expect(first).toMatchObject({ kind: 'rented', instance: { host: { nature: 'good' } } });
    expect(market.instances()).toHaveLength(1);
    expect(market.changeNature('nobody', 'good')).toBe(false);
  });
});
