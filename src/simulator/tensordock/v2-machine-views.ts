import type { Marketplace, SimInstance } from '../model.ts';
import { sumOf } from './dollars.ts';
import { v2ImageOf } from './images.ts';
import { forwardsOf } from './port-forwards.ts';

/** A row of the list: half snake case, half camel (fact sheet §6). */
export function listRow(market: Marketplace, machine: SimInstance) {
  return {
    id: machine.id,
    name: machine.label ?? '',
    status: statusOf(market, machine),
    ...addressOf(machine),
    gpu_model: machine.host.gpu.displayName,
    gpu_count: machine.gpuCount,
    vcpus: machine.vcpus,
    ram_gb: machine.ramGb,
    storage_gb: machine.diskGb,
    price_per_hour: sumOf(market.rate(machine.id)),
    created_at: new Date(machine.createdAt).toISOString(),
    location_id: machine.host.locationId,
  };
}

/** The single get as seen live. */
export function bareView(market: Marketplace, machine: SimInstance) {
  return {
    type: 'virtualmachine',
    id: machine.id,
    name: machine.label ?? '',
    status: statusOf(market, machine),
    ...addressOf(machine),
    portForwards: portForwardsOf(machine),
    rateHourly: sumOf(market.rate(machine.id)),
  };
}

/** The single get as the OpenAPI document has it. */
export function wrappedView(market: Marketplace, machine: SimInstance) {
  const { type, id, ...attributes } = bareView(market, machine);
  const resources = {
    vcpu_count: machine.vcpus,
    ram_gb: machine.ramGb,
    storage_gb: machine.diskGb,
    gpus: [{ gpuV0Name: machine.host.gpu.v0Name, count: machine.gpuCount }],
  };
  const location_id = machine.host.locationId;
  const image = v2ImageOf(machine.image);
  return { data: { type, id, attributes: { ...attributes, resources, location_id, image } } };
}

export function statusOf(market: Marketplace, machine: SimInstance): string {
  const isDeleting = machine.deletingUntil !== null && market.clock.now() < machine.deletingUntil;
  if (isDeleting) return 'deleting';
  switch (machine.state) {
    case 'loading':
      return 'starting';
    case 'broken':
      return 'error';
    case 'gone':
      // Only a lagging list still shows it: as it was when the list was made.
      return machine.endedBy === 'renter' ? 'deleting' : 'running';
    default:
      return machine.state;
  }
}

/** Comes 5 to 30 s after the create; there is no key for it before. */
function addressOf(machine: SimInstance): { readonly ipAddress?: string } {
  const isBooting = machine.state === 'creating' || machine.state === 'loading';
  return isBooting || machine.sshHost === '' ? {} : { ipAddress: machine.sshHost };
}

function portForwardsOf(machine: SimInstance) {
  if (addressOf(machine).ipAddress === undefined) return [];
  return forwardsOf(machine).map((forward) => ({
    protocol: forward.protocol,
    internal_port: forward.internalPort,
    external_port: forward.externalPort,
  }));
}
