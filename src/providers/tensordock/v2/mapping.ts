import type { Observation, SshAddress } from '../../../domain/instance.ts';
import { LOGIN_USER } from '../marketplace.ts';
import type { OrderedMachine } from '../ordered-machine.ts';
import { phaseOf, reasonOf } from '../phase.ts';
import { openPortsAt, SSH_PORT, sshForward } from '../port-forwards.ts';
import { hourlyRate, instant, reachableHost } from '../wire-values.ts';
import type { LaunchData } from './launch-data.ts';
import type { InstanceRow } from './wire.ts';

/** Where a create puts the machine, and how it is reached there. */
export interface Placement {
  readonly at: { readonly location_id: string } | { readonly hostnode_id: string };
  readonly network: Network;
}

export type Network =
  | { readonly kind: 'dedicated_ip' }
  | { readonly kind: 'forwarded_ports'; readonly forwards: readonly Forward[] };

export interface Forward {
  readonly internal: number;
  readonly external: number;
}

/** The attributes of a create. GPUs go as a map, which has been seen to work; one of the documents has a list. */
export function createAttributes(
  site: LaunchData,
  { at, network }: Placement,
  machine: OrderedMachine,
): Record<string, unknown> {
  return {
    name: machine.tag,
    type: 'virtualmachine',
    image: machine.image,
    ...at,
    resources: {
      vcpu_count: site.vcpus,
      ram_gb: site.ramGb,
      storage_gb: Math.ceil(machine.diskGb),
      gpus: { [site.v0Name]: { count: site.count } },
    },
    ...networkAttributes(network),
    ssh_key: machine.key,
    cloud_init: { runcmd: machine.commands },
  };
}

/** On a dedicated address everything is open. */
function networkAttributes(network: Network): Record<string, unknown> {
  switch (network.kind) {
    case 'dedicated_ip':
      return { useDedicatedIp: true };
    case 'forwarded_ports':
      return { port_forwards: network.forwards.map(forwardOf) };
  }
}

function forwardOf({ internal, external }: Forward): Record<string, unknown> {
  return { protocol: 'tcp', internal_port: internal, external_port: external };
}

/** A row of the list: it shows no forwards, so that no address can be told from it. */
export function listedObservation(row: InstanceRow): Observation {
  const createdAt = instant(row.created_at);
  const totalPerHour = hourlyRate(row.rateHourly) ?? hourlyRate(row.price_per_hour);
  return {
    id: row.id,
    tag: row.name ?? undefined,
    phase: phaseOf(row.status),
    ...reasonOf(row.status),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(totalPerHour === undefined ? {} : { totalPerHour }),
  };
}

/** One machine as asked for by id. */
export function singleObservation(row: InstanceRow): Observation {
  const seen = listedObservation(row);
  const host = reachableHost(row.ipAddress);
  if (host === undefined) return seen;
  const address = addressAt(host, row);
  return {
    ...seen,
    ...(address ? { address } : {}),
    ...(seen.phase === 'running' ? portsAt(host, row) : {}),
  };
}

/** A dedicated address shows no forwards at all and listens on 22 itself. */
function addressAt(host: string, row: InstanceRow): SshAddress | undefined {
  const forward = sshForward(row.portForwards);
  switch (forward.kind) {
    case 'forwarded':
      return { host, port: forward.port, user: LOGIN_USER };
    case 'none':
      return { host, port: SSH_PORT, user: LOGIN_USER };
    case 'other':
      return undefined;
  }
}

function portsAt(host: string, row: InstanceRow): Pick<Observation, 'openPorts' | 'ownHost'> {
  return sshForward(row.portForwards).kind === 'none'
    ? { ownHost: host }
    : { openPorts: openPortsAt(host, row.portForwards) };
}
