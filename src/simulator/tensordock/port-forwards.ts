import type { Marketplace, SimHost, SimInstance } from '../model.ts';
import { liveMachines } from './capacity.ts';

export interface PortForward {
  readonly protocol: string;
  readonly internalPort: number;
  readonly externalPort: number;
}

/**
 * None where the location ignores the wish (BUG-008), and by design none on a dedicated address, where SSH is on 22;
 * a loopback machine of a demo has no 22 of its own and says so.
 */
export function forwardsOf(machine: SimInstance): PortForward[] {
  if (machine.dedicatedIp ? machine.sshPort === 22 : !machine.host.portForwards) return [];
  const ssh = { protocol: 'tcp', internalPort: 22, externalPort: machine.sshPort };
  const others = machine.openPorts.map(({ internalPort, externalPort }) => ({
    protocol: 'tcp',
    internalPort,
    externalPort,
  }));
  return [ssh, ...others];
}

const LOWEST_PORT = 20_001;
const FIXED_PORTS = [8935, 8080, 8000, 3389, 3000, 443, 80];

/** Ports that a renter may still take, highest first and the well-known ones last, as v0 lists them. */
export function freePorts(market: Marketplace, host: SimHost): number[] {
  if (!host.portForwards) return [];
  const range = Array.from({ length: host.directPorts }, (_, index) => LOWEST_PORT + index);
  const taken = takenPorts(market, host);
  return [...range.reverse(), ...FIXED_PORTS].filter((port) => !taken.has(port));
}

function takenPorts(market: Marketplace, host: SimHost): Set<number> {
  const tenants = liveMachines(market).filter((machine) => machine.host.id === host.id);
  return new Set(
    tenants.flatMap((machine) => forwardsOf(machine).map((forward) => forward.externalPort)),
  );
}
