import { ProviderFailure } from '../../../domain/errors.ts';
import { microUsd } from '../../../domain/money.ts';
import type { LaunchOrder } from '../../../ports/provider.ts';
import { externalPortsFor, keptPorts } from '../free-ports.ts';
import { lacksPorts } from '../launch-failures.ts';
import type { OrderedMachine } from '../ordered-machine.ts';
import { SSH_PORT } from '../port-forwards.ts';
import type { Hostnode } from './hostnode-wire.ts';
import type { LaunchData } from './launch-data.ts';
import type { Network, Placement } from './mapping.ts';

export interface HostOrder {
  readonly site: LaunchData;
  readonly order: LaunchOrder;
  readonly machine: OrderedMachine;
}

/**
 * Pure: how an order is put at a host as it is seen right before. Throws a certain refusal where the host is not what the
 * offer said any more: the list that the offer came from is up to minutes old.
 */
export function placementAtHost(hostnode: Hostnode | undefined, wanted: HostOrder): Placement {
  if (!hostnode || !hasRoom(hostnode, wanted))
    throw taken('the host has not that much free any more');
  if (isDearer(hostnode, wanted)) throw taken('the host costs more than it did');
  return { at: { hostnode_id: hostnode.id }, network: networkAt(hostnode, wanted) };
}

function hasRoom(hostnode: Hostnode, { site, machine }: HostOrder): boolean {
  const { vcpus, ramGb, count } = site;
  return (
    (gpuOn(hostnode, site)?.availableCount ?? 0) >= count &&
    Math.min(hostnode.vcpus, hostnode.vcpusPerGpu * count) >= vcpus &&
    Math.min(hostnode.ramGb, hostnode.ramGbPerGpu * count) >= ramGb &&
    hostnode.diskGb >= machine.diskGb
  );
}

function isDearer(hostnode: Hostnode, { site, order }: HostOrder): boolean {
  const { vcpus, ramGb, count } = site;
  const { price, diskMicroUsdPerGbHour } = order.offer;
  const { per_vcpu_hr, per_gb_ram_hr, per_gb_storage_hr } = hostnode.pricing;
  return (
    microUsd((gpuOn(hostnode, site)?.price_per_hr ?? 0) * count) > price.gpu ||
    microUsd(per_vcpu_hr * vcpus) > price.cpu ||
    microUsd(per_gb_ram_hr * ramGb) > price.ram ||
    microUsd(per_gb_storage_hr * 1_000) / 1_000 > diskMicroUsdPerGbHour
  );
}

function gpuOn({ gpus }: Hostnode, { v0Name }: LaunchData): Hostnode['gpus'][number] | undefined {
  return gpus.find((gpu) => gpu.v0Name === v0Name);
}

/** The renter picks the external ports here. Who was promised an address of its own, and is a server, takes nothing else. */
function networkAt(hostnode: Hostnode, { site, order, machine }: HostOrder): Network {
  if (site.dedicatedIp && hostnode.hasPublicIp) return { kind: 'dedicated_ip' };
  if (site.dedicatedIp && order.workload.kind === 'entrypoint') {
    throw lacksPorts('the host has no free address');
  }
  const inside = [SSH_PORT, ...machine.ports];
  const outside = externalPortsFor(order.tag, keptPorts(hostnode.freePorts), inside.length);
  if (!outside) throw lacksPorts('the host has not that many free ports');
  const forwards = inside.map((internal, index) => ({
    internal,
    external: outside[index] ?? internal,
  }));
  return { kind: 'forwarded_ports', forwards };
}

function taken(detail: string): ProviderFailure {
  return new ProviderFailure({ kind: 'no_capacity', outcome: 'not_done', detail });
}
