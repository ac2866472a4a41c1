import { ProviderFailure } from '../../../domain/errors.ts';
import type { LaunchOrder, LaunchReceipt } from '../../../ports/provider.ts';
import { isUnauthorized, lacksPorts, lacksPublicIp, notLaunchable } from '../launch-failures.ts';
import { type OrderedMachine, orderedMachine } from '../ordered-machine.ts';
import { SSH_PORT } from '../port-forwards.ts';
import type { V2Client } from './client.ts';
import { placementAtHost } from './host-placement.ts';
import type { HostTrust } from './host-trust.ts';
import { type LaunchData, launchData } from './launch-data.ts';
import { createAttributes, type Placement } from './mapping.ts';

export interface LaunchParts {
  readonly client: V2Client;
  /** E.g. `ubuntu2204`. */
  readonly image: string;
  readonly trust: HostTrust;
}

/** One launch on its way: what was offered, what was ordered, and what its machine is. */
interface Launching {
  readonly site: LaunchData;
  readonly order: LaunchOrder;
  readonly machine: OrderedMachine;
}

/** One of the ways in which an order may be put. */
interface Way {
  readonly take: () => Promise<LaunchReceipt>;
  /** Whether the next way may still do after this refusal, which is a certain one. */
  readonly leadsOn: (refusal: ProviderFailure) => boolean;
}

/**
 * At the host that was chosen; else wherever its location puts it, on an address of its own; where that pool is empty,
 * with forwarded ports. None of these repeats a call that may have worked: each was refused for certain before the next.
 */
export async function launch(parts: LaunchParts, order: LaunchOrder): Promise<LaunchReceipt> {
  const site = launchData(order.offer.adapterData);
  if (!site) throw notLaunchable('the offer does not say how to launch it');
  if (order.bidPerHour !== undefined) throw notLaunchable('this API takes no bids');
  const machine = orderedMachine(order, parts.image);
  return firstThatDoes(waysTo(parts, { site, order, machine }));
}

async function firstThatDoes(ways: readonly Way[]): Promise<LaunchReceipt> {
  for (const [index, way] of ways.entries()) {
    try {
      return await way.take();
    } catch (error) {
      const isCertain = error instanceof ProviderFailure && error.outcome === 'not_done';
      if (index === ways.length - 1 || !isCertain || !way.leadsOn(error)) throw error;
    }
  }
  throw notLaunchable('there is no way to launch the offer');
}

function waysTo(parts: LaunchParts, launching: Launching): Way[] {
  const { hostnodeId, byLocation = true } = launching.site;
  const atLocation = byLocation ? locationWays(parts, launching) : [];
  const isDirect = hostnodeId !== undefined && (parts.trust.isTrusted() || !byLocation);
  return isDirect ? [hostWay(parts, launching, hostnodeId), ...atLocation] : atLocation;
}

/** A host that is full by now, or a call that the API does not take, says nothing of the location's other hosts. */
function hostWay(parts: LaunchParts, { site, order, machine }: Launching, hostnodeId: string): Way {
  return {
    take: async () => {
      const hostnode = await onceMoreIfUnauthorized(() => parts.client.hostnode(hostnodeId));
      const placement = placementAtHost(hostnode, { site, order, machine });
      return noting(parts.trust, create(parts, { site, machine, placement }));
    },
    leadsOn: ({ kind }) =>
      kind !== 'unauthorized' && kind !== 'insufficient_funds' && kind !== 'rate_limited',
  };
}

async function noting(trust: HostTrust, created: Promise<LaunchReceipt>): Promise<LaunchReceipt> {
  try {
    const receipt = await created;
    trust.worked();
    return receipt;
  } catch (error) {
    if (error instanceof ProviderFailure) trust.failed(error);
    throw error;
  }
}

/**
 * A dedicated address where the site has them, and forwarded ports where it has none or has run out. A server that was
 * promised an address is not put behind forwards: some sites take forwards and make none, and its port on a shared
 * address could be a stranger's.
 */
function locationWays(parts: LaunchParts, { site, order, machine }: Launching): Way[] {
  const at = { location_id: site.locationId };
  const isServer = order.workload.kind === 'entrypoint';
  const way = (network: Placement['network']): Way => ({
    take: () => create(parts, { site, machine, placement: { at, network } }),
    leadsOn: lacksPublicIp,
  });
  const forwarded = way({ kind: 'forwarded_ports', forwards: anyPorts(machine) });
  if (!site.dedicatedIp) return [forwarded];
  const dedicated = way({ kind: 'dedicated_ip' });
  if (!site.portForwarding) return [dedicated];
  return [dedicated, isServer ? NO_ADDRESS : forwarded];
}

const NO_ADDRESS: Way = {
  take: async () => {
    throw lacksPorts('the site has no free address');
  },
  leadsOn: () => false,
};

/** At a location the external ports are drawn by the marketplace, whichever are asked for. */
function anyPorts({ ports }: OrderedMachine): { internal: number; external: number }[] {
  return [SSH_PORT, ...ports].map((port) => ({ internal: port, external: port }));
}

interface Create {
  readonly site: LaunchData;
  readonly machine: OrderedMachine;
  readonly placement: Placement;
}

async function create(
  { client }: LaunchParts,
  { site, machine, placement }: Create,
): Promise<LaunchReceipt> {
  const attributes = createAttributes(site, placement, machine);
  return { id: await onceMoreIfUnauthorized(() => client.create(attributes)) };
}

/** A single 401 on a create has been seen while the same token worked elsewhere: it is asked once more, no sooner than the gate lets it. */
async function onceMoreIfUnauthorized<Value>(call: () => Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    return call();
  }
}
