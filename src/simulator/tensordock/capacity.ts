import type { Marketplace, SimHost, SimInstance } from '../model.ts';

/** What a hostnode can still give. */
export interface Room {
  readonly gpus: number;
  readonly vcpus: number;
  readonly ramGb: number;
  readonly diskGb: number;
}

/**
 * A machine whose GPUs were released holds its disk and nothing else. A stale hostnode has its room like any other:
 * only renting there shows that it is stale.
 */
export function roomOn(market: Marketplace, host: SimHost): Room {
  const tenants = liveMachines(market).filter((machine) => machine.host.id === host.id);
  const holding = tenants.filter((machine) => !machine.released);
  return {
    gpus: market.freeGpus(host.id),
    vcpus: host.vcpus - total(holding.map((machine) => machine.vcpus)),
    ramGb: host.ramGb - total(holding.map((machine) => machine.ramGb)),
    diskGb: host.diskGb - total(tenants.map((machine) => machine.diskGb)),
  };
}

export function fits(room: Room, wanted: Room): boolean {
  return (
    room.gpus >= wanted.gpus &&
    room.vcpus >= wanted.vcpus &&
    room.ramGb >= wanted.ramGb &&
    room.diskGb >= wanted.diskGb
  );
}

/** Hostnodes that are shown at all: those with a free GPU, in the market's order. */
export function listedHosts(market: Marketplace): SimHost[] {
  return market.hosts('tensordock').filter((host) => roomOn(market, host).gpus > 0);
}

/** The same, as far as v2 knows them. */
export function listedV2Hosts(market: Marketplace): SimHost[] {
  return listedHosts(market).filter((host) => !host.onlyV0);
}

export function tensordockHost(market: Marketplace, id: string): SimHost | undefined {
  const host = market.host(id);
  return host?.market === 'tensordock' ? host : undefined;
}

/** A machine of this account that still exists. */
export function liveMachine(market: Marketplace, id: string): SimInstance | undefined {
  const machine = market.instance(id);
  return machine?.market === 'tensordock' && machine.state !== 'gone' ? machine : undefined;
}

export function liveMachines(market: Marketplace): SimInstance[] {
  return market
    .instances()
    .filter((machine) => machine.market === 'tensordock' && machine.state !== 'gone');
}

/** False when its GPUs were given back and are somebody else's by now, or somebody pays more for them. */
export function canStart(market: Marketplace, machine: SimInstance): boolean {
  if (machine.outbidAt !== null) return false;
  return !machine.released || market.freeGpus(machine.host.id) >= machine.gpuCount;
}

function total(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
