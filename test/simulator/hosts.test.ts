import { describe, expect, it } from 'vitest';
import { createChance } from '../../src/simulator/chance.ts';
import {
  DEFAULT_TENSORDOCK_HOSTS,
  DEFAULT_VAST_HOSTS,
  drawHosts,
} from '../../src/simulator/hosts.ts';
import type { SimHost } from '../../src/simulator/model.ts';
import { START } from './hand-clock.ts';

function hosts(badShare = 0, seed = 'hosts'): readonly SimHost[] {
  return drawHosts({
    chance: createChance(seed),
    startedAt: START,
    vastHosts: DEFAULT_VAST_HOSTS,
    tensordockHosts: DEFAULT_TENSORDOCK_HOSTS,
    badShare,
  });
}

const of = (market: SimHost['market'], all = hosts()) =>
  all.filter((host) => host.market === market);

describe('drawn hosts', () => {
  it('are as many as asked for, the same for the same seed, each with an id of its own', () => {
    expect(of('vastai')).toHaveLength(DEFAULT_VAST_HOSTS);
    expect(of('tensordock')).toHaveLength(DEFAULT_TENSORDOCK_HOSTS);
    expect(new Set(hosts().map((host) => host.id)).size).toBe(hosts().length);
    expect(hosts()).toEqual(hosts());
    expect(hosts()).not.toEqual(hosts(0, 'another seed'));
  });

  it('ask for prices of at most six decimals, so that a rate in micro-dollars is exact', () => {
    for (const { rates } of hosts()) {
      for (const usd of Object.values(rates)) {
        expect(Number(usd.toFixed(6))).toBe(usd);
      }
    }
  });

  it('ask market prices', () => {
    const priceOf = (name: string) =>
      of('vastai')
        .filter((host) => host.gpu.vastName === name)
        .map((host) => host.rates.gpuHour);
    expect(priceOf('RTX 4090').length).toBeGreaterThan(5);
    for (const usd of priceOf('RTX 4090'))
      expect(usd).toSatisfy((one: number) => one >= 0.14 && one <= 0.6);
    for (const usd of priceOf('H100 SXM'))
      expect(usd).toSatisfy((one: number) => one >= 1.8 && one <= 3);
    for (const { rates } of hosts()) expect(rates.minBid).toBeLessThan(rates.gpuHour);
  });

  it('report memory as the driver does', () => {
    const names = new Map(hosts().map((host) => [host.gpu.vastName, host.gpu.vramMb]));
    expect(names.get('RTX 4090')).toBe(24564);
    expect(names.get('RTX 3090')).toBe(24576);
    expect(names.get('RTX A6000')).toBe(49140);
    for (const { gpu } of hosts()) {
      expect(Math.abs(gpu.vramMb / 1024 - gpu.nominalGb) / gpu.nominalGb).toBeLessThan(0.07);
      expect(gpu.v0Name).toMatch(/^[a-z0-9]+-(pcie|sxm\d|nvl)-\d+gb$/);
    }
  });

  it('stand where TensorDock was seen, at one price a place and card', () => {
    const dock = of('tensordock');
    const chubbuck = dock.filter(
      (host) => host.locationId === '8dd95ff0-dff9-489c-9b02-b38a366b6ab1',
    );
    expect(new Set(chubbuck.map((host) => host.gpu.v0Name))).toEqual(
      new Set(['geforcertx4090-pcie-24gb', 'rtxa6000-pcie-48gb', 'geforcertx5090-pcie-32gb']),
    );
    expect(new Set(dock.map((host) => host.locationId)).size).toBe(27);
    const prices = new Map<string, number>();
    for (const host of dock) {
      const place = `${host.locationId} ${host.gpu.v0Name}`;
      expect(prices.get(place) ?? host.rates.gpuHour).toBe(host.rates.gpuHour);
      prices.set(place, host.rates.gpuHour);
    }
  });

  it('have places without forwards, such as Joplin, and places without addresses of their own', () => {
    const dock = of('tensordock');
    const joplin = dock.find((host) => host.locationId === '071132ae-8c07-4d6b-9c37-041a55a85047');
    expect(joplin).toMatchObject({ city: 'Joplin', dedicatedIps: true, portForwards: false });
    expect(dock.some((host) => !host.dedicatedIps && host.portForwards)).toBe(true);
  });

  it('misbehave as often as asked, in every way', () => {
    expect(hosts().every((host) => host.nature === 'good')).toBe(true);
    const mixed = hosts(0.3);
    const bad = mixed.filter((host) => host.nature !== 'good');
    expect(bad.length / mixed.length).toBeGreaterThan(0.2);
    expect(bad.length / mixed.length).toBeLessThan(0.4);
    expect(new Set(bad.map((host) => host.nature)).size).toBe(6);
    const alike = (all: readonly SimHost[]) => all.map((host) => ({ ...host, nature: 'good' }));
    expect(alike(mixed)).toEqual(alike(hosts()));
  });
});
