import { createChance } from '../../src/simulator/chance.ts';
import { drawHosts } from '../../src/simulator/hosts.ts';
import {
  createMarketplace,
  type MarketOptions,
  type SimMarket,
} from '../../src/simulator/market.ts';
import type {
  HostNature,
  Market,
  RentOrder,
  SimHost,
  SimInstance,
} from '../../src/simulator/model.ts';
import { type HandClock, handClock, START } from './hand-clock.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

export const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHq3lFvWk4q0mQJY3f7v0Yp3m5m2yq6oD2y1l1yqk0aB session';
export const OTHER_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBq3lFvWk4q0mQJY3f7v0Yp3m5m2yq6oD2y1l1yqk0cD other';

export interface MarketWorld {
  readonly clock: HandClock;
  readonly market: SimMarket;
}

export function marketWorld(options: Partial<MarketOptions> = {}): MarketWorld {
  const clock = handClock();
  const chance = createChance('market world');
  return { clock, market: createMarketplace({ clock, chance, ...options }) };
}

/** A world whose hosts all have this nature. */
export function worldOf(nature: HostNature, options: Partial<MarketOptions> = {}): MarketWorld {
  return marketWorld({ hosts: usualHosts().map((host) => ({ ...host, nature })), ...options });
}

export function usualHosts(): readonly SimHost[] {
  return drawHosts({
    chance: createChance('usual hosts'),
    startedAt: START,
    vastHosts: 30,
    tensordockHosts: 30,
    badShare: 0,
  });
}

/** A host with open ports, or forwards, and at least this many GPUs. */
export function pickHost(market: SimMarket, kind: Market, gpus = 1): SimHost {
  const host = market
    .hosts(kind)
    .find(
      (one) =>
        one.directPorts > 0 &&
        one.portForwards &&
        one.dedicatedIps === (kind === 'tensordock') &&
        one.gpuCount >= gpus,
    );
  if (!host) throw new Error('no such host in this world');
  return host;
}

export function orderOn(host: SimHost, overrides: Partial<RentOrder> = {}): RentOrder {
  return {
    market: host.market,
    hostId: host.id,
    gpuCount: 1,
    vcpus: 8,
    ramGb: 32,
    diskGb: 100,
    label: 'gpub-test-0123456789abcdef-1',
    image: 'ubuntu2204',
    madeBy: 'test',
    dedicatedIp: false,
    interruptible: false,
    bid: null,
    bootKeys: [],
    container: null,
    onStart: null,
    driver: 'ready',
    ports: [],
    ...overrides,
  };
}

export async function rentOn(
  market: SimMarket,
  host: SimHost,
  overrides: Partial<RentOrder> = {},
): Promise<SimInstance> {
  const result = await market.rent(orderOn(host, overrides));
  if (result.kind !== 'rented') throw new Error(`the launch was refused: ${result.kind}`);
  return result.instance;
}

export async function rentSome(
  market: SimMarket,
  kind: Market,
  overrides: Partial<RentOrder> = {},
): Promise<SimInstance> {
  return rentOn(market, pickHost(market, kind), overrides);
}

/** The instance as it is now; fails the test when it never was. */
export function look(market: SimMarket, id: string): SimInstance {
  const instance = market.instance(id);
  if (!instance) throw new Error(`no instance ${id}`);
  return instance;
}

/** Turns the clock in small steps until the condition holds; how long it took. */
export function advanceUntil(clock: HandClock, holds: () => boolean, limitMs = HOUR): number {
  const startedAt = clock.now();
  while (!holds()) {
    if (clock.now() - startedAt > limitMs) throw new Error('it never happened');
    clock.advance(SECOND);
  }
  return clock.now() - startedAt;
}
