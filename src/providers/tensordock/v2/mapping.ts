import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Observation, SshAddress } from '../../../domain/instance.ts';
import type { AdapterData, Offer } from '../../../domain/offer.ts';
import type { EpochMs } from '../../../domain/time.ts';
import { type MachineSize, offersOf } from '../listing.ts';
import { LOGIN_USER } from '../marketplace.ts';
import type { OrderedMachine } from '../ordered-machine.ts';
import { phaseOf, reasonOf } from '../phase.ts';
import { openPortsAt, SSH_PORT, sshForward } from '../port-forwards.ts';
import { hourlyRate, instant, reachableHost } from '../wire-values.ts';
import type { GpuRow, InstanceRow, LocationGpu, LocationRow } from './wire.ts';

/** By tier, documented as 1 to 3 in one place and 1 to 4 in another; 4 has been seen. */
const RELIABILITY_BY_TIER: readonly number[] = [0.9, 0.93, 0.97, 0.99];

/** What a launch needs again of the offer that it was decided on. */
const LaunchData = Type.Object({
  locationId: Type.String(),
  v0Name: Type.String(),
  count: Type.Integer({ minimum: 1 }),
  vcpus: Type.Integer({ minimum: 1 }),
  ramGb: Type.Integer({ minimum: 1 }),
  dedicatedIp: Type.Boolean(),
  portForwarding: Type.Boolean(),
});
export type LaunchData = Static<typeof LaunchData>;

export type Network = 'dedicated_ip' | 'forwarded_port';

/** Pure: the offers of one GPU model at one location; none where nobody could log in. */
export function offersAt(
  { location, gpu }: LocationGpu,
  defaults: MachineSize,
  fetchedAt: EpochMs,
): Offer[] {
  const network = networkOf(gpu);
  if (!network.dedicatedIp && !network.portForwarding) return [];
  return offersOf(
    {
      api: 'tensordock-v2',
      siteId: location.id,
      locationId: location.id,
      v0Name: gpu.v0Name,
      displayName: gpu.displayName ?? '',
      maxGpuCount: gpu.max_count,
      maxDiskGb: gpu.resources.max_storage_gb,
      size: sizeWithin(gpu.resources, defaults),
      rates: {
        gpu: gpu.price_per_hr,
        vcpu: gpu.pricing?.per_vcpu_hr ?? 0,
        ramGb: gpu.pricing?.per_gb_ram_hr ?? 0,
        diskGb: gpu.pricing?.per_gb_storage_hr ?? 0,
      },
      place: [location.city, location.stateprovince, location.country],
      reliability: reliabilityOf(location),
      extras: network.dedicatedIp ? {} : { sharesAddress: true },
      launchData: { locationId: location.id, ...network },
    },
    fetchedAt,
  );
}

/**
 * Where a location says nothing, a dedicated address is tried first: that is how every login that has been seen
 * came about, and some sites accept forwards and make none.
 */
function networkOf(gpu: GpuRow): {
  readonly dedicatedIp: boolean;
  readonly portForwarding: boolean;
} {
  return {
    dedicatedIp: gpu.network_features?.dedicated_ip_available ?? true,
    portForwarding: gpu.network_features?.port_forwarding_available ?? true,
  };
}

function sizeWithin(most: GpuRow['resources'], wanted: MachineSize): MachineSize {
  return {
    vcpus: Math.floor(Math.min(wanted.vcpus, most.max_vcpus)),
    ramGb: Math.floor(Math.min(wanted.ramGb, most.max_ram_gb)),
  };
}

function reliabilityOf({ tier }: LocationRow): number {
  const rank = Math.min(Math.max(Math.trunc(tier ?? 1), 1), RELIABILITY_BY_TIER.length);
  return RELIABILITY_BY_TIER[rank - 1] ?? 0;
}

/** Undefined for an offer that another version made, or that was tampered with. */
export function launchData(data: AdapterData): LaunchData | undefined {
  return Value.Check(LaunchData, data) ? data : undefined;
}

/** The attributes of a create. */
export function createAttributes(
  site: LaunchData,
  machine: OrderedMachine & { readonly network: Network },
): Record<string, unknown> {
  return {
    name: machine.tag,
    type: 'virtualmachine',
    image: machine.image,
    location_id: site.locationId,
    resources: {
      vcpu_count: site.vcpus,
      ram_gb: site.ramGb,
      storage_gb: Math.ceil(machine.diskGb),
      gpus: { [site.v0Name]: { count: site.count } },
    },
    ...networkAttributes(machine.network, machine.ports),
    ssh_key: machine.key,
    cloud_init: { runcmd: machine.commands },
  };
}

/** On a dedicated address everything is open. Elsewhere external ports are drawn by the marketplace, whichever are asked for. */
function networkAttributes(network: Network, ports: readonly number[]): Record<string, unknown> {
  switch (network) {
    case 'dedicated_ip':
      return { useDedicatedIp: true };
    case 'forwarded_port':
      return { port_forwards: [SSH_PORT, ...ports].map(forwardTo) };
  }
}

function forwardTo(port: number): Record<string, unknown> {
  return { protocol: 'tcp', internal_port: port, external_port: port };
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
